internal import Gateway
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import ServerSettings
internal import WebSockets

/// Puts the listener together: TLS where wanted, connection limits, HTTP/1.1 with WebSockets, the gateway.
struct ServerAssembly {
    let settings: ServerSettings
    let services: GatewayServices
    let logger: Logger
    /// Nil without TLS.
    let certificates: ReloadingCertificates?
    private let counter: ConnectionCounter

    /// - Parameter connections: at once, as far as there are descriptors for them.
    init(settings: ServerSettings, services: GatewayServices, connections: Int, logger: Logger) throws {
        self.settings = settings
        self.services = services
        self.logger = logger
        counter = ConnectionCounter(
            perAddress: settings.int("max_connections_per_address"), total: connections)
        try services.watch(counter)
        certificates =
            settings.isTLS
            ? try ReloadingCertificates(chain: settings["tls_certificate"], key: settings["tls_key"]) : nil
    }

    func application(onReady: @escaping @Sendable (Int) -> Void) -> Application<GatewayResponder> {
        Application(
            responder: GatewayResponder(services: services), server: builder,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { [logger] channel in
                // A listener that is gone already has nothing to pause.
                try? await channel.eventLoop.submit {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(logger: logger), position: .first)
                }.get()
                onReady(channel.localAddress?.port ?? 0)
            }, logger: logger)
    }

    private var builder: HTTPServerBuilder {
        let route = SocketRoute(services: services)
        let configuration = configuration
        let certificates = certificates
        let counter = counter
        let proxies = settings.list("trusted_proxies").compactMap { AddressRange($0) }
        return HTTPServerBuilder { responder in
            let channel = HTTP1WebSocketChannel(
                responder: responder, configuration: configuration, decide: { route.decide($0, $1) })
            guard let certificates else { return CountedServerChannel(channel, counter: counter, proxies: proxies) }
            return CountedServerChannel(
                TLSServerChannel(channel, certificates: certificates), counter: counter, proxies: proxies)
        }
    }

    private var configuration: HTTP1WebSocketChannel.Configuration {
        var configuration = HTTP1WebSocketChannel.Configuration()
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
        configuration.limits.memory = services.settings.memory
        configuration.refusal = { ConnectionRefusal.body($0) }
        configuration.handlers = { ConnectionHandlers.make() }
        return configuration
    }
}
