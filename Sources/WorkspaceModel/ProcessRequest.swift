package import SandboxSpec

/// A process as a client asks for it.
package struct ProcessRequest: Sendable, Equatable {
    package var arguments: [String]
    /// Below /box; /box itself when nil.
    package var directory: BoxPath?
    package var environment: [String: String] = [:]
    /// Written to it first; then its input ends, unless it is left open.
    package var input: [UInt8] = []
    package var keepsInputOpen = false
    /// It is ended after so many nanoseconds; never when nil.
    package var timeout: Int64?
    /// By which it can be asked for; unique among those of the workspace that live.
    package var name: String?
    package var restart = RestartPolicy.never
    package var terminal: TerminalSize?

    package init(arguments: [String]) {
        self.arguments = arguments
    }

    /// A line for the shell of the image.
    package init(command: String) {
        self.init(arguments: ["/bin/sh", "-c", command])
    }

    package static let maximumNameBytes = 32
    /// Nanoseconds.
    package static let timeoutRange: ClosedRange<Int64> = 1_000_000...86_400_000_000_000
    /// What may be written to it with the request.
    package static let maximumInputBytes = 1_048_576

    /// Names stand in paths, and none looks like a number of ours.
    package static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...maximumNameBytes).contains(bytes.count), let first = bytes.first,
            (0x61...0x7a).contains(first) || (0x41...0x5a).contains(first),
            bytes.allSatisfy({ byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
                default: false
                }
            })
        else { return false }
        return !(first == 0x70 && bytes.dropFirst().allSatisfy { (0x30...0x39).contains($0) } && bytes.count > 1)
    }

    package static let allowedName =
        "a letter, then up to \(maximumNameBytes - 1) letters, digits, -, _ and ., not p with a number"
}
