package import APIFormat
package import HTTPInterface
package import Logging
package import RunModel
package import RunService
package import SandboxSupply

/// The services that this API uses. Created once, by the composition of the service.
package struct RunAPIServices: Sendable {
    package let runs: RunService
    package let warden: WardenStatus
    package let pools: PoolReports
    package let settings: RunAPISettings
    /// Of the listener: open connections and sockets.
    package let sockets: SocketRegistry
    /// Another API's messages on the same socket; nil when there is none.
    let socketExtension: (any SocketExtension)?
    let metrics: RunMetrics
    let httpMetrics: HTTPMetrics
    /// What else health reports, and what is wrong with it; none of these keeps runs from working.
    let conditions: @Sendable () -> [(name: String, problem: String?)]
    let sessions: @Sendable () -> SessionCounts
    let assets: Assets
    let logger: Logger

    /// The warden's status, for status pages.
    package struct WardenStatus: Sendable {
        let read: @Sendable () -> (isReady: Bool, status: WardenSupervisor.Status)

        package init(_ supervisor: WardenSupervisor) {
            read = { (supervisor.isReady, supervisor.status) }
        }

        /// For tests without a warden.
        package init(isReady: Bool, status: WardenSupervisor.Status = WardenSupervisor.Status()) {
            read = { (isReady, status) }
        }
    }

    /// How many live sessions there are, for status pages: they belong to another API.
    package struct SessionCounts: Encodable, Sendable {
        let living: Int
        let ended: Int
        let stored: Int
        let maximum: Int

        /// - Parameters:
        ///   - ended: those that are kept, so that their end can be read.
        ///   - maximum: that may live at the same time.
        package init(living: Int = 0, ended: Int = 0, stored: Int = 0, maximum: Int = 0) {
            self.living = living
            self.ended = ended
            self.stored = stored
            self.maximum = maximum
        }
    }

    /// The pools' status, for status pages.
    package struct PoolReports: Sendable {
        let reports: @Sendable () -> [PooledSandboxes.Report]

        package init(_ pools: PooledSandboxes) {
            reports = { pools.reports }
        }

        /// For tests without pools.
        package init(fixed: [PooledSandboxes.Report] = []) {
            reports = { fixed }
        }
    }

    /// Whether runs do not work, as far as is known; as `/readyz`.
    package static func isFailing(_ runs: RunService, _ warden: WardenStatus) -> Bool {
        HealthReport(runs, warden: warden.read()).isFailing
    }

    /// What `/readyz` says: `ok`, `degraded` or `failing`, and why.
    package func health() -> (status: String, reasons: [String]) {
        let report = HealthReport(runs, warden: warden.read(), conditions: conditions())
        return (report.status.rawValue, report.reasons)
    }

    /// The pools as `GET /api/v1/pools` has them.
    package var poolReports: [PoolReport] { pools.reports().map(PoolReport.init) }

    /// - Parameters:
    ///   - socketExtension: another API's messages on the socket of this one.
    ///   - sessions: how many there are; must not wait.
    ///   - conditions: further checks for `/readyz` and `/api/v1/health`, by name, with what is wrong; must not wait.
    /// - Throws: when the page's files are missing.
    package init(
        runs: RunService, warden: WardenStatus, pools: PoolReports = PoolReports(), settings: RunAPISettings,
        metrics: RunMetrics, httpMetrics: HTTPMetrics, sockets: SocketRegistry,
        socketExtension: (any SocketExtension)? = nil,
        sessions: @escaping @Sendable () -> SessionCounts = { SessionCounts() },
        conditions: @escaping @Sendable () -> [(name: String, problem: String?)] = { [] }, logger: Logger
    ) throws {
        self.runs = runs
        self.warden = warden
        self.pools = pools
        self.settings = settings
        self.metrics = metrics
        self.httpMetrics = httpMetrics
        self.sockets = sockets
        self.socketExtension = socketExtension
        self.sessions = sessions
        self.conditions = conditions
        self.logger = logger
        assets = try Assets(web: settings.webDirectory, codeMirror: settings.codeMirrorDirectory)
    }
}
