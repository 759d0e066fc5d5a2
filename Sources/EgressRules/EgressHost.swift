/// A host that a program asks for: a name, or an address.
package enum EgressHost: Sendable, Hashable, CustomStringConvertible {
    /// Lower case, without a dot at the end.
    case name(String)
    case address(IPAddress)

    /// Reads a host as it stands in a request, an address of version 6 with or without brackets.
    ///
    /// - Returns: nil when it is neither: letters of A-Z, a-z, 0-9, `-` and `_` in labels of 1 to 63, 253 in all. A name that
    ///   ends in a number is none, since some resolvers take it for an address (`127.1`, `0x7f.1`).
    package init?(_ text: String) {
        var text = text[...]
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]") && text.utf8.count > 2
        if isBracketed { text = text.dropFirst().dropLast() }
        if let address = IPAddress(String(text)) {
            guard address.isV6 || !isBracketed else { return nil }
            self = .address(address)
            return
        }
        guard !isBracketed, let name = Self.name(text) else { return nil }
        self = .name(name)
    }

    /// A name in its one form; nil when it is none.
    static func name(_ text: Substring) -> String? {
        var text = text
        if text.hasSuffix(".") { text = text.dropLast() }
        guard (1...253).contains(text.utf8.count) else { return nil }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.allSatisfy(isLabel), let last = labels.last, !isNumber(last) else { return nil }
        return text.lowercased()
    }

    private static func isLabel(_ label: Substring) -> Bool {
        guard (1...63).contains(label.utf8.count), label.utf8.first != 0x2D, label.utf8.last != 0x2D else {
            return false
        }
        return label.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                || $0 == 0x5F
        }
    }

    /// Decimal, octal or hexadecimal, as inet_aton(3) takes it.
    private static func isNumber(_ label: Substring) -> Bool {
        let lower = label.lowercased()
        if lower.hasPrefix("0x") { return lower.dropFirst(2).utf8.allSatisfy { isHexadecimal($0) } }
        return label.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// As it stands before a colon and a port.
    package var description: String {
        switch self {
        case .name(let name): name
        case .address(let address): address.hostText
        }
    }
}

/// Where a program wants to be connected to.
package struct EgressTarget: Sendable, Hashable, CustomStringConvertible {
    package let host: EgressHost
    package let port: UInt16

    package init(host: EgressHost, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`; nil for anything else, and for port 0.
    ///
    /// - Parameter defaultPort: what stands for a port that is not there; nil when it has to be.
    package init?(_ text: String, defaultPort: UInt16? = nil) {
        let isBare = text.hasPrefix("[") ? text.hasSuffix("]") : !text.utf8.contains(UInt8(ascii: ":"))
        if isBare {
            guard let defaultPort, let host = EgressHost(text) else { return nil }
            self.init(host: host, port: defaultPort)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        let name = String(text[..<colon])
        // An address of version 6 has brackets, so that nobody has to guess which colon is the last.
        guard let host = EgressHost(name), name.hasPrefix("[") || !name.utf8.contains(UInt8(ascii: ":")) else {
            return nil
        }
        self.init(host: host, port: port)
    }

    /// A decimal number of 1 to 65535.
    package static func port(_ text: Substring) -> UInt16? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(text), port > 0
        else { return nil }
        return port
    }

    package var description: String { "\(host):\(port)" }
}
