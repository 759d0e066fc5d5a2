package import EgressRules
package import SandboxSpec

/// What the programs of a policy may reach, and what a request may ask for.
package struct PolicyNetwork: Sendable, Equatable {
    /// Where the request asks for nothing.
    package let access: NetworkAccess
    /// Present when `access` is `egress`.
    package let egress: EgressGrant?
    /// How much a request may ask for; at least `access`.
    package let ceiling: NetworkAccess
    /// Present when `ceiling` is `egress`; covers `egress`.
    package let egressCeiling: EgressGrant?
    /// The named sets that are in the grants, sorted.
    package let sets: [String]
}

/// What a request gets.
package struct GrantedNetwork: Sendable, Hashable {
    package let access: NetworkAccess
    /// Present when `access` is `egress`.
    package let egress: EgressGrant?

    package init(_ access: NetworkAccess, egress: EgressGrant? = nil) {
        self.access = access
        self.egress = egress
    }
}

extension Policy {
    /// The network of one request.
    ///
    /// - Parameters:
    ///   - wanted: the policy's own when nil.
    ///   - hosts: with `egress`, the hosts that it asks for, each allowed by one rule of the ceiling; all that the policy gives when nil.
    /// - Throws: `NetworkOverrideError` when it asks for more than the ceiling.
    package func network(
        overriding wanted: NetworkAccess?, hosts: [EgressRule]? = nil
    ) throws(NetworkOverrideError) -> GrantedNetwork {
        let wanted = wanted ?? network
        guard wanted <= networkCeiling else {
            throw NetworkOverrideError(policy: name, asked: wanted.name, ceiling: networkCeiling)
        }
        guard wanted == .egress, let ceiling = networks.egressCeiling else { return GrantedNetwork(wanted) }
        guard let hosts else { return GrantedNetwork(wanted, egress: networks.egress ?? ceiling) }
        if let host = hosts.first(where: { !ceiling.covers($0) }) {
            throw NetworkOverrideError(
                policy: name, asked: host.description, ceiling: networkCeiling, rules: ceiling.rules.map(\.description))
        }
        var grant = ceiling
        grant.rules = hosts
        return GrantedNetwork(wanted, egress: grant)
    }

    package var network: NetworkAccess { networks.access }

    /// How much of a network a request may ask for; at least `network`.
    package var networkCeiling: NetworkAccess { networks.ceiling }
}
