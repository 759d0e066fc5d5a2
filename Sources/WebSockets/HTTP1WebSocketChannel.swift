package import HTTPTypes
package import HummingbirdCore
package import Logging
package import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1
internal import NIOWebSocket

/// What becomes of a request for an upgrade.
package enum UpgradeDecision: Sendable {
    /// The handler has the socket until it returns; then it is closed.
    case upgrade(subprotocol: String?, handler: @Sendable (WebSocket) async -> Void)
    /// The request goes on to the HTTP responder, which says why.
    case refuse
}

/// HTTP/1.1 connections that may become WebSockets, for Hummingbird's server.
///
/// Only the first request of a connection can be upgraded, which is how every client does it.
package struct HTTP1WebSocketChannel: ServerChildChannel, HTTPChannelHandler {
    package typealias Decide = @Sendable (HTTPRequest, any Channel) -> UpgradeDecision
    package typealias Value = Connection

    package struct Configuration: Sendable {
        package var deadlines = HTTPDeadlines()
        package var limits = WebSocketLimits()
        package var maximumHeaderBytes = 32_768
        package var maximumHeaderFields = 100
        /// Added behind the HTTP codec, one each per connection.
        package var handlers: @Sendable () -> [any RemovableChannelHandler] = { [] }

        package init() {}
    }

    /// A connection on its way to be one or the other.
    package struct Connection: ServerChildChannelValue {
        package let channel: any Channel
        let outcome: EventLoopFuture<Outcome>
    }

    enum Outcome: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case webSocket(
            NIOAsyncChannel<WebSocketMessage, WebSocketOutput>, HTTPRequest, subprotocol: String?,
            handler: @Sendable (WebSocket) async -> Void)
    }

    package let responder: Responder
    private let configuration: Configuration
    private let decide: Decide

    package init(responder: @escaping Responder, configuration: Configuration, decide: @escaping Decide) {
        self.responder = responder
        self.configuration = configuration
        self.decide = decide
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = configuration.maximumHeaderBytes / 2
            limits.maxHeaderListSize = configuration.maximumHeaderBytes
            limits.maxHeaderFieldCount = configuration.maximumHeaderFields
            let encoder = HTTPResponseEncoder()
            let decoder = ByteToMessageHandler(
                HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
            let manners = HTTPGuard(deadlines: configuration.deadlines)
            try pipeline.addHandler(encoder)
            try pipeline.addHandler(decoder)
            try pipeline.addHandler(manners)
            let upgrader = NIOTypedHTTPServerUpgradeHandler(
                httpEncoder: encoder, extraHTTPHandlers: [decoder, manners],
                upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
                    upgraders: [upgrader()],
                    notUpgradingCompletionHandler: { [bound = NIOLoopBound(manners, eventLoop: channel.eventLoop)] in
                        serveHTTP($0, bound)
                    }))
            try pipeline.addHandler(upgrader)
            try pipeline.addHandler(RefusalHandler())
            return Connection(channel: channel, outcome: upgrader.upgradeResultFuture)
        }
    }

    private func serveHTTP(_ channel: any Channel, _ manners: NIOLoopBound<HTTPGuard>) -> EventLoopFuture<Outcome> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(HeadReplay(of: manners.value))
            try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try channel.pipeline.syncOperations.addHandlers(configuration.handlers())
            return .http(
                try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)))
        }
    }

    private func upgrader() -> UpgradeOnce {
        UpgradeOnce(limits: configuration.limits, decide: decide)
    }

    package func handle(value: Connection, logger: Logger) async {
        do {
            switch try await value.outcome.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .webSocket(let channel, let head, let subprotocol, let handler):
                await WebSocketServer.run(channel, head, subprotocol, handler)
            }
        } catch {
            // It ended before it had said what it wanted.
            value.channel.close(mode: .all, promise: nil)
        }
    }
}

/// Carries an open WebSocket from the upgrade to its end.
enum WebSocketServer {
    static func run(
        _ channel: NIOAsyncChannel<WebSocketMessage, WebSocketOutput>, _ head: HTTPRequest, _ subprotocol: String?,
        _ handler: @Sendable (WebSocket) async -> Void
    ) async {
        do {
            try await channel.executeThenClose { inbound, outbound in
                let socket = WebSocket(
                    subprotocol: subprotocol, head: head, channel: channel.channel, inbound: inbound, outbound: outbound
                )
                await handler(socket)
                await socket.close(.normal)
            }
        } catch {
            // Nothing is left to be said to a connection that is gone.
        }
    }
}
