internal import ServerTransport

/// The host names this service answers to: the defence against DNS rebinding, where a foreign page resolves its own name to this service's
/// address.
struct HostPolicy: Sendable {
    private let allowed: [String]

    /// - Parameters:
    ///   - allowed: `name`, `name:port`, or `*.name` for all names below.
    ///   - listensOnLoopback: then, without a list, the service answers only to this machine's names.
    init(allowed: [String], listensOnLoopback: Bool) {
        let local = listensOnLoopback ? ["localhost", "127.0.0.1", "[::1]"] : []
        self.allowed = (allowed.isEmpty ? local : allowed).map { $0.lowercased() }
    }

    /// - Parameter host: the request's authority, as received.
    func allows(_ host: String?) -> Bool {
        guard let host, let (name, port) = Self.split(host) else { return false }
        if allowed.isEmpty { return true }
        return allowed.contains { entry in
            if entry.hasPrefix("*.") {
                return name.hasSuffix(entry.dropFirst()) && name.utf8.count > entry.utf8.count - 1
            }
            guard let (wanted, wantedPort) = Self.split(entry) else { return false }
            guard wanted == name else { return false }
            // Clients leave out the port that is standard for their scheme.
            return wantedPort == nil || wantedPort == port || (port == nil && (wantedPort == 80 || wantedPort == 443))
        }
    }

    /// Name and port in lower case; nil for anything but an authority without user information.
    static func split(_ host: String) -> (name: String, port: UInt16?)? {
        // ASCII before anything else: lower case makes ASCII of some letters that are not.
        guard (1...255).contains(host.utf8.count), host.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return nil
        }
        let text = host.lowercased()
        var name = text[...]
        var port: UInt16?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"), text[..<end].contains(":"), ClientAddress(text[...end]) != nil
            else {
                return nil
            }
            name = text[...end]
            let rest = text[text.index(after: end)...]
            if !rest.isEmpty {
                guard rest.first == ":", let number = number(rest.dropFirst()) else { return nil }
                port = number
            }
            return (String(name), port)
        }
        if let colon = text.firstIndex(of: ":") {
            guard let number = number(text[text.index(after: colon)...]) else { return nil }
            (name, port) = (text[..<colon], number)
        }
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            default: false
            }
        }
        // A name with a trailing dot is the same host and must not bypass the list.
        guard isName, !name.isEmpty, !name.hasSuffix("."), !name.hasPrefix(".") else { return nil }
        return (String(name), port)
    }

    private static func number(_ text: Substring) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(text)
    }
}
