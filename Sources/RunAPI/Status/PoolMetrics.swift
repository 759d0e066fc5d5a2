internal import RunModel
package import SandboxPool
package import SandboxSupply
package import ServiceMetrics

/// Metrics of the pools. Names and labels are part of the interface: docs/metrics.md.
package struct PoolMetrics: Sendable {
    private static let labels = ["image", "policy", "step"]
    private let registry: MetricsRegistry
    private let buildSeconds: Histogram

    package init(registry: MetricsRegistry) throws {
        self.registry = registry
        buildSeconds = try registry.histogram(
            "nestbox_pool_build_seconds", help: "Time to prepare a sandbox.", labels: Self.labels,
            buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
    }

    /// Counts a sandbox that has been prepared.
    package func built(_ pool: PoolDescription, nanoseconds: Int64) {
        buildSeconds.observe(Double(nanoseconds) / 1e9, Self.values(pool))
    }

    /// Adds the metrics that are looked up on request.
    package func watch(_ pools: PooledSandboxes) throws {
        func values(_ value: @escaping @Sendable (PoolStatus) -> Double) -> @Sendable () -> [([String], Double)] {
            { pools.reports.map { (Self.values($0.description), value($0.status)) } }
        }
        func gauge(_ name: String, _ help: String, _ value: @escaping @Sendable (PoolStatus) -> Double) throws {
            try registry.gauge(name, help: help, labels: Self.labels, values(value))
        }
        func counter(_ name: String, _ help: String, _ value: @escaping @Sendable (PoolStatus) -> Int64) throws {
            try registry.counter(name, help: help, labels: Self.labels, values { Double(value($0)) })
        }
        try gauge("nestbox_pool_parked", "Sandboxes that wait for a run.") { Double($0.parked) }
        try gauge("nestbox_pool_leased", "Sandboxes of the pool's kind that runs hold.") { Double($0.leased) }
        try gauge("nestbox_pool_building", "Sandboxes being prepared.") { Double($0.building) }
        try gauge("nestbox_pool_target", "Sandboxes that should be parked now.") { Double($0.target) }
        try gauge("nestbox_pool_healthy", "Whether the last sandbox could be prepared.") { $0.lastError == nil ? 1 : 0 }
        try counter("nestbox_pool_hits_total", "Requests that found a sandbox parked, dead ones included.") { $0.hits }
        try counter("nestbox_pool_misses_total", "Requests that found none.") { $0.misses }
        try counter("nestbox_pool_evictions_total", "Parked sandboxes discarded in favour of other pools.") {
            $0.evicted
        }
        try counter("nestbox_pool_build_failures_total", "Sandboxes that could not be prepared.") { $0.failed }
        try registry.counter("nestbox_zygote_forks_total", help: "Sandboxes forked from interpreters.") {
            Double(pools.forks)
        }
    }

    private static func values(_ pool: PoolDescription) -> [String] {
        [pool.image, pool.policy, pool.step.rawValue]
    }
}
