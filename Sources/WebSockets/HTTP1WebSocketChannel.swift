package import HTTPTypes
package import HummingbirdCore
package import Logging
package import NIOCore
internal import NIOHTTPTypes

/// What becomes of a request for an upgrade.
package enum UpgradeDecision: Sendable {
    /// The handler has the socket until it returns; then it is closed.
    case upgrade(subprotocol: String?, handler: @Sendable (WebSocket) async -> Void)
    /// The request goes on to the HTTP responder, which says why.
    case refuse
}

/// HTTP/1.1 connections that may become WebSockets with any of their requests, for Hummingbird's server.
package struct HTTP1WebSocketChannel: ServerChildChannel, HTTPChannelHandler {
    package typealias Decide = @Sendable (HTTPRequest, any Channel) -> UpgradeDecision
    package typealias Value = Connection

    package struct Configuration: Sendable {
        package var deadlines = HTTPDeadlines()
        package var bounds = HTTPRequestBounds()
        package var limits = WebSocketLimits()
        /// Added between the connection and whoever answers, one each per connection.
        package var handlers: @Sendable () -> [any RemovableChannelHandler] = { [] }
        /// What is said to a client whose request never gets to the responder.
        package var refusal: @Sendable (HTTPRefusal) -> (type: String, body: [UInt8]) = {
            ("text/plain; charset=utf-8", Array("\($0.reason)\n".utf8))
        }

        package init() {}
    }

    /// A connection on its way to be one or the other.
    package struct Connection: ServerChildChannelValue {
        package let channel: any Channel
        let outcome: EventLoopFuture<Outcome>
    }

    /// An open WebSocket, and whose it is.
    struct Opened: Sendable {
        let channel: NIOAsyncChannel<WebSocketMessage, WebSocketOutput>
        let head: HTTPRequest
        let subprotocol: String?
        let handler: @Sendable (WebSocket) async -> Void
    }

    enum Outcome: Sendable {
        /// Requests are served, until the connection ends or becomes a WebSocket.
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>, then: EventLoopFuture<Opened?>)
        case webSocket(Opened)
    }

    package let responder: Responder
    private let shared: HTTPShared

    package init(responder: @escaping Responder, configuration: Configuration, decide: @escaping Decide) {
        self.responder = responder
        shared = HTTPShared(configuration, decide)
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let outcome = channel.eventLoop.makePromise(of: Outcome.self)
            let upgrader = HTTPUpgrader(shared, outcome)
            do {
                try channel.pipeline.syncOperations.addHandler(HTTPConnection(upgrader))
            } catch {
                upgrader.end()
                throw error
            }
            return Connection(channel: channel, outcome: outcome.futureResult)
        }
    }

    package func handle(value: Connection, logger: Logger) async {
        await withTaskCancellationHandler {
            do {
                switch try await value.outcome.get() {
                case .http(let channel, let then): try await serve(channel, then)
                case .webSocket(let opened): await WebSocketServer.run(opened)
                }
            } catch {
                // It ended before it had said what it wanted, or in the middle of an answer.
                value.channel.close(mode: .all, promise: nil)
            }
        } onCancel: {
            value.channel.close(mode: .all, promise: nil)
        }
    }

    /// Answers one request after the other. What is left of one that was not read to its end does not come here.
    private func serve(
        _ channel: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>, _ then: EventLoopFuture<Opened?>
    ) async throws {
        try await channel.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            while let part = try await parts.next() {
                guard case .head(let head) = part else { continue }
                let body = HTTPBodySequence(
                    parts: parts, channel: channel.channel, mayWait: head.headerFields[.expect] != nil)
                let request = Request(head: head, body: RequestBody(asyncSequence: body))
                try await responder(request, ResponseWriter(outbound: outbound), channel.channel)
            }
            if let opened = try await then.get() { await WebSocketServer.run(opened) }
            try await channel.channel.closeFuture.get()
        }
    }
}

/// Carries an open WebSocket from the upgrade to its end.
enum WebSocketServer {
    static func run(_ opened: HTTP1WebSocketChannel.Opened) async {
        do {
            try await opened.channel.executeThenClose { inbound, outbound in
                let socket = WebSocket(
                    subprotocol: opened.subprotocol, head: opened.head, channel: opened.channel.channel,
                    inbound: inbound, outbound: outbound)
                await opened.handler(socket)
                await socket.close(.normal)
            }
        } catch {
            // Nothing is left to be said to a connection that is gone.
        }
    }
}
