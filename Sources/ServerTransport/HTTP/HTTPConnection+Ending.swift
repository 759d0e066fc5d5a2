internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// The end of a connection, and its timeouts.
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

    /// The time for a body: the more of it has arrived, the longer.
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
        case .idle where isLeaving && !isInHead: linger(context)
        // A connection that has been idle between requests just ends.
        case .idle where isFirst || isInHead: refuse(HTTPRefusal(408, "the head came too slowly"), context)
        case .idle: linger(context)
        case .lingering: cut(context)
        case .upgraded, .closed: break
        }
    }

    /// Answers a refused request, unless a response has begun, and ends the connection.
    func refuse(_ refusal: HTTPRefusal, _ context: ChannelHandlerContext) {
        guard phase == .idle || phase == .busy else { return }
        guard exchange?.hasHead != true else {
            // A partial response cannot be replaced; a complete one stands.
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
        // Readers of the request get its end.
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        linger(context)
    }

    /// Closes the sending side once everything has been sent, and reads until the client closes the other one: a connection that is
    /// closed with unread bytes is reset, and a reset can discard the response on the client's side (RFC 9112, section 9.6).
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
            // Receivers of this event accept no more requests: it waits for the requests that have arrived already.
            if hasMoreRequests { return }
            endInput(context)
        }
        // The listener leaves: a request may be on its way, and its sender must not have to send it again.
        if event is LastRequestEvent, phase == .idle || phase == .busy {
            isLeaving = true
            if phase == .idle, !isInHead { start(deadlines.last, context) }
        }
        // The server is stopping: the current request is answered, then the connection ends.
        if event is ChannelShouldQuiesceEvent, phase != .upgraded {
            isQuiescing = true
            if phase == .idle { linger(context) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Whether bytes follow the request that is being answered.
    var hasMoreRequests: Bool { phase == .busy && exchange?.isRequestComplete == true && pending.readableBytes > 0 }

    /// The client has closed its sending side; requests that have arrived completely are still answered.
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
        // An error of the socket, or of TLS: no client is left to answer.
        if phase == .upgraded { context.fireErrorCaught(error) } else { cut(context) }
    }
}
