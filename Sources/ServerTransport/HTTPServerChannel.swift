package import HTTPTypes
package import HummingbirdCore
package import Logging
package import NIOCore
internal import NIOHTTPTypes
package import WebSockets

/// HTTP/1.1 connections that may become WebSockets with any of their requests, for Hummingbird's server.
///
/// All work for a connection runs on its event loop, so receiving and sending need no switch of
/// threads. A responder that must block or compute for long does so on another thread.
package struct HTTPServerChannel: ServerChildChannel {
    /// Answers one request, completely.
    package typealias Responder = @Sendable (Request, consuming ResponseWriter, HTTPPeer) async throws -> Void
    package typealias Decide = @Sendable (HTTPRequest, any Channel) -> UpgradeDecision
    package typealias Value = Connection

    package struct Configuration: Sendable {
        package var deadlines = HTTPDeadlines()
        package var bounds = HTTPRequestBounds()
        package var limits = WebSocketLimits()
        /// The response to a client whose request never reaches the responder.
        package var refusal: @Sendable (HTTPRefusal) -> (type: String, body: [UInt8]) = {
            ("text/plain; charset=utf-8", Array("\($0.reason)\n".utf8))
        }

        package init() {}
    }

    /// A connection that becomes one or the other.
    package struct Connection: ServerChildChannelValue {
        package let channel: any Channel
        let outcome: EventLoopFuture<Outcome>
    }

    /// An open WebSocket and its handler.
    struct Opened: Sendable {
        let stream: WebSocketServer.Stream
        let subprotocol: String?
        let handler: @Sendable (WebSocket) async -> Void
    }

    enum Outcome: Sendable {
        /// Requests are served, until the connection ends or becomes a WebSocket.
        case http(
            NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>, ClientPresence, then: EventLoopFuture<Opened?>)
        case webSocket(Opened)
    }

    private let responder: Responder
    private let shared: HTTPShared

    package init(responder: @escaping Responder, configuration: Configuration, decide: @escaping Decide) {
        self.responder = responder
        shared = HTTPShared(configuration, decide)
    }

    /// Configures responses that this channel itself writes, each with its date.
    package init(
        configuration: Configuration, decide: @escaping Decide,
        respond: @escaping @Sendable (Request, HTTPPeer) async -> Response
    ) {
        let clock = HTTPClock()
        let responder: Responder = { request, writer, peer in
            var response = await respond(request, peer)
            response.headers[.date] = clock.date
            try await writer.write(response: response.head, body: response.body)
        }
        self.init(responder: responder, configuration: configuration, decide: decide)
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
            await withTaskExecutorPreference(LoopExecutor(value.channel.eventLoop)) {
                do {
                    switch try await value.outcome.get() {
                    case .http(let channel, let presence, let then): try await serve(channel, presence, then)
                    case .webSocket(let opened): await run(opened)
                    }
                } catch {
                    // The connection ended before its first request, or in the middle of a response.
                    value.channel.close(mode: .all, promise: nil)
                }
            }
        } onCancel: {
            value.channel.close(mode: .all, promise: nil)
        }
    }

    /// Answers one request after the other. The unread rest of a request does not arrive here.
    private func serve(
        _ channel: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>, _ presence: ClientPresence,
        _ then: EventLoopFuture<Opened?>
    ) async throws {
        let peer = HTTPPeer(address: channel.channel.remoteAddress, presence: presence)
        try await channel.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            while let part = try await parts.next() {
                guard case .head(let head) = part else { continue }
                let body = HTTPBodySequence(
                    parts: parts, channel: channel.channel, mayWait: head.headerFields[.expect] != nil)
                let request = Request(head: head, body: RequestBody(asyncSequence: body))
                try await responder(request, ResponseWriter(outbound: outbound), peer)
            }
            if let opened = try await then.get() { await run(opened) }
            try await channel.channel.closeFuture.get()
        }
    }

    private func run(_ opened: Opened) async {
        await WebSocketServer.run(opened.stream, subprotocol: opened.subprotocol, handler: opened.handler)
    }
}
