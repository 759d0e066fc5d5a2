package import RunModel

/// Hears of the workspaces of a service, for metrics and the log. Called on any thread: must not block.
package protocol WorkspaceObserver: Sendable {
    func created(_ workspace: Workspace)
    /// There is no workspace.
    func refused(_ error: APIError)
    /// It gets a sandbox.
    func started(_ workspace: Workspace)
    /// Its sandbox is gone.
    func stopped(_ workspace: Workspace)
}
