internal import AccessKeys
internal import AdminAPI
internal import Egress
internal import Examples
internal import FairQueue
internal import Glibc
internal import HTTPInterface
internal import Images
internal import JSONLogging
internal import JupyterAPI
package import LinuxSystem
internal import Logging
internal import OperationsAPI
internal import PlaygroundAPI
internal import Reactor
internal import RuleGenerations
internal import RunAPI
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxPool
internal import SandboxSupply
internal import ServerSettings
internal import ServerTransport
internal import ServiceLifecycle
internal import ServiceMetrics
internal import SessionAPI
internal import SessionExecution
internal import SessionService
internal import Tenants
internal import UnixSignals
package import WardenClient
internal import WebSockets
internal import WorkspaceAPI
internal import WorkspaceService

/// The service as a whole: creates, connects and starts all parts, and ends them in order.
package struct Daemon {
    /// The source of wardens.
    package enum WardenSource {
        /// Started by the keeper, as often as needed.
        case keeper(WardenKeeper)
        /// Passed as a descriptor by the parent process; there is only this one.
        case socket(SharedDescriptor)
    }

    let settings: ServerSettings
    let logger: Logger
    let catalog: RunCatalog
    private let examples: ExampleCatalog
    private let warden: WardenSource
    private let connections: Int
    private let access: AccessLog
    let audit: AuditJournal
    private let traces: Traces
    let files: ConfigurationSnapshot
    private let sockets: GivenSockets
    let manager: ServiceManager

    /// - Parameters:
    ///   - connections: the most open connections, as far as there are descriptors for them.
    ///   - examples: the examples in force.
    ///   - files: the files of policies and images, as they were before the catalog was read.
    ///   - sockets: those it was given to listen on; none for the address of the settings.
    init(
        settings: ServerSettings, catalog: RunCatalog, examples: ExampleCatalog, warden: WardenSource,
        connections: Int, logger: Logger, access: AccessLog, audit: AuditJournal, traces: Traces,
        files: ConfigurationSnapshot, sockets: GivenSockets, manager: ServiceManager
    ) {
        self.sockets = sockets
        self.manager = manager
        self.files = files
        self.audit = audit
        self.traces = traces
        self.access = access
        self.settings = settings
        self.connections = connections
        self.catalog = catalog
        self.examples = examples
        self.warden = warden
        self.logger = logger
    }

    var stateDirectory: String { settings.paths.state }

    private var egressSettings: EgressService.Settings {
        var egress = EgressService.Settings()
        egress.maximumConnections = settings.limits.egressConnections
        egress.parent = settings.access.egressProxy
        return egress
    }

    var logFormat: LineLogHandler.Format { LineLogHandler.Format(settings.log.format) }

    /// Serves until a signal stops it.
    ///
    /// - Parameter onReady: called with the address, once connections are accepted.
    package func run(onReady: @escaping @Sendable (String) -> Void) async throws {
        let logger = logger
        let warden = warden
        // One thread for the warden's messages and for all runs.
        let reactor = try Reactor()
        let supervisor = WardenSupervisor(
            connect: { () async throws(WardenError) -> WardenConnection in
                switch warden {
                case .keeper(let keeper): return try await keeper.makeWarden(reactor: reactor)
                case .socket(let handed):
                    guard let socket = handed.take() else { throw .disconnected }
                    return try await WardenConnection.adopt(socket: socket, reactor: reactor)
                }
            },
            report: { logger.error("the warden is gone", metadata: ["reason": "\($0)"]) })
        try await supervisor.start()

        let registry = MetricsRegistry()
        let processMetrics = try ProcessMetrics(registry: registry, settings: settings, connections: connections)
        processMetrics.measure(reactor, as: "runs")
        processMetrics.measureConnections()
        try audit.watch(registry)
        try traces.watch(registry)
        let httpMetrics = try HTTPMetrics(registry: registry)
        let metrics = try RunMetrics(registry: registry)
        let poolMetrics = try PoolMetrics(registry: registry)
        let pools = PooledSandboxes(source: supervisor, bounds: poolBounds, observer: poolObserver(poolMetrics))
        try poolMetrics.watch(pools)
        let reloader = reloader(pools, supervisor)
        try ReloadMetrics.watch(reloader, registry)
        pools.configure(catalog.pools)
        let compileCache = compileCache
        let egress = EgressService(egressSettings)
        try EgressMetrics.watch(egress, registry)
        try metrics.watch(compileCache)
        let recent = RecentOutcomes()
        let tenants = TenantJournal(state: stateDirectory, logger: logger)
        let tenancy = Tenancy(usage: tenants.usage, queued: settings.limits.queued) { [catalog] in
            catalog.content.tenants
        }
        let runs = RunService(
            catalog: catalog,
            executor: RunExecutor(
                source: pools, cache: compileCache, reactor: reactor, egress: egress),
            settings: runSettings,
            observer: RunJournal(
                metrics: metrics, recent: recent, traces: RunTraces(tracer: traces.tracer), logger: logger),
            tenancy: tenancy)
        try TenantMetrics.watch(runs, registry, maximum: settings.limits.metricTenants)
        let sessionReactor = try Reactor()
        processMetrics.measure(sessionReactor, as: "sessions")
        let sessions = try sessions(from: pools, tenancy, egress, registry, sessionReactor)
        let workspaceReactor = try Reactor()
        processMetrics.measure(workspaceReactor, as: "workspaces")
        let workspaces = try workspaces(from: pools, tenancy, egress, registry, workspaceReactor)
        let status = RunAPIServices.WardenStatus(supervisor)
        try metrics.watch(runs, warden: status)
        let webSockets = SocketRegistry()
        let sessionServices = SessionAPIServices(
            sessions: sessions, metrics: try SessionAPIMetrics(registry: registry), httpMetrics: httpMetrics,
            state: SessionAPIServices.ServiceState(
                isFailing: { RunAPIServices.isFailing(runs, status) },
                parked: { Self.parkedForSessions(pools) }), logger: logger)
        let services = try RunAPIServices(
            runs: runs, warden: status, pools: RunAPIServices.PoolReports(pools), settings: apiSettings,
            metrics: metrics, httpMetrics: httpMetrics, sockets: webSockets,
            socketExtension: SessionSockets(services: sessionServices), sessions: { Self.counts(sessions) },
            conditions: { [audit, examples] in
                [
                    ("audit", audit.problem), ("policies", reloader.status.problem), ("examples", examples.problem),
                ]
            }, logger: logger)
        let workspaceServices = WorkspaceAPIServices(
            workspaces: workspaces, examples: examples,
            settings: WorkspaceAPISettings(image: settings.paths.workspaceImage),
            metrics: try WorkspaceAPIMetrics(registry: registry), httpMetrics: httpMetrics, logger: logger)
        let jupyter = JupyterServices(
            sessions: sessions, runs: runs, languages: { [catalog] in Self.kernels(catalog) },
            settings: jupyterSettings, httpMetrics: httpMetrics, logger: logger)
        let operations = OperationsServices(
            runs: runs, sessions: sessions, recent: recent,
            reports: OperationsServices.Reports(
                health: { services.health() }, pools: { services.poolReports },
                warden: { (supervisor.isReady, supervisor.status) }, websockets: { webSockets.count },
                policies: { AdminOverview.Policies(reloader.status) }),
            audit: audit.log, version: Installation.version, logger: logger)
        let playground = PlaygroundServices(
            examples: examples, runs: runs, perMinute: settings.limits.examplesPerMinute, streams: metrics.streams,
            logger: logger)
        let interface = interfaceSettings
        let proxies = trustedProxies
        let router = HTTPRouter(
            try RouteTable(
                RunAPIRoutes.groups(services) + PlaygroundRoutes.groups(playground)
                    + SessionAPIRoutes.groups(sessionServices) + WorkspaceAPIRoutes.groups(workspaceServices)
                    + JupyterRoutes.groups(jupyter)
                    + AdminAPIRoutes.groups(
                        AdminAPIServices(reloader: reloader, audit: audit.log, logger: logger))
                    + OperationsRoutes.groups(operations)),
            access: try accessControl(proxies, tenancy), settings: interface, metrics: httpMetrics, sockets: webSockets,
            logger: logger, accessLogger: access.logger, tracer: traces.tracer)
        let server = try ServerAssembly(
            settings: settings, router: router, metrics: httpMetrics, memory: interface.memory, proxies: proxies,
            connections: connections, sockets: sockets.descriptors, logger: logger)
        let scheme = settings.listen.isTLS ? "https" : "http"
        let addresses = sockets.addresses
        let listener = server.listener { [manager] port in
            let own = [ListenAddress(host: settings.listen.address.host, port: port)]
            let urls = (addresses.isEmpty ? own : addresses).map { "\(scheme)://\($0.text)" }
            onReady(urls.joined(separator: " "))
            manager.ready("listens on \(urls.joined(separator: " "))")
        }
        let handover = Handover(isShared: !sockets.isEmpty)
        let grace = Duration.nanoseconds(settings.timeouts.shutdown)
        let group = GroupRun(timeout: grace + DrainService.timeout + .seconds(15), failureGrace: .seconds(5))
        let ending: Result<Void, any Error>
        do {
            try await group.run(
                [
                    // Stops last: it sends the spans of what ends before.
                    TraceService(exporter: traces.exporter),
                    WatchdogService(manager: manager, reactors: [reactor, sessionReactor, workspaceReactor]),
                    SupervisorService(supervisor: supervisor),
                    PoolsService(pools: pools),
                    RunsService(runs: runs),
                    SessionsService(sessions: sessions),
                    WorkspacesService(workspaces: workspaces),
                    TenantService(journal: tenants),
                    ReloadService(
                        reloader: reloader, examples: ExamplesService(catalog: examples, logger: logger),
                        certificates: server.certificates, access: access, manager: manager, logger: logger),
                    AuditService(journal: audit, logger: logger),
                    listener,
                    // Stops first: it lets runs end before the parts that they need are stopped.
                    DrainService(
                        runs: runs, sessions: sessions, workspaces: workspaces, sockets: webSockets,
                        leave: { [audit, tenants] in
                            guard handover.happens else { return false }
                            listener.listener.leave()
                            audit.leave()
                            tenants.leave()
                            return true
                        }, manager: manager, grace: grace, logger: logger),
                ],
                stopping: await UnixSignalsSequence(trapping: [.sigterm, .sigint, .sigusr2]).map { signal in
                    handover.note(signal)
                    return signal
                }, logger: logger)
            ending = .success(())
        } catch {
            let address = ListenAddress(host: settings.listen.address.host, port: settings.listen.address.port).text
            ending = .failure(ListenFailure(error, address: address) ?? error)
        }
        // The parent process may kill the remaining processes as soon as this one exits; the keeper has swept by then.
        if case .keeper(let keeper) = warden { await keeper.close() }
        try ending.get()
    }

    private static func counts(_ sessions: SessionService) -> RunAPIServices.SessionCounts {
        let vitals = sessions.vitals
        return RunAPIServices.SessionCounts(
            living: vitals.living, ended: vitals.ended, stored: vitals.stored,
            maximum: vitals.maximum)
    }

    private static func parkedForSessions(_ pools: PooledSandboxes) -> Int {
        pools.reports.reduce(0) { $1.description.step == .session ? $0 + $1.status.parked : $0 }
    }

    private func poolObserver(_ metrics: PoolMetrics) -> PooledSandboxes.Observer {
        let logger = logger
        return PooledSandboxes.Observer(
            changed: { pool, lastError in
                let metadata: Logger.Metadata = [
                    "policy": "\(pool.policy)", "image": "\(pool.image)", "step": "\(pool.step.rawValue)",
                    "reason": "\(lastError ?? "")",
                ]
                if lastError == nil {
                    logger.notice("sandboxes can be prepared again", metadata: metadata)
                } else {
                    logger.error("sandboxes cannot be prepared; runs start cold", metadata: metadata)
                }
            }, built: { metrics.built($0, nanoseconds: $1) })
    }

    /// Sessions live on a reactor of their own: no run waits for them.
    private func sessions(
        from pools: PooledSandboxes, _ tenancy: Tenancy, _ egress: EgressService, _ registry: MetricsRegistry,
        _ reactor: Reactor
    ) throws -> SessionService {
        var limits = SessionService.Settings(
            sessions: settings.limits.sessions, sessionsPerOwner: settings.limits.sessionsPerOwner,
            historyBytes: settings.limits.sessionHistory)
        limits.endedSessions = settings.limits.endedSessions
        limits.endedBytes = settings.limits.endedSessionMemory
        limits.endedFor = settings.timeouts.endedSessions
        limits.bounds.starting = settings.timeouts.start
        let catalog = catalog
        let metrics = try SessionMetrics(registry: registry)
        let sessions = SessionService(
            settings: limits, plan: { (request) throws(APIError) in try catalog.planner.session(request) },
            source: pools, store: sessionStore, tenancy: tenancy, reactor: reactor, egress: egress,
            observer: SessionJournal(metrics: metrics, traces: RunTraces(tracer: traces.tracer), logger: logger),
            now: { monotonicNow() })
        try metrics.watch(sessions)
        return sessions
    }

    /// Nil where nothing is to be stored, or cannot be: sessions work without it.
    private var sessionStore: SessionStore? {
        let directory = settings.paths.sessions
        guard directory != "off" else { return nil }
        let logger = logger
        do throws(SystemCallError) {
            let store = try SessionStore(
                directory: directory, bounds: .init(perOwner: settings.limits.storedSessionsPerOwner),
                report: { logger.error("a stored session cannot be read", metadata: ["reason": "\($0)"]) })
            logger.debug("stored sessions", metadata: ["count": .stringConvertible(store.count)])
            return store
        } catch {
            logger.warning(
                "sessions cannot be stored", metadata: ["session_store": "\(directory)", "reason": "\(error)"])
            return nil
        }
    }

    private var poolBounds: PoolBounds {
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return PoolBounds(
            parked: settings.limits.parkedSandboxes, memory: Int64(settings.limits.parkedMemory), builds: processors)
    }

    private var compileCache: CompileCache? {
        settings.limits.compileCache.map { CompileCache(bounds: .init(bytes: $0)) }
    }

    private var runSettings: RunService.Settings {
        let running = settings.limits.running
        var runs = RunService.Settings(
            admission: AdmissionBounds(
                running: running, queued: settings.limits.queued,
                runningPerClient: settings.limits.runningPerClient,
                queuedPerClient: settings.limits.queuedPerClient,
                share: max(running * settings.limits.runningShare / 100, 1)),
            finished: FinishedRuns.Bounds(
                count: settings.limits.finishedRuns, bytes: settings.limits.finishedMemory,
                age: settings.timeouts.finished),
            buffer: settings.limits.runBuffer, artifactBytes: Int64(settings.limits.artifacts))
        runs.queueTime = settings.timeouts.queue
        runs.deadlines.starting = settings.timeouts.start
        runs.deadlines.draining = settings.timeouts.send
        runs.health = HealthMonitor.Bounds(every: settings.timeouts.testRun)
        return runs
    }

    private var interfaceSettings: InterfaceSettings {
        var interface = InterfaceSettings()
        interface.memory = ByteBudget(settings.limits.bodyMemory)
        interface.isTLS = settings.listen.isTLS
        interface.embedOrigins = settings.access.embedOrigins
        return interface
    }

    private var trustedProxies: [AddressRange] {
        settings.access.trustedProxies.map { AddressRange(address: $0.address, prefixLength: $0.prefixLength) }
    }

    private func accessControl(_ proxies: [AddressRange], _ tenancy: Tenancy) throws -> AccessControl {
        let logger = logger
        let keys: AccessControl.Keys =
            settings.asksForKeys
            ? .required(
                try KeyRing(
                    file: KeyFile(path: settings.paths.keys),
                    report: { logger.error("keys could not be read again", metadata: ["reason": "\($0)"]) }))
            : .off
        if case .required(let ring) = keys, ring.count == 0 {
            logger.warning("keys are asked for and there are none: make one with 'nestbox key create NAME'")
        }
        return AccessControl(
            keys: keys,
            tenantRate: { key in
                let tenant = tenancy.tenant(of: key.map { RunOwner($0) } ?? .anyone)
                return tenant.rate.map { TenantRate(name: tenant.name, perMinute: $0) }
            }, onRefusedKey: { [audit] in audit.refusedKey($0, address: $1) },
            allowedHosts: settings.access.allowedHosts,
            listensOnLoopback: settings.listen.address.isLoopback,
            corsOrigins: settings.access.corsOrigins, webSocketOrigins: settings.access.webSocketOrigins,
            trustedProxies: proxies, ratePerMinute: settings.limits.requestsPerMinute,
            burst: settings.limits.requestBurst)
    }
}
