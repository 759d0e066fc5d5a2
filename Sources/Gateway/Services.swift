internal import AccessKeys
package import Logging
internal import RunModel
package import RunService
package import SandboxSupply

/// All the gateway works with. Made once, by whoever composes the service.
package struct GatewayServices: Sendable {
    package let runs: RunService
    package let warden: WardenStatus
    package let pools: PoolReports
    package let settings: GatewaySettings
    let doors: Doors
    let metrics: GatewayMetrics
    let assets: Assets
    let sockets = SocketRegistry()
    let refusedOrigins = RefusedOrigins()
    let logger: Logger
    /// One record for each request; nil when nobody wants them.
    let accessLogger: Logger?

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
        runs: RunService, warden: WardenStatus, pools: PoolReports = PoolReports(), settings: GatewaySettings,
        doors: Doors, metrics: GatewayMetrics,
        logger: Logger, accessLogger: Logger? = nil
    ) throws {
        self.runs = runs
        self.warden = warden
        self.pools = pools
        self.settings = settings
        self.doors = doors
        self.metrics = metrics
        self.logger = logger
        self.accessLogger = accessLogger
        assets = try Assets(web: settings.webFolder, codeMirror: settings.codeMirrorFolder)
    }

    /// Browsers tell a page nothing of why it was refused, so whoever looks into the log has to learn it.
    func logRefused(origin: String, setting: String) {
        guard refusedOrigins.isNew("\(setting) \(origin)") else { return }
        logger.notice("origin refused", metadata: ["origin": "\(origin.prefix(256))", "setting": "\(setting)"])
    }

    /// Counts the connections in /metrics.
    package func watch(_ counter: ConnectionCounter) throws {
        try metrics.watch(counter)
    }

    /// Says goodbye to all WebSockets.
    package func closeSockets() async {
        await sockets.closeAll()
    }
}
