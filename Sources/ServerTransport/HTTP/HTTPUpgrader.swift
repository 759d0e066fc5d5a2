internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes
internal import WebSockets

/// State that all connections of a server share.
final class HTTPShared: Sendable {
    let configuration: HTTPServerChannel.Configuration
    let decide: HTTPServerChannel.Decide

    init(_ configuration: HTTPServerChannel.Configuration, _ decide: @escaping HTTPServerChannel.Decide) {
        self.configuration = configuration
        self.decide = decide
    }
}

/// Builds the upper half of the pipeline of one connection: for requests when the first one arrives, for a WebSocket
/// when an upgrade is accepted. The lower half, `HTTPConnection`, stays.
///
/// Asynchronous channels cannot be removed from a pipeline. A WebSocket after other requests is added above the channel
/// that served those, and bytes bypass it.
final class HTTPUpgrader {
    typealias Outcome = HTTPServerChannel.Outcome
    typealias Opened = HTTPServerChannel.Opened

    let shared: HTTPShared
    private var outcome: EventLoopPromise<Outcome>?
    /// The upper half that serves requests.
    private var opened: EventLoopPromise<Opened?>?
    private var bypass: HTTPBypass?

    init(_ shared: HTTPShared, _ outcome: EventLoopPromise<Outcome>) {
        self.shared = shared
        self.outcome = outcome
    }

    /// The connection has ended.
    func end() {
        outcome?.fail(ChannelError.eof)
        opened?.succeed(nil)
        (outcome, opened) = (nil, nil)
    }

    /// Builds the upper half for requests, once.
    func serveHTTP(_ context: ChannelHandlerContext) throws {
        guard let outcome else { return }
        let pipeline = context.pipeline.syncOperations
        let presence = ClientPresence()
        try pipeline.addHandler(presence)
        let channel = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
            wrappingChannelSynchronously: context.channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        let opened = context.eventLoop.makePromise(of: Opened?.self)
        self.opened = opened
        self.outcome = nil
        outcome.succeed(.http(channel, presence, then: opened.futureResult))
    }

    /// Turns the connection into a WebSocket, if the upgrade is accepted.
    func upgrade(_ head: HTTPRequest, _ connection: HTTPConnection, _ context: ChannelHandlerContext) -> Bool {
        guard case .upgrade(let subprotocol, let handler) = shared.decide(head, context.channel) else { return false }
        let limits = shared.configuration.limits
        let deflate =
            limits.compresses
            ? PermessageDeflate.accept(head.headerFields[values: .secWebSocketExtensions]) : nil
        let answer = UpgradeRequest.answer(head, subprotocol: subprotocol, extensions: deflate?.answer)
        let rest = connection.becomeUpgraded()
        context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil)
        do {
            let pipeline = context.pipeline.syncOperations
            if opened != nil {
                // The channel for requests gets the end of input.
                context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
                let bypass = HTTPBypass(below: context)
                try pipeline.addHandler(bypass)
                self.bypass = bypass
            }
            let stream = try WebSocketServer.open(on: context.channel, limits: limits, deflate: deflate)
            let socket = Opened(stream: stream, subprotocol: subprotocol, handler: handler)
            opened?.succeed(socket)
            outcome?.succeed(.webSocket(socket))
            (outcome, opened) = (nil, nil)
        } catch {
            context.close(promise: nil)
            return true
        }
        // Frames may have arrived together with the request.
        if rest.readableBytes > 0 { pass(rest, context) }
        // The previous asynchronous channel does not read any more.
        context.read()
        return true
    }

    /// Passes bytes of a WebSocket on.
    func pass(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        if let bypass { bypass.pass(bytes) } else { context.fireChannelRead(NIOAny(bytes)) }
    }
}

extension HTTPConnection {
    /// From now on bytes are passed unchanged.
    ///
    /// - Returns: the bytes that have arrived already.
    func becomeUpgraded() -> ByteBuffer {
        stopTimers()
        phase = .upgraded
        reader = HTTPRequestReader(bounds: shared.configuration.bounds)
        defer { pending = ByteBuffer() }
        return pending
    }
}

/// A handler above an asynchronous channel that has ended: bytes and reads bypass that channel.
final class HTTPBypass: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var below: ChannelHandlerContext?
    private var context: ChannelHandlerContext?

    init(below: ChannelHandlerContext) {
        self.below = below
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        (self.context, below) = (nil, nil)
    }

    func pass(_ bytes: ByteBuffer) {
        context?.fireChannelRead(wrapInboundOut(bytes))
    }

    func read(context: ChannelHandlerContext) {
        below?.read()
    }
}
