internal import ConfigurationFiles
internal import RunModel
internal import SandboxSpec

/// Where each value of a policy was said.
extension PolicyResolver {
    /// By the keys of `Policy.values`; what is not here is as usual.
    func origins(of chain: [PolicyDocument]) -> [String: PolicyValue.Source] {
        var origins: [String: PolicyValue.Source] = [:]
        func note<Value>(_ key: String, _ value: (PolicyDocument) -> Located<Value>?) {
            if let found = chain.lazy.compactMap(value).first { origins[key] = .file(found.location) }
        }
        note("image") { $0.image }
        for name in LimitName.allCases {
            let key = "limits.\(name.rawValue)"
            note(key) { $0.limits[name] }
            if origins[key] == nil, let leader = name.leader { origins[key] = .follows("limits.\(leader.rawValue)") }
        }
        for name in LimitName.allCases {
            let key = "ceiling.\(name.rawValue)"
            note(key) { $0.ceiling[name] }
            guard origins[key] == nil else { continue }
            // As in `ceiling(of:limits:)`.
            let isLed = name.leader != nil && !chain.contains { $0.limits[name] != nil }
            let followed = isLed ? name.leader.map { "ceiling.\($0.rawValue)" } : nil
            origins[key] = .follows(followed ?? "limits.\(name.rawValue)")
        }
        note("network") { $0.network }
        note("ceiling.network") { $0.networkCeiling }
        if origins["ceiling.network"] == nil { origins["ceiling.network"] = .follows("network") }
        note("warn_at") { $0.warnAt }
        note("syscalls") { $0.allow?.first }
        note("pool.min") { $0.poolMinimum }
        note("pool.max") { $0.poolMaximum }
        note("pool.warm") { $0.warm }
        for name in SessionLimitName.allCases { note("session.\(name.rawValue)") { $0.session.limits[name] } }
        note("session.on_limit") { $0.session.onLimit }
        note("session.pool.min") { $0.session.poolMinimum }
        note("session.pool.max") { $0.session.poolMaximum }
        for name in WorkspaceLimitName.allCases { note("workspace.\(name.rawValue)") { $0.workspace.limits[name] } }
        return origins
    }
}
