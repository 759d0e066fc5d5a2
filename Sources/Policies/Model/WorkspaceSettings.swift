package import RunModel

/// What a policy says of workspaces: what one may use, and how many sandboxes are kept ready for them.
package struct WorkspaceSettings: Sendable, Equatable {
    package let limits: WorkspaceLimits
    /// Kept parked without requests; 0 to `maximum`.
    package let poolMinimum: Int
    /// The most that are parked; at least 1.
    package let poolMaximum: Int

    /// Where no policy of a chain says anything else.
    static let usual = WorkspaceSettings(limits: .usual, poolMinimum: 0, poolMaximum: 4)
}
