/// The proxies whose `X-Forwarded-For` is believed.
package struct ProxyTrust: Sendable {
    private static let maximumHops = 32
    private static let maximumBytes = 4096

    private let ranges: [AddressRange]

    package init(ranges: [AddressRange]) {
        self.ranges = ranges
    }

    /// The client behind trusted proxies: `X-Forwarded-For` is read from the right, as long as the writer of the entry is
    /// trusted; entries of an untrusted peer are only claims.
    package func client(peer: ClientAddress, forwardedFor: [String]) -> ClientAddress {
        guard trusts(peer) else { return peer }
        let header = forwardedFor.joined(separator: ",").utf8
        let end = header.suffix(Self.maximumBytes)
        var entries = end.split(separator: UInt8(ascii: ","))[...]
        // The first entry may then be half an address.
        if end.count < header.count { entries = entries.dropFirst() }
        var client = peer
        for entry in entries.reversed().prefix(Self.maximumHops) {
            guard let address = ClientAddress(Substring(entry)) else { return client }
            client = address
            if !trusts(address) { return client }
        }
        return client
    }

    private func trusts(_ address: ClientAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }
}
