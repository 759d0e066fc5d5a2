internal import RunModel

/// The whole environment of a program. Nothing of this process's own environment is in it.
enum RunEnvironment {
    static let base = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", "/box"), ("LANG", "C.UTF-8"), ("USER", "nestbox"),
    ]

    /// - Parameters:
    ///   - image: `KEY=VALUE` strings, which win over the base.
    ///   - request: wins over both; its names have been checked.
    static func make(image: [String], request: [String: String], isTerminal: Bool) -> [String] {
        var names: [String] = []
        var values: [String: String] = [:]
        func set(_ name: String, _ value: String) {
            if values.updateValue(value, forKey: name) == nil { names.append(name) }
        }
        for (name, value) in base { set(name, value) }
        if isTerminal { set("TERM", "xterm-256color") }
        for pair in image {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let name = parts.first, parts.count == 2 { set(String(name), String(parts[1])) }
        }
        for (name, value) in request.sorted(by: { $0.key < $1.key }) {
            set(name, value)
        }
        return names.map { "\($0)=\(values[$0] ?? "")" }
    }

    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= RunRequest.maximumEnvironmentNameBytes else {
            return false
        }
        func isLetter(_ byte: UInt8) -> Bool {
            (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
        }
        return isLetter(first) && name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
    }
}
