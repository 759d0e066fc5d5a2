package import HTTPInterface
package import Logging
package import RunService
package import SandboxSupply

/// All this API works with. Made once, by whoever composes the service.
package struct RunAPIServices: Sendable {
    package let runs: RunService
    package let warden: WardenStatus
    package let pools: PoolReports
    package let settings: RunAPISettings
    /// Of the listener: what is open.
    package let sockets: SocketRegistry
    let metrics: RunMetrics
    let httpMetrics: HTTPMetrics
    let assets: Assets
    let logger: Logger

    /// What status pages say of the warden.
    package struct WardenStatus: Sendable {
        let read: @Sendable () -> (isReady: Bool, status: WardenSupervisor.Status)

        package init(_ supervisor: WardenSupervisor) {
            read = { (supervisor.isReady, supervisor.status) }
        }

        /// For tests of everything but wardens.
        package init(isReady: Bool, status: WardenSupervisor.Status = WardenSupervisor.Status()) {
            read = { (isReady, status) }
        }
    }

    /// What status pages say of the pools.
    package struct PoolReports: Sendable {
        let reports: @Sendable () -> [PooledSandboxes.Report]

        package init(_ pools: PooledSandboxes) {
            reports = { pools.reports }
        }

        /// For tests of everything but pools.
        package init(fixed: [PooledSandboxes.Report] = []) {
            reports = { fixed }
        }
    }

    /// - Throws: when the page's files are missing.
    package init(
        runs: RunService, warden: WardenStatus, pools: PoolReports = PoolReports(), settings: RunAPISettings,
        metrics: RunMetrics, httpMetrics: HTTPMetrics, sockets: SocketRegistry, logger: Logger
    ) throws {
        self.runs = runs
        self.warden = warden
        self.pools = pools
        self.settings = settings
        self.metrics = metrics
        self.httpMetrics = httpMetrics
        self.sockets = sockets
        self.logger = logger
        assets = try Assets(web: settings.webDirectory, codeMirror: settings.codeMirrorDirectory)
    }
}
