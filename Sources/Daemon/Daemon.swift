internal import AccessKeys
internal import Glibc
internal import HTTPInterface
internal import Images
internal import JSONLogging
package import LinuxSystem
package import Logging
internal import RunAPI
internal import RunExecution
internal import RunModel
package import RunPlanning
internal import RunService
internal import SandboxPool
internal import SandboxSupply
package import ServerSettings
internal import ServerTransport
internal import ServiceLifecycle
internal import ServiceMetrics
internal import UnixSignals
package import WardenClient
internal import WebSockets

/// The service as a whole: everything made, connected and started, and ended in order.
package struct Daemon {
    /// Where wardens come from.
    package enum WardenSource {
        /// Started by a root process of ours, as often as needed.
        case keeper(WardenKeeper)
        /// Handed over by whoever started us; there is no other one.
        case socket(SharedDescriptor)
    }

    private let settings: ServerSettings
    let logger: Logger
    private let catalog: RunCatalog
    private let warden: WardenSource
    private let connections: Int
    private let access: AccessLog

    /// - Parameter connections: at once, as far as there are descriptors for them.
    package init(
        settings: ServerSettings, catalog: RunCatalog, warden: WardenSource, connections: Int, logger: Logger,
        access: AccessLog
    ) {
        self.access = access
        self.settings = settings
        self.connections = connections
        self.catalog = catalog
        self.warden = warden
        self.logger = logger
    }

    var logFormat: LineLogHandler.Format { settings["log_format"] == "text" ? .text : .json }

    /// Serves until it is told to stop.
    ///
    /// - Parameter onReady: is told the address, once connections are taken.
    package func run(onReady: @escaping @Sendable (String) -> Void) async throws {
        let logger = logger
        let warden = warden
        let supervisor = WardenSupervisor(
            connect: { () async throws(WardenError) -> WardenConnection in
                switch warden {
                case .keeper(let keeper): return try await keeper.makeWarden()
                case .socket(let handed):
                    guard let socket = handed.take() else { throw .disconnected }
                    return try await WardenConnection.adopt(socket: socket)
                }
            },
            report: { logger.error("the warden is gone", metadata: ["reason": "\($0)"]) })
        try await supervisor.start()

        let registry = MetricsRegistry()
        try registry.addProcess()
        let httpMetrics = try HTTPMetrics(registry: registry)
        let metrics = try RunMetrics(registry: registry)
        let poolMetrics = try PoolMetrics(registry: registry)
        let pools = PooledSandboxes(source: supervisor, bounds: poolBounds, observer: poolObserver(poolMetrics))
        try poolMetrics.watch(pools)
        pools.configure(catalog.pools)
        let runs = RunService(
            catalog: catalog, source: pools, settings: runSettings,
            observer: RunJournal(metrics: metrics, logger: logger))
        let status = RunAPIServices.WardenStatus(supervisor)
        try metrics.watch(runs, warden: status)
        let sockets = SocketRegistry()
        let services = try RunAPIServices(
            runs: runs, warden: status, pools: RunAPIServices.PoolReports(pools), settings: apiSettings,
            metrics: metrics, httpMetrics: httpMetrics, sockets: sockets, logger: logger)
        let interface = interfaceSettings
        let proxies = try trustedProxies()
        let router = HTTPRouter(
            try RouteTable(RunAPIRoutes.groups(services)), access: try accessControl(proxies), settings: interface,
            metrics: httpMetrics, sockets: sockets, logger: logger, accessLogger: access.logger)
        let server = try ServerAssembly(
            settings: settings, router: router, metrics: httpMetrics, memory: interface.memory, proxies: proxies,
            connections: connections, logger: logger)
        let scheme = settings.isTLS ? "https" : "http"
        let listener = server.listener { port in
            onReady("\(scheme)://\(ListenAddress(host: settings.host, port: port).text)")
        }
        let grace = Duration.nanoseconds(settings.number("shutdown_grace"))
        let group = GroupRun(patience: grace + DrainService.patience + .seconds(15), mourning: .seconds(5))
        let ending: Result<Void, any Error>
        do {
            try await group.run(
                [
                    SupervisorService(supervisor: supervisor),
                    PoolsService(pools: pools),
                    RunsService(runs: runs),
                    ReloadService(
                        catalog: catalog, pools: pools, certificates: server.certificates, access: access,
                        logger: logger),
                    listener,
                    // The first to stop: it lets runs end before anything they need goes away.
                    DrainService(runs: runs, sockets: sockets, grace: grace, logger: logger),
                ], stopping: await UnixSignalsSequence(trapping: [.sigterm, .sigint]), logger: logger)
            ending = .success(())
        } catch {
            let address = ListenAddress(host: settings.host, port: settings.port).text
            ending = .failure(ListenFailure(error, address: address) ?? error)
        }
        // Whoever started us may end all that is left of us at once; what the keeper sweeps up is swept up by then.
        if case .keeper(let keeper) = warden { await keeper.close() }
        try ending.get()
    }

    private func poolObserver(_ metrics: PoolMetrics) -> PooledSandboxes.Observer {
        let logger = logger
        return PooledSandboxes.Observer(
            changed: { pool, trouble in
                let metadata: Logger.Metadata = [
                    "policy": "\(pool.policy)", "image": "\(pool.image)", "step": "\(pool.step.rawValue)",
                    "reason": "\(trouble ?? "")",
                ]
                if trouble == nil {
                    logger.notice("sandboxes can be prepared again", metadata: metadata)
                } else {
                    logger.error("sandboxes cannot be prepared; runs start cold", metadata: metadata)
                }
            }, built: { metrics.built($0, nanoseconds: $1) })
    }

    private var poolBounds: PoolBounds {
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return PoolBounds(
            parked: settings.int("pool_sandboxes"), memory: settings.number("pool_memory"), builds: processors)
    }

    private var runSettings: RunService.Settings {
        let running = settings.int("max_running_runs")
        var runs = RunService.Settings(
            admission: AdmissionBounds(
                running: running, queued: settings.int("max_queued_runs"),
                runningPerClient: settings.int("max_running_per_client"),
                queuedPerClient: settings.int("max_queued_per_client"),
                share: max(running * settings.int("running_share") / 100, 1)),
            finished: FinishedRuns.Bounds(
                count: settings.int("finished_runs"), bytes: settings.int("finished_bytes"),
                age: settings.number("finished_for")),
            buffer: settings.int("run_buffer"), artifactBytes: settings.number("artifact_bytes"),
            compileCache: settings.int("compile_cache") == 0
                ? nil : CompileCache.Bounds(bytes: settings.int("compile_cache")))
        runs.queueTime = settings.number("queue_timeout")
        runs.deadlines.starting = settings.number("start_timeout")
        runs.deadlines.draining = settings.number("send_timeout")
        let every = settings.number("test_run_interval")
        runs.health = HealthMonitor.Bounds(every: every == 0 ? nil : every)
        return runs
    }

    private var apiSettings: RunAPISettings {
        var api = RunAPISettings(webFolder: settings["web"])
        api.maximumBody = settings.int("max_body")
        api.maximumMessage = settings.int("max_message")
        api.messagesPerSecond = settings.int("ws_messages_per_second")
        api.version = Self.version
        return api
    }

    private var interfaceSettings: InterfaceSettings {
        var interface = InterfaceSettings()
        interface.memory = ByteBudget(settings.int("body_memory"))
        interface.isTLS = settings.isTLS
        interface.embedOrigins = settings.list("embed_origins")
        return interface
    }

    package static let version = "0.3.0"

    private func trustedProxies() throws -> [AddressRange] {
        try settings.list("trusted_proxies").map { text in
            guard let range = AddressRange(text) else {
                throw ServerSettings.Mistakes(
                    lines: ["trusted_proxies: found \"\(text)\", allowed are blocks such as 10.0.0.0/8"])
            }
            return range
        }
    }

    private func accessControl(_ proxies: [AddressRange]) throws -> AccessControl {
        let logger = logger
        let keys: AccessControl.Keys =
            settings.asksForKeys
            ? .required(
                try KeyRing(
                    file: KeyFile(path: settings.keyFile),
                    report: { logger.error("keys could not be read again", metadata: ["reason": "\($0)"]) }))
            : .off
        if case .required(let ring) = keys, ring.count == 0 {
            logger.warning("keys are asked for and there are none: make one with 'nestbox key create NAME'")
        }
        return AccessControl(
            keys: keys, allowedHosts: settings.list("allowed_hosts"), listensOnLoopback: settings.isLoopback,
            corsOrigins: settings.list("cors_origins"), webSocketOrigins: settings.list("websocket_origins"),
            trustedProxies: proxies, ratePerMinute: settings.int("rate_per_minute"), burst: settings.int("rate_burst"))
    }
}
