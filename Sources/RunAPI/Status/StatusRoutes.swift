internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import LinuxSystem
internal import RunModel
internal import RunService
internal import SandboxPool
internal import SandboxSupply
internal import ServiceMetrics

/// The state of the service, for load balancers, people and Prometheus.
struct StatusRoutes: Sendable {
    let services: RunAPIServices
    private let startedAt = Timestamp.now()

    init(services: RunAPIServices) {
        self.services = services
    }

    private var report: HealthReport {
        HealthReport(services.runs, warden: services.warden.read(), conditions: services.conditions())
    }

    /// Whether the process need not be restarted.
    func alive() throws -> Reply {
        let report = report
        return report.isHopeless ? try .json(report, status: .serviceUnavailable) : .text("ok\n")
    }

    /// Whether the service accepts runs.
    func ready() throws -> Reply {
        let report = report
        if report.isFailing { return try .json(report, status: .serviceUnavailable) }
        // Runs of these start cold: slower than they should be, but correct. So it is reported, but is no reason to send no clients here.
        let unhealthy = services.pools.reports().compactMap { report in
            report.status.lastError.map {
                "unhealthy: \(report.description.image) (\(report.description.policy)): \($0)\n"
            }
        }
        return .text("ok\n" + report.reasons.map { "degraded: \($0)\n" }.joined() + unhealthy.joined())
    }

    func health(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let report = report
        return try .json(report, status: report.isFailing ? .serviceUnavailable : .ok)
    }

    private struct Status: Encodable {
        struct Runs: Encodable {
            let running: Int
            let queued: Int
            let kept: Int
        }
        struct Warden: Encodable {
            let ready: Bool
            let restarts: Int
        }
        let version: String
        let startedAt: String
        let runs: Runs
        let sessions: RunAPIServices.SessionCounts
        let warden: Warden
        let websockets: Int
        let stopping: Bool

        private enum CodingKeys: String, CodingKey {
            case version, runs, sessions, warden, websockets, stopping
            case startedAt = "started_at"
        }
    }

    func status(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let load = services.runs.load
        let warden = services.warden.read()
        return try .json(
            Status(
                version: services.settings.version, startedAt: Timestamp.text(milliseconds: startedAt),
                runs: Status.Runs(running: load.running, queued: load.waiting, kept: load.finished),
                sessions: services.sessions(),
                warden: Status.Warden(ready: warden.isReady, restarts: warden.status.restarts),
                websockets: services.sockets.count, stopping: services.runs.isClosed))
    }

    func metrics(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        var reply = Reply.bytes(
            Array(services.metrics.registry.text().utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        reply.isLive = true
        return reply
    }
}
