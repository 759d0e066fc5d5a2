internal import Reactor
internal import ServerSettings
internal import ServerTransport
internal import ServiceMetrics

/// Metrics of the process as a whole: its build, its bounds, its threads, its machine. Names and labels are part of the
/// interface: docs/metrics.md.
struct ProcessMetrics: Sendable {
    /// Nanoseconds between two measurements of a thread's delay.
    private static let interval: Int64 = 1_000_000_000

    private let delays: Histogram

    init(registry: MetricsRegistry, settings: ServerSettings, connections: Int) throws {
        try registry.addProcess()
        try registry.addHost()
        try registry.gauge("nestbox_build_info", help: "The version of this service; always 1.", labels: ["version"]) {
            [([Installation.version], 1)]
        }
        let limits: [(String, Int)] = [
            ("max_running_runs", settings.limits.running), ("max_queued_runs", settings.limits.queued),
            ("max_connections", connections), ("max_sessions", settings.limits.sessions),
            ("pool_sandboxes", settings.limits.parkedSandboxes),
        ]
        try registry.gauge(
            "nestbox_limit", help: "Bounds in force, by the setting that they come from.", labels: ["setting"]
        ) { limits.map { ([$0.0], Double($0.1)) } }
        delays = try registry.histogram(
            "nestbox_thread_delay_seconds", help: "How late a thread was, measured once a second.", labels: ["thread"],
            buckets: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
    }

    /// Measures the thread of a reactor from now on.
    func measure(_ reactor: Reactor, as thread: String) {
        let delays = delays
        reactor.add(reactor.newID()) {
            ReactorDelayProbe(interval: Self.interval) { delay in
                delays.observe(Double(delay) / 1e9, [thread])
                return true
            }
        }
    }

    /// Measures the threads of connections from now on.
    func measureConnections() {
        let delays = delays
        EventLoopDelay.measure(every: Self.interval) { delays.observe(Double($0) / 1e9, ["connections"]) }
    }
}
