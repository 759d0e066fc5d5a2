/// What one sandbox may reach outside, and how much of it. From a policy, or less of it.
package struct EgressGrant: Sendable, Hashable {
    /// Where it may be connected to: what one of them allows. Empty: nowhere.
    package var rules: [EgressRule]
    /// Addresses that are not public and that it may be connected to when a rule allows the host.
    package var privateRanges: [PrivateRange]
    /// The most connections at a time.
    package var connections: Int
    /// The most bytes, both ways and over all connections together.
    package var bytes: Int64

    package static let connectionsRange: ClosedRange<Int64> = 1...256
    package static let usualConnections: Int64 = 32
    /// Bytes.
    package static let bytesRange: ClosedRange<Int64> = 1...(1 << 40)
    package static let usualBytes: Int64 = 1 << 30
    /// The most rules of one grant, those of its sets included.
    package static let maximumRules = 512
    package static let maximumPrivateRanges = 64

    package init(
        rules: [EgressRule], privateRanges: [PrivateRange] = [], connections: Int = Int(usualConnections),
        bytes: Int64 = usualBytes
    ) {
        self.rules = rules
        self.privateRanges = privateRanges
        self.connections = connections
        self.bytes = bytes
    }

    package func allows(_ target: EgressTarget) -> Bool { rules.contains { $0.allows(target) } }

    /// Why an address that a host has may not be connected to; nil when it may.
    package func refusal(of address: IPAddress, port: UInt16) -> AddressClass? {
        let found = AddressClass(of: address)
        if found == .public || privateRanges.contains(where: { $0.contains(address, port: port) }) { return nil }
        return found
    }

    /// Whether all that the other one allows is allowed by this one, too, by one rule each.
    package func covers(_ other: EgressRule) -> Bool { rules.contains { $0.covers(other) } }

    /// The first thing that the other one allows and this one does not, as it is written; nil when there is none.
    package func excess(of other: EgressGrant) -> String? {
        if let rule = other.rules.first(where: { !covers($0) }) { return rule.description }
        if let range = other.privateRanges.first(where: { !privateRanges.contains($0) }) { return range.description }
        if other.connections > connections { return "\(other.connections) connections" }
        return other.bytes > bytes ? "\(other.bytes) bytes" : nil
    }
}
