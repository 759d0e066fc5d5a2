internal import NIOCore
internal import NIOHTTP1

/// Deadlines and manners of an HTTP/1.1 connection before anything is known of it: a head must be complete in time, a
/// body must not stall, an answer must be read, an idle connection ends, and what is no HTTP is told so.
final class HTTPGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        /// Nothing, or part of a head, has come.
        case head, body, answering
    }

    private let deadlines: HTTPDeadlines
    private var phase = Phase.head
    private var timer: Scheduled<Void>?
    private var sendTimer: Scheduled<Void>?
    private var isAnswering = false
    private var isFirst = true
    private var isQuiescing = false
    /// The head of the first request, until somebody wants it.
    var firstHead: HTTPRequestHead?

    init(deadlines: HTTPDeadlines) {
        self.deadlines = deadlines
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(deadlines.header, context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        start(deadlines.header, context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    private func stop() {
        timer?.cancel()
        sendTimer?.cancel()
        (timer, sendTimer) = (nil, nil)
    }

    private func start(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        timer?.cancel()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: time) { bound.value.0.expire(bound.value.1) }
    }

    private func expire(_ context: ChannelHandlerContext) {
        // A connection that has been idle between requests just ends.
        if phase == .body || isFirst { refuse(.requestTimeout, context) } else { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            phase = .body
            if isFirst { firstHead = head }
            isFirst = false
            isAnswering = true
            start(deadlines.body, context)
        case .body: start(deadlines.body, context)
        case .end:
            timer?.cancel()
            phase = .answering
            // The answer may be out already.
            if !isAnswering { idle(context) }
        }
        context.fireChannelRead(data)
    }

    private func idle(_ context: ChannelHandlerContext) {
        phase = .head
        start(deadlines.idle, context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else {
            context.write(data, promise: promise)
            return
        }
        isAnswering = false
        if isQuiescing {
            let channel = context.channel
            context.writeAndFlush(data).whenComplete { _ in channel.close(mode: .all, promise: nil) }
            promise?.succeed()
            return
        }
        if phase == .answering { idle(context) }
        context.write(data, promise: promise)
    }

    /// The server is stopping: what is being answered is answered, then the connection ends.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isQuiescing = true
            if !isAnswering { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            sendTimer?.cancel()
            sendTimer = nil
        } else if sendTimer == nil {
            let channel = context.channel
            sendTimer = context.eventLoop.scheduleTask(in: deadlines.send) { channel.close(mode: .all, promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        if case .headerOverflow = error {
            refuse(.requestHeaderFieldsTooLarge, context)
        } else {
            refuse(.badRequest, context)
        }
    }

    /// Answers, unless an answer is under way, and closes.
    private func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        stop()
        let channel = context.channel
        guard !isAnswering || phase == .body else {
            context.close(promise: nil)
            return
        }
        var headers = HTTPHeaders()
        headers.add(name: "Connection", value: "close")
        headers.add(name: "Content-Length", value: "0")
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(mode: .all, promise: nil) }
    }
}
