internal import RunModel
internal import RunService
internal import ServiceMetrics
internal import Synchronization
internal import Tenants

/// Metrics by tenant. Of a bounded number of tenants, those that came first; all others are `other`.
struct TenantMetrics: Sendable {
    /// Names keep their label until the service ends: a counter never goes back.
    private final class Names: Sendable {
        private let maximum: Int
        private let known = Mutex<Set<String>>([])

        init(maximum: Int) { self.maximum = maximum }

        func label(of tenant: String) -> String {
            known.withLock { known in
                if known.contains(tenant) { return tenant }
                guard known.count < maximum else { return "other" }
                known.insert(tenant)
                return tenant
            }
        }
    }

    static func watch(_ runs: RunService, _ registry: MetricsRegistry, maximum: Int) throws {
        let names = Names(maximum: maximum)
        let usage = runs.tenancy.usage
        // Those of the files that have used nothing would take all the names.
        @Sendable func seen() -> [TenantReport] {
            runs.tenantReports.filter { $0.running + $0.queued > 0 || $0.used.runs > 0 }
        }
        @Sendable func rows(_ values: [(String, Double)]) -> [([String], Double)] {
            values.sorted { $0.0 < $1.0 }.map { ([names.label(of: $0.0)], $0.1) }
        }
        try registry.counter(
            "nestbox_tenant_runs_total", help: "Runs and sessions accepted, by tenant.", labels: ["tenant"]
        ) { rows(usage.totals.map { ($0.key, Double($0.value.runs)) }) }
        try registry.counter(
            "nestbox_tenant_cpu_seconds_total", help: "Processor time of programs, by tenant.", labels: ["tenant"]
        ) { rows(usage.totals.map { ($0.key, $0.value.cpu / 1000) }) }
        try registry.counter(
            "nestbox_tenant_bytes_total", help: "Bytes of output, files and connections, by tenant.", labels: ["tenant"]
        ) { rows(usage.totals.map { ($0.key, Double($0.value.bytes)) }) }
        try registry.gauge(
            "nestbox_tenant_runs_in_flight", help: "Runs that have a place, by tenant.", labels: ["tenant"]
        ) { rows(seen().map { ($0.tenant, Double($0.running)) }) }
        try registry.gauge(
            "nestbox_tenant_runs_queued", help: "Runs that wait, by tenant.", labels: ["tenant"]
        ) { rows(seen().map { ($0.tenant, Double($0.queued)) }) }
    }
}
