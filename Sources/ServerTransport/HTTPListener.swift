internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix

/// The listener of a service: accepts and counts connections, terminates TLS, serves HTTP/1.1 and WebSockets.
package struct HTTPListener: Sendable {
    package struct Configuration: Sendable {
        package let host: String
        /// 0 for any free port.
        package let port: Int
        /// Nil without TLS.
        package let certificates: ReloadingCertificates?
        package let counter: ConnectionCounter
        /// Peers with many clients behind them; they count only in the total.
        package let proxies: [AddressRange]

        package init(
            host: String, port: Int, certificates: ReloadingCertificates?, counter: ConnectionCounter,
            proxies: [AddressRange]
        ) {
            self.host = host
            self.port = port
            self.certificates = certificates
            self.counter = counter
            self.proxies = proxies
        }
    }

    private let configuration: Configuration
    private let child: HTTPServerChannel
    private let logger: Logger

    /// - Parameter child: sets up each connection.
    package init(_ configuration: Configuration, child: HTTPServerChannel, logger: Logger) {
        self.configuration = configuration
        self.child = child
        self.logger = logger
    }

    /// Listens and serves until the service group it belongs to is shut down.
    ///
    /// - Parameter onReady: called with the port, once connections are accepted.
    /// - Throws: why it cannot listen.
    package func run(onReady: @escaping @Sendable (Int) -> Void) async throws {
        let (counter, proxies) = (configuration.counter, configuration.proxies)
        guard let certificates = configuration.certificates else {
            return try await serve(CountedServerChannel(child, counter: counter, proxies: proxies), onReady)
        }
        let secure = TLSServerChannel(child, certificates: certificates)
        try await serve(CountedServerChannel(secure, counter: counter, proxies: proxies), onReady)
    }

    private func serve(_ child: some ServerChildChannel, _ onReady: @escaping @Sendable (Int) -> Void) async throws {
        let logger = logger
        let server = Server(
            childChannelSetup: child,
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: configuration.port)),
            onServerRunning: { channel in
                // A listener that has closed has nothing to pause.
                try? await channel.eventLoop.submit {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(logger: logger), position: .first)
                }.get()
                onReady(channel.localAddress?.port ?? 0)
            }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        try await server.run()
    }
}
