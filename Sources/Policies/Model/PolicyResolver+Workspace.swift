internal import ConfigurationFiles
internal import RunModel

/// What a chain of policies says of workspaces. What no file says is as in `WorkspaceSettings.usual`.
extension PolicyResolver {
    func workspace(of chain: [PolicyDocument]) -> WorkspaceSettings? {
        var limits = WorkspaceLimits.usual
        let count = log.count
        for name in WorkspaceLimitName.allCases {
            if let given = first(chain, { $0.workspace.limits[name] }) { limits[name] = given.value }
        }
        for name in WorkspaceLimitName.allCases {
            guard let bound = name.bound, limits[name] > limits[bound] else { continue }
            if let given = first(chain, { $0.workspace.limits[name] }) {
                func text(_ name: WorkspaceLimitName) -> String {
                    Quantity.format(limits[name], as: QuantityKind(name.unit))
                }
                reject(
                    given, "workspace.\(name.rawValue)", found: text(name),
                    allowed: "at most \(text(bound)), which is workspace.\(bound.rawValue)")
            } else {
                limits[name] = limits[bound]
            }
        }
        let (minimum, maximum) = (
            first(chain) { $0.workspace.poolMinimum }, first(chain) { $0.workspace.poolMaximum }
        )
        let usual = WorkspaceSettings.usual
        let most = maximum.map(\.value) ?? Int64(usual.poolMaximum)
        if let minimum, minimum.value > most {
            reject(
                minimum, "workspace.pool.min", found: "\(minimum.value)",
                allowed: "at most \(most), which is workspace.pool.max")
        }
        guard log.count == count else { return nil }
        return WorkspaceSettings(
            limits: limits, poolMinimum: minimum.map { Int(clamping: $0.value) } ?? usual.poolMinimum,
            poolMaximum: Int(clamping: most))
    }
}
