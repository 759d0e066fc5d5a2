/// What an address is good for. Only `public` ones are reached unless an operator has named the range.
package enum AddressClass: String, Sendable, CaseIterable {
    case `public`
    /// The address of no host, or of "this" network.
    case unspecified
    /// This machine.
    case loopback
    /// RFC 1918, and the unique local addresses of version 6.
    case `private`
    /// Between a provider and its customers (RFC 6598).
    case shared
    case linkLocal = "link-local"
    /// Where clouds tell their machines who they are, secrets included. Most lie in the ranges above; this is for the others.
    case metadata
    case multicast
    /// Documentation, benchmarks, protocols, and all that is not given out.
    case reserved
    /// Of version 6, with an address of version 4 in it that a translator or a tunnel would go to.
    case embedded

    /// The class of an address; the nearest range counts.
    package init(of address: IPAddress) {
        let table = address.isV6 ? Self.version6 : Self.version4
        if let row = table.first(where: { $0.range.contains(address) }) {
            self = row.class
        } else if address.isV6 {
            self = Self.ofGlobal(address)
        } else {
            self = .public
        }
    }

    private struct Row {
        let range: AddressRange
        let `class`: AddressClass

        init?(_ text: String, _ kind: AddressClass) {
            guard let range = AddressRange(text) else { return nil }
            self.range = range
            self.class = kind
        }
    }

    /// The registry of special addresses (RFC 6890 and what was added), narrow ranges before wide ones.
    private static let version4: [Row] = [
        ("168.63.129.16/32", AddressClass.metadata), ("169.254.169.254/32", .metadata),
        ("169.254.170.2/32", .metadata), ("100.100.100.200/32", .metadata), ("192.0.0.192/32", .metadata),
        ("0.0.0.0/8", .unspecified), ("10.0.0.0/8", .private), ("100.64.0.0/10", .shared),
        ("127.0.0.0/8", .loopback), ("169.254.0.0/16", .linkLocal), ("172.16.0.0/12", .private),
        ("192.0.0.0/24", .reserved), ("192.0.2.0/24", .reserved), ("192.88.99.0/24", .embedded),
        ("192.168.0.0/16", .private), ("198.18.0.0/15", .reserved), ("198.51.100.0/24", .reserved),
        ("203.0.113.0/24", .reserved), ("224.0.0.0/4", .multicast), ("240.0.0.0/4", .reserved),
    ].compactMap { Row($0.0, $0.1) }

    private static let version6: [Row] = [
        ("::/128", AddressClass.unspecified), ("::1/128", .loopback), ("::ffff:0:0/96", .embedded),
        ("::/96", .embedded),
        ("::ffff:0:0:0/96", .embedded), ("64:ff9b::/96", .embedded), ("64:ff9b:1::/48", .embedded),
        ("fd00:ec2::254/128", .metadata), ("fd20:ce::254/128", .metadata), ("fd00:42::42/128", .metadata),
        ("fc00::/7", .private), ("fe80::/10", .linkLocal), ("fec0::/10", .private), ("ff00::/8", .multicast),
        ("2001::/32", .embedded), ("2001::/23", .reserved), ("2001:db8::/32", .reserved), ("2002::/16", .embedded),
        ("3fff::/20", .reserved),
    ].compactMap { Row($0.0, $0.1) }

    /// Of what is in no row: 2000::/3 is given out to hosts, all else is not. An interface named by ISATAP has an address of
    /// version 4 behind it.
    private static func ofGlobal(_ address: IPAddress) -> AddressClass {
        let bytes = address.bytes
        guard bytes[0] & 0xE0 == 0x20 else { return .reserved }
        let isTunnelled = bytes[8] & 0xFD == 0 && bytes[9] == 0 && bytes[10] == 0x5E && bytes[11] == 0xFE
        return isTunnelled ? .embedded : .public
    }

    /// How many rows there are: a range that was mistyped would be missing.
    static var rowCounts: [Int] { [version4.count, version6.count] }
}
