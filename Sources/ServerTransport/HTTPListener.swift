internal import Glibc
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
        /// Descriptors of listening sockets that this process was given, and that the listener owns from now on. With them, it makes
        /// none of its own, and `host` and `port` do not matter.
        package let sockets: [Int32]
        /// Nil without TLS.
        package let certificates: ReloadingCertificates?
        package let counter: ConnectionCounter
        /// Peers with many clients behind them; they count only in the total.
        package let proxies: [AddressRange]

        package init(
            host: String, port: Int, sockets: [Int32] = [], certificates: ReloadingCertificates?,
            counter: ConnectionCounter, proxies: [AddressRange]
        ) {
            self.sockets = sockets
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
    private let open = OpenConnections()
    /// Connections that have been established and wait to be accepted.
    private static let backlog: Int32 = 256
    /// The same for sockets that were given: they also hold those that come while one service follows another.
    private static let backlogOfGiven: Int32 = 4096

    /// - Parameter child: sets up each connection.
    package init(_ configuration: Configuration, child: HTTPServerChannel, logger: Logger) {
        self.configuration = configuration
        self.child = child
        self.logger = logger
    }

    /// Accepts nothing more, and lets the requests that have arrived be answered. New connections go to whoever else holds the sockets;
    /// WebSockets stay. Safe from any thread.
    package func leave() { open.leave() }

    /// Whether it was told to leave: `run` may end, and the service goes on to drain.
    package var hasLeft: Bool { open.hasLeft }

    /// Accepts nothing more, and ends all connections once they have answered what they have been asked. Safe from any thread.
    package func stop() { open.stop() }

    /// Listens and serves until it is stopped, or its task is cancelled.
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
        let servers = try await bind(child)
        guard open.listen(on: servers.map(\.channel)) else {
            for server in servers { try? await server.channel.close() }
            return
        }
        onReady(servers.first?.channel.localAddress?.port ?? 0)
        let logger = logger
        await withDiscardingTaskGroup { group in
            for server in servers {
                group.addTask { await Self.accept(from: server, child, logger) }
            }
        }
    }

    private static func accept<Child: ServerChildChannel>(
        from server: NIOAsyncChannel<Child.Value, Never>, _ child: Child, _ logger: Logger
    ) async {
        await withDiscardingTaskGroup { group in
            do {
                try await server.executeThenClose { connections in
                    for try await connection in connections {
                        group.addTask { await child.handle(value: connection, logger: logger) }
                    }
                }
            } catch {
                logger.error("no more connections are accepted", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// One channel for each listening socket.
    private func bind<Child: ServerChildChannel>(
        _ child: Child
    ) async throws -> [NIOAsyncChannel<Child.Value, Never>] {
        let (logger, open) = (logger, open)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.backlog, value: Self.backlog)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(logger: logger))
                }
            }
        let setUp: @Sendable (any Channel) -> EventLoopFuture<Child.Value> = { channel in
            open.add(channel)
            return child.setup(channel: channel, logger: logger)
        }
        guard !configuration.sockets.isEmpty else {
            return [
                try await bootstrap.bind(
                    host: configuration.host, port: configuration.port, serverBackPressureStrategy: nil,
                    childChannelInitializer: setUp)
            ]
        }
        var servers: [NIOAsyncChannel<Child.Value, Never>] = []
        for socket in configuration.sockets {
            do {
                servers.append(
                    try await bootstrap.bind(
                        socket, serverBackPressureStrategy: nil, childChannelInitializer: setUp))
            } catch {
                for server in servers { try? await server.channel.close() }
                throw error
            }
            // NIO has just made the queue that all holders of the socket share a short one. The kernel bounds it (somaxconn).
            _ = Glibc.listen(socket, Self.backlogOfGiven)
        }
        return servers
    }
}
