internal import ConfigurationFiles
internal import EgressRules
internal import SandboxSpec

extension PolicyResolver {
    /// The network and its ceiling: each from the nearest policy that says it, as a whole.
    func network(of chain: [PolicyDocument]) -> PolicyNetwork? {
        guard let own = required(chain, "network", allowed: NetworkSetting.allowed, { $0.network }) else { return nil }
        let upper = first(chain) { $0.networkCeiling } ?? own
        let ceiling = upper.value.grant
        // With less as its ceiling nothing but that contradicts it.
        var excess: String?
        if own.value.access > upper.value.access {
            excess = own.value.access.name
        } else if let grant = own.value.grant {
            excess = ceiling?.excess(of: grant)
        }
        if let excess {
            contradict(chain, own, upper, excess)
            return nil
        }
        return PolicyNetwork(
            access: own.value.access, egress: own.value.grant, ceiling: upper.value.access, egressCeiling: ceiling,
            sets: Set(own.value.sets + upper.value.sets).sorted())
    }

    /// As with limits: said of whichever was written last.
    private func contradict(
        _ chain: [PolicyDocument], _ own: Located<NetworkSetting>, _ upper: Located<NetworkSetting>, _ excess: String
    ) {
        let access = own.value.access
        let ownAt = chain.firstIndex { $0.network != nil } ?? 0
        let upperAt = chain.firstIndex { $0.networkCeiling != nil } ?? 0
        let isKind = access > upper.value.access
        let most = isKind ? "at most \(upper.value.access.name)" : "what is in the ceiling"
        if ownAt <= upperAt {
            reject(
                own, "network", found: excess,
                allowed: isKind ? "\(most), the ceiling at \(upper.location)" : "\(most) at \(upper.location)")
        } else {
            reject(
                upper, "ceiling.network", found: isKind ? upper.value.access.name : "nothing that allows \(excess)",
                allowed: "at least \(isKind ? access.name : excess), the network at \(own.location)")
        }
    }
}
