package import RunModel

/// What a policy says of workspaces.
package struct WorkspaceSettings: Sendable, Equatable {
    /// What one may use.
    package let limits: WorkspaceLimits

    /// Where no policy of a chain says anything else.
    static let usual = WorkspaceSettings(limits: .usual)
}
