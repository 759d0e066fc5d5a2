internal import HTTPInterface
internal import Logging
internal import NIOCore
internal import RunAPI
internal import ServerSettings
internal import ServerTransport
internal import ServiceLifecycle
internal import WebSockets

/// Puts the listener together: TLS where wanted, connection limits, HTTP/1.1 with WebSockets, access control, the APIs.
struct ServerAssembly {
    /// Nil without TLS.
    let certificates: ReloadingCertificates?
    private let settings: ServerSettings
    private let router: HTTPRouter
    private let memory: ByteBudget
    private let counter: ConnectionCounter
    private let proxies: [AddressRange]
    private let logger: Logger

    /// - Parameters:
    ///   - connections: at the same time, as far as there are descriptors for them.
    ///   - metrics: to which the number of connections is added.
    init(
        settings: ServerSettings, router: HTTPRouter, metrics: HTTPMetrics, memory: ByteBudget, proxies: [AddressRange],
        connections: Int, logger: Logger
    ) throws {
        self.settings = settings
        self.router = router
        self.memory = memory
        self.proxies = proxies
        self.logger = logger
        counter = ConnectionCounter(
            perAddress: settings.int("max_connections_per_address"), total: connections)
        try metrics.watch(counter)
        certificates =
            settings.isTLS
            ? try ReloadingCertificates(chain: settings["tls_certificate"], key: settings["tls_key"]) : nil
    }

    /// - Parameter onReady: called with the port, once connections are accepted.
    func listener(onReady: @escaping @Sendable (Int) -> Void) -> ListenerService {
        let router = router
        let child = HTTPServerChannel(
            configuration: configuration, decide: { router.decide($0, $1) },
            respond: { await router.respond(to: $0, from: $1) })
        let listener = HTTPListener(
            HTTPListener.Configuration(
                host: settings.host, port: settings.port, certificates: certificates, counter: counter,
                proxies: proxies), child: child, logger: logger)
        return ListenerService(listener: listener, onReady: onReady)
    }

    private var configuration: HTTPServerChannel.Configuration {
        var configuration = HTTPServerChannel.Configuration()
        configuration.deadlines.header = .nanoseconds(settings.number("header_timeout"))
        configuration.deadlines.body = .nanoseconds(settings.number("body_timeout"))
        configuration.deadlines.bodyRate = settings.int("body_rate")
        configuration.deadlines.idle = .nanoseconds(settings.number("idle_timeout"))
        configuration.deadlines.send = .nanoseconds(settings.number("send_timeout"))
        configuration.limits.idleLimit = .nanoseconds(settings.number("idle_timeout"))
        configuration.limits.pingInterval = .nanoseconds(settings.number("idle_timeout") / 2)
        configuration.limits.sendTimeout = .nanoseconds(settings.number("send_timeout"))
        configuration.limits.maximumMessageBytes = settings.int("max_message")
        configuration.limits.compresses = settings.number("websocket_compression") == 1
        configuration.limits.memory = memory
        configuration.refusal = { RunAPIErrors.body($0) }
        return configuration
    }
}

/// Listens, and serves what comes.
struct ListenerService: Service {
    let listener: HTTPListener
    let onReady: @Sendable (Int) -> Void

    func run() async throws {
        try await listener.run(onReady: onReady)
    }
}
