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
        return log.count == count ? WorkspaceSettings(limits: limits) : nil
    }
}
