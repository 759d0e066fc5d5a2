internal import HTTPInterface
internal import Logging
internal import NIOCore
internal import ServerSettings
internal import ServerTransport
internal import ServiceLifecycle
internal import WebSockets

/// Assembles the listener: TLS where configured, connection limits, HTTP/1.1 with WebSockets, access control, the APIs.
struct ServerAssembly {
    /// Nil without TLS.
    let certificates: ReloadingCertificates?
    private let settings: ServerSettings
    private let router: HTTPRouter
    private let memory: ByteBudget
    private let counter: ConnectionCounter
    private let proxies: [AddressRange]
    private let sockets: [Int32]
    private let logger: Logger

    /// - Parameters:
    ///   - connections: the most open connections, as far as there are descriptors for them.
    ///   - sockets: descriptors of listening sockets that this process was given; with none, it listens on the address of the settings.
    ///   - metrics: the registry that counts connections.
    init(
        settings: ServerSettings, router: HTTPRouter, metrics: HTTPMetrics, memory: ByteBudget, proxies: [AddressRange],
        connections: Int, sockets: [Int32], logger: Logger
    ) throws {
        self.sockets = sockets
        self.settings = settings
        self.router = router
        self.memory = memory
        self.proxies = proxies
        self.logger = logger
        counter = ConnectionCounter(
            perAddress: settings.limits.connectionsPerAddress, total: connections)
        try metrics.watch(counter)
        certificates =
            settings.listen.isTLS
            ? try ReloadingCertificates(chain: settings.listen.certificate, key: settings.listen.key) : nil
    }

    /// - Parameter onReady: called with the port, once connections are accepted.
    func listener(onReady: @escaping @Sendable (Int) -> Void) -> ListenerService {
        let router = router
        let child = HTTPServerChannel(
            configuration: configuration, decide: { router.decide($0, $1) },
            respond: { await router.respond(to: $0, from: $1) })
        let listener = HTTPListener(
            HTTPListener.Configuration(
                host: settings.listen.address.host, port: settings.listen.address.port, sockets: sockets,
                certificates: certificates, counter: counter, proxies: proxies), child: child, logger: logger)
        return ListenerService(listener: listener, onReady: onReady)
    }

    private var configuration: HTTPServerChannel.Configuration {
        var configuration = HTTPServerChannel.Configuration()
        configuration.deadlines.header = .nanoseconds(settings.timeouts.header)
        configuration.deadlines.body = .nanoseconds(settings.timeouts.body)
        configuration.deadlines.bodyRate = settings.timeouts.bodyRate
        configuration.deadlines.idle = .nanoseconds(settings.timeouts.idle)
        configuration.deadlines.send = .nanoseconds(settings.timeouts.send)
        configuration.limits.idleLimit = .nanoseconds(settings.timeouts.idle)
        configuration.limits.pingInterval = .nanoseconds(settings.timeouts.idle / 2)
        configuration.limits.sendTimeout = .nanoseconds(settings.timeouts.send)
        configuration.limits.maximumMessageBytes = settings.limits.message
        configuration.limits.compresses = settings.listen.compressesMessages
        configuration.limits.memory = memory
        let router = router
        configuration.refusal = { router.body(of: $0) }
        return configuration
    }
}

/// Listens, and serves connections.
struct ListenerService: Service {
    let listener: HTTPListener
    let onReady: @Sendable (Int) -> Void

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await listener.run(onReady: onReady)
            // Its last connection may end before the service does.
            if listener.hasLeft { try await gracefulShutdown() }
        } onGracefulShutdown: {
            listener.stop()
        }
    }
}
