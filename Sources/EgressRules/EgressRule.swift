/// One entry of an allow-list: which hosts, on which port.
package struct EgressRule: Sendable, Hashable, CustomStringConvertible {
    package enum Hosts: Sendable, Hashable {
        case one(EgressHost)
        /// Every name below this one, by one or more labels, but not the name itself.
        case below(String)
        /// Every name; no address.
        case anyName
    }

    package let hosts: Hosts
    package let port: UInt16

    /// How an entry is written, for error messages.
    package static let form = "host:port, such as www.example.org:443 or *.example.org:443"

    /// Reads `www.example.org:443`, `*.example.org:443`, `*:443`, `192.0.2.7:5432` or `[2001:db8::1]:443`; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count <= 260 else { return nil }
        if text.hasPrefix("*:") {
            guard let port = EgressTarget.port(text.dropFirst(2)) else { return nil }
            self.init(.anyName, port)
        } else if text.hasPrefix("*.") {
            guard let target = EgressTarget(String(text.dropFirst(2))), case .name(let name) = target.host else {
                return nil
            }
            self.init(.below(name), target.port)
        } else {
            guard let target = EgressTarget(text) else { return nil }
            self.init(.one(target.host), target.port)
        }
    }

    private init(_ hosts: Hosts, _ port: UInt16) {
        self.hosts = hosts
        self.port = port
    }

    /// Whether a program may be connected there.
    package func allows(_ target: EgressTarget) -> Bool {
        guard target.port == port else { return false }
        return switch (hosts, target.host) {
        case (.one(let host), let wanted): host == wanted
        case (.below(let name), .name(let wanted)): wanted.hasSuffix(".\(name)")
        case (.anyName, .name): true
        case (_, .address): false
        }
    }

    /// Whether all that the other one allows is allowed by this one, too.
    package func covers(_ other: EgressRule) -> Bool {
        guard other.port == port else { return false }
        return switch (hosts, other.hosts) {
        case (_, .one(let host)): allows(EgressTarget(host: host, port: port))
        case (.below(let name), .below(let narrower)): narrower == name || narrower.hasSuffix(".\(name)")
        case (.anyName, .below), (.anyName, .anyName): true
        default: false
        }
    }

    /// As it is written.
    package var description: String {
        switch hosts {
        case .one(let host): "\(host):\(port)"
        case .below(let name): "*.\(name):\(port)"
        case .anyName: "*:\(port)"
        }
    }
}

/// Addresses that are not public and may be reached all the same, on one port.
package struct PrivateRange: Sendable, Hashable, CustomStringConvertible {
    package let range: AddressRange
    package let port: UInt16

    /// How an entry is written, for error messages.
    package static let form = "range:port, such as 10.1.2.0/24:443 or [fd00:1::/48]:443"

    /// Reads `10.1.2.0/24:443` or `[fd00:1::/48]:443`; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count <= 64, let colon = text.lastIndex(of: ":"),
            let port = EgressTarget.port(text[text.index(after: colon)...])
        else { return nil }
        var range = text[..<colon]
        let isBracketed = range.hasPrefix("[") && range.hasSuffix("]")
        if isBracketed { range = range.dropFirst().dropLast() }
        guard let found = AddressRange(String(range)), found.base.isV6 == isBracketed else { return nil }
        self.range = found
        self.port = port
    }

    package func contains(_ address: IPAddress, port: UInt16) -> Bool { port == self.port && range.contains(address) }

    package var description: String { range.base.isV6 ? "[\(range)]:\(port)" : "\(range):\(port)" }
}
