internal import NIOCore

/// How a WebSocket ends (RFC 6455, section 7): never by a reset that could take away what was said last. Whoever is done
/// ends its own direction, and reads on until the peer has ended the other one, for a bounded time.
extension WebSocketHandler {
    /// A peer that half-closes without a close frame is gone.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            isInputClosed = true
            context.fireUserInboundEventTriggered(event)
            switch state {
            case .open: cut(context)
            case .closing: linger(context)
            case .lingering: if isOutputClosed || !isServer { cut(context) }
            case .closed: break
            }
            return
        }
        if event is ChannelShouldQuiesceEvent, state == .open { fail(.goingAway, "the service is stopping", context) }
        context.fireUserInboundEventTriggered(event)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is WebSocketAbandoned else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        if state == .open {
            send(close: .goingAway, reason: "", context)
            awaitClose(context)
        }
        promise?.succeed()
    }

    /// A peer that broke a rule is told which kind, and not listened to any more.
    func fail(_ code: WebSocketCloseCode, _ reason: String, _ context: ChannelHandlerContext) {
        send(close: code, reason: reason, context)
        endInput(context)
        linger(context)
    }

    /// No message will come any more.
    func endInput(_ context: ChannelHandlerContext) {
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    /// Our close frame is out: the peer has so much time to answer it.
    func awaitClose(_ context: ChannelHandlerContext) {
        startCloseTimer(context)
        context.read()
    }

    /// Everything has been said. The server ends its direction first (section 7.1.1); both wait for the peer's end.
    func linger(_ context: ChannelHandlerContext) {
        guard state != .lingering, state != .closed else { return }
        state = .lingering
        received = ByteBuffer()
        startCloseTimer(context)
        guard isServer else {
            if isInputClosed { cut(context) } else { context.read() }
            return
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            let (handler, context) = bound.value
            handler.isOutputClosed = true
            guard handler.state == .lingering else { return }
            if handler.isInputClosed {
                handler.cut(context)
            } else {
                context.close(mode: .output, promise: nil)
                context.read()
            }
        }
    }

    /// Counts what nobody looks at; a peer that never stops is cut off.
    func discard(_ count: Int, _ context: ChannelHandlerContext) {
        discarded += count
        if discarded > limits.lingerBytes { cut(context) }
    }

    func cut(_ context: ChannelHandlerContext) {
        state = .closed
        context.close(mode: .all, promise: nil)
    }

    private func startCloseTimer(_ context: ChannelHandlerContext) {
        guard closeTimer == nil else { return }
        let channel = context.channel
        closeTimer = context.eventLoop.scheduleTask(in: limits.closeTimeout) {
            channel.close(mode: .all, promise: nil)
        }
    }
}
