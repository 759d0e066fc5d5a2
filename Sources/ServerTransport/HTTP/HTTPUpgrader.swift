internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes
internal import WebSockets

/// What all connections of a server have in common.
final class HTTPShared: Sendable {
    let configuration: HTTPServerChannel.Configuration
    let decide: HTTPServerChannel.Decide

    init(_ configuration: HTTPServerChannel.Configuration, _ decide: @escaping HTTPServerChannel.Decide) {
        self.configuration = configuration
        self.decide = decide
    }
}

/// What follows the HTTP of one connection: builds the upper half of its pipeline, for requests with the first of them,
/// for a WebSocket when one is agreed on. The lower half, `HTTPConnection`, stays.
///
/// Asynchronous channels cannot be taken out of a pipeline. A WebSocket behind other requests is put above the one that
/// served those, and bytes go past it.
final class HTTPUpgrader {
    typealias Outcome = HTTPServerChannel.Outcome
    typealias Opened = HTTPServerChannel.Opened

    let shared: HTTPShared
    private var outcome: EventLoopPromise<Outcome>?
    /// Of a connection that serves requests.
    private var opened: EventLoopPromise<Opened?>?
    private var bypass: HTTPBypass?

    init(_ shared: HTTPShared, _ outcome: EventLoopPromise<Outcome>) {
        self.shared = shared
        self.outcome = outcome
    }

    /// Nothing more will become of this connection.
    func end() {
        outcome?.fail(ChannelError.eof)
        opened?.succeed(nil)
        (outcome, opened) = (nil, nil)
    }

    /// Builds what requests are served through, once.
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

    /// Makes a WebSocket of the connection, if that is agreed to.
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
                // Whoever served requests hears that there are no more.
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
        // Frames may have come along with the request.
        if rest.readableBytes > 0 { pass(rest, context) }
        // The asynchronous channel of before does not ask for anything any more.
        context.read()
        return true
    }

    /// Hands on bytes of a WebSocket.
    func pass(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        if let bypass { bypass.pass(bytes) } else { context.fireChannelRead(NIOAny(bytes)) }
    }
}

extension HTTPConnection {
    /// From now on bytes pass as they are.
    ///
    /// - Returns: those that are there already.
    func becomeUpgraded() -> ByteBuffer {
        stopTimers()
        phase = .upgraded
        reader = HTTPRequestReader(bounds: shared.configuration.bounds)
        defer { pending = ByteBuffer() }
        return pending
    }
}

/// Stands above an asynchronous channel that has ended: bytes come here past it, and reads go past it downwards.
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
