internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// How a connection ends, and what happens when time runs out.
extension HTTPConnection {
    func stopTimers() {
        timer?.cancel()
        sendTimer?.cancel()
        (timer, sendTimer) = (nil, nil)
    }

    func start(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        timer?.cancel()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: time) { bound.value.0.expire(bound.value.1) }
    }

    /// The time for a body: the more of it has come, the more there is.
    func startBody(_ context: ChannelHandlerContext) {
        guard let exchange else { return }
        start(deadlines.end(ofBodyFrom: exchange.start, received: exchange.received) - .now(), context)
    }

    private func expire(_ context: ChannelHandlerContext) {
        switch phase {
        case .busy:
            guard let exchange, !exchange.isRequestComplete else { return }
            if deadlines.end(ofBodyFrom: exchange.start, received: exchange.received) > .now() {
                startBody(context)
            } else {
                refuse(HTTPRefusal(408, "the body came too slowly"), context)
            }
        // A connection that has been idle between requests just ends.
        case .idle where isFirst || isInHead: refuse(HTTPRefusal(408, "the head came too slowly"), context)
        case .idle: linger(context)
        case .lingering: cut(context)
        case .upgraded, .closed: break
        }
    }

    /// Answers what is not taken, unless an answer is under way, and ends the connection.
    func refuse(_ refusal: HTTPRefusal, _ context: ChannelHandlerContext) {
        guard phase == .idle || phase == .busy else { return }
        guard exchange?.hasHead != true else {
            // Half an answer cannot be taken back; a whole one stays.
            if exchange?.isAnswered == true { linger(context) } else { cut(context) }
            return
        }
        isRefused = true
        let content = shared.configuration.refusal(refusal)
        var response = HTTPResponse(status: HTTPResponse.Status(code: refusal.status))
        response.headerFields[.contentType] = content.type
        response.headerFields[.contentLength] = String(content.body.count)
        response.headerFields[.cacheControl] = "no-store"
        var encoder = HTTPResponseEncoder(answering: exchange?.head)
        context.write(wrapOutboundOut(encoder.head(response, keepsAlive: false)), promise: nil)
        if let body = encoder.body(ByteBuffer(bytes: content.body)) {
            context.write(wrapOutboundOut(body), promise: nil)
        }
        // Whoever waits for more of the request hears that there is none.
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        linger(context)
    }

    /// Ends our direction once everything is out, and reads on until the client ends the other one: a connection that is
    /// closed with bytes unread is reset, and a reset takes away the answer at the other side (RFC 9112, section 9.6).
    func linger(_ context: ChannelHandlerContext) {
        guard phase != .lingering, phase != .closed else { return }
        phase = .lingering
        exchange = nil
        pending = ByteBuffer()
        start(deadlines.linger, context)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            let (connection, context) = bound.value
            connection.isOutputClosed = true
            guard connection.phase == .lingering else { return }
            if connection.isInputClosed {
                connection.cut(context)
            } else {
                context.close(mode: .output, promise: nil)
                context.read()
            }
        }
    }

    func discard(_ count: Int, _ context: ChannelHandlerContext) {
        discarded += count
        if discarded > deadlines.lingerBytes { cut(context) }
    }

    func cut(_ context: ChannelHandlerContext) {
        phase = .closed
        stopTimers()
        context.close(mode: .all, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            isInputClosed = true
            // Whoever hears of it hears no more requests: that waits for those that are here already.
            if hasMoreRequests { return }
            endInput(context)
        }
        // The server is stopping: what is being answered is answered, then the connection ends.
        if event is ChannelShouldQuiesceEvent, phase != .upgraded {
            isQuiescing = true
            if phase == .idle { linger(context) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Whether there are bytes behind the request that is being answered.
    var hasMoreRequests: Bool { phase == .busy && exchange?.isRequestComplete == true && pending.readableBytes > 0 }

    /// The client has ended its direction, which takes back nothing that it has asked for completely.
    func endInput(_ context: ChannelHandlerContext) {
        switch phase {
        case .idle:
            if isInHead { refuse(HTTPRefusal(400, "the head was cut off"), context) } else { linger(context) }
        case .busy:
            if exchange?.isRequestComplete == false { refuse(HTTPRefusal(400, "the body was cut off"), context) }
        case .lingering: if isOutputClosed { cut(context) }
        case .upgraded, .closed: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            sendTimer?.cancel()
            sendTimer = nil
        } else if sendTimer == nil, phase != .upgraded {
            let channel = context.channel
            sendTimer = context.eventLoop.scheduleTask(in: deadlines.send) { channel.close(mode: .all, promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Of the socket, or of TLS: there is nobody left to answer.
        if phase == .upgraded { context.fireErrorCaught(error) } else { cut(context) }
    }
}
