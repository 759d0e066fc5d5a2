internal import ServiceMetrics
internal import SessionModel
internal import SessionService

/// Metrics of sessions. Names and labels are part of the interface: docs/metrics.md.
struct SessionMetrics: Sendable {
    private let registry: MetricsRegistry
    private let started: Counter
    private let ended: Counter
    private let refused: Counter
    private let cells: Counter
    private let cellSeconds: Histogram
    private let sessionSeconds: Histogram

    init(registry: MetricsRegistry) throws {
        self.registry = registry
        started = try registry.counter(
            "nestbox_sessions_started_total", help: "Sessions that were created.", labels: ["language"])
        ended = try registry.counter(
            "nestbox_sessions_ended_total", help: "Sessions that have ended.", labels: ["language", "verdict"])
        refused = try registry.counter(
            "nestbox_sessions_refused_total", help: "Sessions that were not created, by the code of the error.",
            labels: ["code"])
        cells = try registry.counter(
            "nestbox_cells_total", help: "Cells of sessions that have ended.", labels: ["language", "status"])
        cellSeconds = try registry.histogram(
            "nestbox_cell_seconds", help: "Time that cells were executed.", labels: ["language"],
            buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
        sessionSeconds = try registry.histogram(
            "nestbox_session_seconds", help: "Time that sessions lived.", labels: ["language"],
            buckets: [1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400])
    }

    /// Adds the metrics that are looked up on request.
    func watch(_ sessions: SessionService) throws {
        try registry.gauge("nestbox_sessions", help: "Sessions, by state.", labels: ["state"]) {
            let states = sessions.vitals.states
            return SessionState.allCases.filter { $0 != .stored }.map { ([$0.rawValue], Double(states[$0] ?? 0)) }
        }
    }

    func created(_ language: String) { started.add(1, [language]) }

    func refused(_ code: String) { refused.add(1, [code]) }

    func ended(_ session: Session, _ end: SessionEnd) {
        let summary = session.summary
        ended.add(1, [session.identity.language, end.verdict])
        let milliseconds = max(summary.lastActiveAt - summary.createdAt, 0)
        sessionSeconds.observe(Double(milliseconds) / 1000, [session.identity.language])
    }

    func cell(_ language: String, _ status: CellStatus, _ seconds: Double) {
        cells.add(1, [language, status.rawValue])
        cellSeconds.observe(seconds, [language])
    }
}
