internal import ServiceMetrics
internal import WorkspaceModel
internal import WorkspaceService

/// Metrics of workspaces. Names and labels are part of the interface: docs/metrics.md.
struct WorkspaceMetrics: Sendable {
    private let registry: MetricsRegistry
    private let starts: Counter
    private let stops: Counter
    private let refusals: Counter

    init(registry: MetricsRegistry) throws {
        self.registry = registry
        starts = try registry.counter(
            "nestbox_workspace_starts_total", help: "Starts of workspaces, the first ones included.", labels: [])
        stops = try registry.counter(
            "nestbox_workspace_stops_total", help: "Stops of workspaces, for whatever reason.", labels: [])
        refusals = try registry.counter(
            "nestbox_workspaces_refused_total", help: "Workspaces that were not created, by the code of the error.",
            labels: ["code"])
    }

    /// Adds the metrics that are looked up on request.
    func watch(_ workspaces: WorkspaceService) throws {
        try registry.gauge("nestbox_workspaces", help: "Workspaces, by state.", labels: ["state"]) {
            let states = workspaces.vitals.states
            return WorkspaceState.allCases.filter { $0 != .deleted }.map { ([$0.rawValue], Double(states[$0] ?? 0)) }
        }
        try registry.gauge("nestbox_workspace_processes", help: "Processes of workspaces that live.", labels: []) {
            [([], Double(workspaces.vitals.processes))]
        }
    }

    func started() { starts.add(1, []) }
    func stopped() { stops.add(1, []) }
    func refused(_ code: String) { refusals.add(1, [code]) }
}
