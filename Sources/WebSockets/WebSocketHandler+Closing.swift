internal import NIOCore

/// The end of a WebSocket (RFC 6455, section 7): never by a reset that could discard the last message. A side that is done
/// closes its sending direction, and reads until the peer has closed the other one, for a bounded time.
extension WebSocketHandler {
    /// A peer that half-closes without a close frame counts as gone.
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

    /// A peer that violated a rule gets the close code, and its further messages are ignored.
    func fail(_ code: WebSocketCloseCode, _ reason: String, _ context: ChannelHandlerContext) {
        send(close: code, reason: reason, context)
        endInput(context)
        linger(context)
    }

    /// No further message will arrive.
    func endInput(_ context: ChannelHandlerContext) {
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    /// The close frame has been sent: starts the timeout for the peer's answer.
    func awaitClose(_ context: ChannelHandlerContext) {
        startCloseTimer(context)
        context.read()
    }

    /// The close handshake is complete. The server closes its direction first (section 7.1.1); both wait for the peer's close.
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

    /// Counts discarded bytes; a peer that never stops is disconnected.
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
