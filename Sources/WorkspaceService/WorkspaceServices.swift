internal import Egress
internal import Reactor
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSupply

/// What all workspaces of a service share.
struct WorkspaceServices: Sendable {
    let settings: WorkspaceService.Settings
    let plan: WorkspaceService.Planning
    let source: any SandboxSource
    let store: WorkspaceStore?
    let egress: EgressService?
    let reactor: Reactor
    let now: @Sendable () -> Int64
    let date: @Sendable () -> Int64
    /// Takes a place for one that is started; throws where there is none.
    let admit: @Sendable (Workspace, WorkspacePlan) throws(APIError) -> Void
    /// Whether an owner has something left of the day; throws `QUOTA_EXCEEDED`.
    let checkQuota: @Sendable (RunOwner) throws(APIError) -> Void
    /// Gives the place back.
    let retire: @Sendable (Workspace) -> Void
}
