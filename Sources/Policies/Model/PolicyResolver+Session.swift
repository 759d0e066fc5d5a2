internal import ConfigurationFiles
internal import RunModel

/// What a chain of policies says of sessions. What no file says is as in `SessionSettings.usual`: policies that were written
/// before there were sessions stay whole.
extension PolicyResolver {
    func session(of chain: [PolicyDocument]) -> SessionSettings? {
        var limits = SessionLimits.usual
        for name in SessionLimitName.allCases {
            if let given = chain.lazy.compactMap({ $0.session.limits[name] }).first { limits[name] = given.value }
        }
        let count = log.count
        for name in SessionLimitName.allCases {
            guard let bound = name.bound, limits[name] > limits[bound] else { continue }
            compare(name, bound, in: chain, &limits)
        }
        if let action = chain.lazy.compactMap(\.session.onLimit).first { limits.onLimit = action.value }
        if let action = chain.lazy.compactMap(\.session.onIdle).first { limits.onIdle = action.value }
        let minimum = chain.lazy.compactMap(\.session.poolMinimum).first
        let maximum = chain.lazy.compactMap(\.session.poolMaximum).first
        let usual = SessionSettings.usual
        let most = maximum.map(\.value) ?? Int64(usual.poolMaximum)
        if let minimum, minimum.value > most {
            reject(
                minimum, "session.pool.min", found: "\(minimum.value)",
                allowed: "at most \(most), which is session.pool.max" + (maximum.map { " at \($0.location)" } ?? ""))
        }
        guard log.count == count else { return nil }
        return SessionSettings(
            limits: limits, poolMinimum: minimum.map { Int(clamping: $0.value) } ?? usual.poolMinimum,
            poolMaximum: Int(clamping: most))
    }

    /// A limit that is above the one it cannot be above: said of whichever was written last. One that nobody wrote goes along.
    private func compare(
        _ name: SessionLimitName, _ bound: SessionLimitName, in chain: [PolicyDocument], _ limits: inout SessionLimits
    ) {
        let lowerAt = chain.firstIndex { $0.session.limits[name] != nil }
        let upperAt = chain.firstIndex { $0.session.limits[bound] != nil }
        func text(_ name: SessionLimitName) -> String { Quantity.format(limits[name], as: QuantityKind(name.unit)) }
        guard let lowerAt, let lower = chain[lowerAt].session.limits[name] else {
            limits[name] = limits[bound]
            return
        }
        guard let upperAt, let upper = chain[upperAt].session.limits[bound] else {
            return reject(
                lower, "session.\(name.rawValue)", found: text(name),
                allowed: "at most \(text(bound)), which is session.\(bound.rawValue) unless a policy sets it")
        }
        if lowerAt <= upperAt {
            reject(
                lower, "session.\(name.rawValue)", found: text(name),
                allowed: "at most \(text(bound)), which is session.\(bound.rawValue) at \(upper.location)")
        } else {
            reject(
                upper, "session.\(bound.rawValue)", found: text(bound),
                allowed: "at least \(text(name)), which is session.\(name.rawValue) at \(lower.location)")
        }
    }
}
