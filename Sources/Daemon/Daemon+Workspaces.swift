internal import Egress
internal import LinuxSystem
internal import Logging
internal import Reactor
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSupply
internal import ServerSettings
internal import ServiceMetrics
internal import WorkspaceService

extension Daemon {
    /// Workspaces live on a reactor of their own: no run and no session waits for them.
    func workspaces(
        from pools: PooledSandboxes, _ tenancy: Tenancy, _ egress: EgressService, _ registry: MetricsRegistry,
        _ reactor: Reactor
    ) throws -> WorkspaceService {
        let catalog = catalog
        let metrics = try WorkspaceMetrics(registry: registry)
        let workspaces = WorkspaceService(
            settings: WorkspaceService.Settings(
                workspaces: settings.limits.workspaces, perOwner: settings.limits.workspacesPerOwner,
                knownPerOwner: settings.limits.storedWorkspacesPerOwner),
            plan: { (request) throws(APIError) in try catalog.planner.workspace(request) }, source: pools,
            store: workspaceStore, tenancy: tenancy, reactor: reactor, egress: egress,
            observer: WorkspaceJournal(metrics: metrics, logger: logger), now: { monotonicNow() })
        try metrics.watch(workspaces)
        return workspaces
    }

    /// Nil where nothing is to be stored, or cannot be: stopped workspaces stay in memory then.
    private var workspaceStore: WorkspaceStore? {
        let directory = settings.paths.workspaces
        guard directory != "off" else { return nil }
        let logger = logger
        do throws(SystemCallError) {
            return try WorkspaceStore(
                directory: directory, bounds: .init(perOwner: settings.limits.storedWorkspacesPerOwner),
                report: { logger.error("a stored workspace cannot be read", metadata: ["reason": "\($0)"]) })
        } catch {
            logger.warning(
                "workspaces cannot be stored", metadata: ["workspace_store": "\(directory)", "reason": "\(error)"])
            return nil
        }
    }
}
