internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// One HTTP/1.1 connection of a server: bytes to requests, responses to bytes. One request at a time is passed up; later ones
/// wait as bytes, so that any of them may become a WebSocket. It enforces the deadlines, answers invalid requests, and
/// ends connections so that the last response arrives.
final class HTTPConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = ByteBuffer

    /// The request that is being read or answered.
    struct Exchange {
        let head: ParsedHead
        var encoder: HTTPResponseEncoder
        var isRequestComplete = false
        /// Bytes of the body so far, and the time it began.
        var received = 0
        let start = NIODeadline.now()
        var mayContinue: Bool
        var hasHead = false
        var isAnswered = false
        var closes: Bool
    }

    enum Phase {
        /// Nothing, or part of a head, has arrived.
        case idle
        case busy
        /// The sending side is closed; received bytes are discarded.
        case lingering
        /// Bytes are passed unchanged.
        case upgraded
        case closed
    }

    /// The most bytes of further requests that are buffered while one is answered.
    private static let ahead = 16_384

    let shared: HTTPShared
    let upgrader: HTTPUpgrader
    var phase = Phase.idle
    var exchange: Exchange?
    var pending = ByteBuffer()
    var reader: HTTPRequestReader
    var timer: Scheduled<Void>?
    var sendTimer: Scheduled<Void>?
    var isFirst = true
    var isInHead = false
    var isQuiescing = false
    /// The next response is the last one.
    var isLeaving = false
    var isInputClosed = false
    var isOutputClosed = false
    /// This handler has sent a response itself; no other may follow.
    var isRefused = false
    var discarded = 0
    private var holdsRead = false

    init(_ upgrader: HTTPUpgrader) {
        self.upgrader = upgrader
        shared = upgrader.shared
        reader = HTTPRequestReader(bounds: shared.configuration.bounds)
    }

    var deadlines: HTTPDeadlines { shared.configuration.deadlines }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(deadlines.header, context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        start(deadlines.header, context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopTimers()
        upgrader.end()
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        stopTimers()
        upgrader.end()
        context.fireChannelInactive()
    }

    // MARK: - In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        switch phase {
        case .upgraded: upgrader.pass(bytes, context)
        case .lingering: discard(bytes.readableBytes, context)
        case .closed: break
        case .idle, .busy:
            if pending.readableBytes == 0 { pending = bytes } else { pending.writeBuffer(&bytes) }
            advance(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // No handler above reads discarded bytes.
        if phase == .lingering || exchange.map({ $0.isAnswered && !$0.isRequestComplete }) == true { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        if exchange?.isRequestComplete == true, pending.readableBytes >= Self.ahead {
            holdsRead = true
        } else {
            context.read()
        }
    }

    /// Parses the buffered bytes, up to the end of the request that is being answered.
    func advance(_ context: ChannelHandlerContext) {
        do throws(HTTPRefusal) {
            while phase == .idle || phase == .busy, exchange?.isRequestComplete != true {
                guard let part = try reader.next(&pending) else { break }
                take(part, context)
            }
        } catch {
            refuse(error, context)
        }
        if pending.readableBytes == 0 { pending = ByteBuffer() } else { pending.discardReadBytes() }
        guard phase == .idle else { return }
        // The time for a head begins with its first byte.
        let hasBegun = pending.readableBytes > 0 || reader.isInHead
        if hasBegun, !isInHead, !isFirst || isLeaving { start(deadlines.header, context) }
        isInHead = hasBegun
    }

    private func take(_ part: HTTPRequestReader.Part, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            isInHead = false
            if head.isUpgrade, upgrader.upgrade(head.request, self, context) { return }
            isFirst = false
            phase = .busy
            exchange = Exchange(
                head: head, encoder: HTTPResponseEncoder(answering: head), mayContinue: head.expectsContinue,
                closes: !head.keepsAlive)
            startBody(context)
            do {
                try upgrader.serveHTTP(context)
            } catch {
                return context.close(promise: nil)
            }
            context.fireChannelRead(wrapInboundOut(.head(head.request)))
        case .body(let piece):
            exchange?.received += piece.readableBytes
            // A client that already sends needs no 100 Continue.
            exchange?.mayContinue = false
            if exchange?.isAnswered == false { context.fireChannelRead(wrapInboundOut(.body(piece))) }
        case .end:
            exchange?.isRequestComplete = true
            timer?.cancel()
            context.fireChannelRead(wrapInboundOut(.end(nil)))
            if exchange?.isAnswered == true { finish(context) }
        }
    }

    // MARK: - Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if phase == .upgraded { return context.write(data, promise: promise) }
        // A request that this handler has answered is not answered again.
        guard phase == .busy, !isRefused, exchange?.isAnswered == false else {
            promise?.succeed()
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let response): writeHead(response, context, promise)
        case .body(let piece):
            guard let bytes = exchange?.encoder.body(piece) else {
                promise?.succeed()
                return
            }
            context.write(wrapOutboundOut(bytes), promise: promise)
        case .end:
            exchange?.isAnswered = true
            let bytes = exchange?.encoder.end() ?? ByteBuffer()
            context.write(wrapOutboundOut(bytes), promise: promise)
            // After the writer's flush.
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.execute { bound.value.0.finish(bound.value.1) }
        }
    }

    private func writeHead(
        _ response: HTTPResponse, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
    ) {
        guard var current = exchange else { return }
        if response.status.code >= 200 {
            current.hasHead = true
            current.closes =
                current.closes || isQuiescing || isLeaving || current.encoder.needsClose(response)
                || !isDrainable(current)
                || ParsedHead.tokens(response.headerFields[values: .connection]).contains("close")
        }
        let bytes = current.encoder.head(response, keepsAlive: !current.closes)
        exchange = current
        context.write(wrapOutboundOut(bytes), promise: promise)
    }

    /// Whether the rest of the request is worth reading, to reach the next one. A client that still waits for
    /// `100 Continue` may send its body or not, so the meaning of its next bytes would be unknown.
    private func isDrainable(_ exchange: Exchange) -> Bool {
        if exchange.isRequestComplete { return true }
        guard !exchange.mayContinue, case .length(let length) = exchange.head.framing else { return false }
        return length - exchange.received <= deadlines.drainBytes
    }

    /// The body is wanted now: a client that waits for it gets `100 Continue` (RFC 9110, section 10.1.1).
    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is HTTPBodyWanted else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        if phase == .busy, exchange?.mayContinue == true, exchange?.hasHead == false {
            exchange?.mayContinue = false
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        }
        promise?.succeed()
    }

    /// A response has been sent, or the rest of its request has arrived: continues with the next request, or ends the connection.
    private func finish(_ context: ChannelHandlerContext) {
        guard phase == .busy, let current = exchange, current.isAnswered else { return }
        if current.closes { return linger(context) }
        guard current.isRequestComplete else {
            // No handler above reads the rest any more.
            context.read()
            return
        }
        exchange = nil
        phase = .idle
        if isQuiescing { return linger(context) }
        // A client that was not told that this was the last response may send another request.
        start(isLeaving ? deadlines.last : deadlines.idle, context)
        advance(context)
        context.fireChannelReadComplete()
        if isInputClosed, !hasMoreRequests {
            endInput(context)
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        if holdsRead {
            holdsRead = false
            read(context: context)
        }
    }
}

/// The event that the body of the request is wanted.
struct HTTPBodyWanted: Sendable {}
