package import NIOCore
internal import NIOWebSocket

/// What goes out.
package enum WebSocketOutput: Sendable {
    case text(ByteBuffer)
    case binary(ByteBuffer)
    case close(WebSocketCloseCode, reason: String)
}

/// The channel handler of one WebSocket: bytes in, messages out, and the other way round. Answers pings, carries out the
/// close handshake, and ends connections of peers that break the rules, flood, fall silent or do not read.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = WebSocketMessage
    typealias OutboundIn = WebSocketOutput
    typealias OutboundOut = ByteBuffer

    private enum State {
        case open
        /// Our close frame is out; the peer's is awaited, and everything else of it is ignored.
        case closing
        case closed
    }

    private let limits: WebSocketLimits
    private let isServer: Bool
    private var assembler: MessageAssembler
    private var state = State.open
    private var received = ByteBuffer()
    private var lastHeard = NIODeadline.now()
    private var controlFrames = 0
    private var controlWindow = NIODeadline.now()
    private var ticker: Scheduled<Void>?
    private var closeTimer: Scheduled<Void>?
    private var sendTimer: Scheduled<Void>?

    init(limits: WebSocketLimits, isServer: Bool) {
        self.limits = limits
        self.isServer = isServer
        assembler = MessageAssembler(limits: limits, isMasked: isServer)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { tick(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        tick(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopTimers()
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .closed
        stopTimers()
        context.fireChannelInactive()
    }

    private func stopTimers() {
        for timer in [ticker, closeTimer, sendTimer] { timer?.cancel() }
        (ticker, closeTimer, sendTimer) = (nil, nil, nil)
    }

    // MARK: - In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        lastHeard = .now()
        guard state != .closed else { return }
        received.writeBuffer(&bytes)
        do throws(FrameReader.Violation) {
            while state != .closed, let event = try assembler.next(&received) { act(on: event, context) }
            received.discardReadBytes()
        } catch {
            received.clear()
            // After our own close frame nothing the peer says matters any more, right or wrong.
            guard state == .open else { return cut(context) }
            fail(error.code, error.reason, context)
        }
    }

    private func act(on event: MessageAssembler.Event, _ context: ChannelHandlerContext) {
        switch event {
        case .close(let code, _):
            if state == .open { send(close: code, reason: "", context) }
            endInput(context)
            // RFC 6455, section 7.1.1: the server closes the connection first.
            if isServer { finish(context) } else { startCloseTimer(context) }
        case .message(let message):
            if state == .open { context.fireChannelRead(wrapInboundOut(message)) }
        case .ping(let payload):
            guard isWithinRate(), state == .open else { return flooded(context) }
            write(.pong, payload, context)
            context.flush()
        case .pong:
            if !isWithinRate() { flooded(context) }
        }
    }

    private func isWithinRate() -> Bool {
        let now = NIODeadline.now()
        if now - controlWindow > .seconds(10) { (controlWindow, controlFrames) = (now, 0) }
        controlFrames += 1
        return controlFrames <= limits.maximumControlFrames
    }

    private func flooded(_ context: ChannelHandlerContext) {
        if state == .open { fail(.policyViolation, "too many control frames", context) }
    }

    /// A peer that half-closes without a close frame is gone.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            context.fireUserInboundEventTriggered(event)
            cut(context)
            return
        }
        if event is ChannelShouldQuiesceEvent, state == .open { fail(.goingAway, "the service is stopping", context) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        cut(context)
    }

    // MARK: - Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard state == .open else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .text(let bytes): write(.text, bytes, context, promise)
        case .binary(let bytes): write(.binary, bytes, context, promise)
        case .close(let code, let reason):
            send(close: code, reason: reason, context)
            startCloseTimer(context)
            promise?.succeed()
        }
    }

    private func write(
        _ opcode: WebSocketOpcode, _ payload: ByteBuffer, _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>? = nil
    ) {
        let bytes = Self.frame(opcode, payload, mask: isServer ? nil : .random())
        context.write(wrapOutboundOut(bytes), promise: promise)
    }

    /// One unfragmented frame.
    static func frame(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, mask: WebSocketMaskingKey?) -> ByteBuffer {
        let length = payload.readableBytes
        var bytes = ByteBuffer()
        bytes.reserveCapacity(length + 14)
        bytes.writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
        let masked: UInt8 = mask == nil ? 0 : 0x80
        switch length {
        case ...125: bytes.writeInteger(masked | UInt8(length))
        case ...0xffff:
            bytes.writeInteger(masked | 126)
            bytes.writeInteger(UInt16(length))
        default:
            bytes.writeInteger(masked | 127)
            bytes.writeInteger(UInt64(length))
        }
        var payload = payload
        if let mask {
            bytes.writeBytes(mask)
            FrameReader.unmask(&payload, Array(mask), 0)
        }
        bytes.writeBuffer(&payload)
        return bytes
    }

    private func send(close code: WebSocketCloseCode?, reason: String, _ context: ChannelHandlerContext) {
        var body = ByteBuffer()
        if let code {
            body.writeInteger(code.rawValue)
            body.writeString(String(decoding: reason.utf8.prefix(120), as: UTF8.self))
        }
        state = .closing
        write(.connectionClose, body, context)
        context.flush()
    }

    /// A peer that broke a rule is told which kind, and not listened to any more.
    private func fail(_ code: WebSocketCloseCode, _ reason: String, _ context: ChannelHandlerContext) {
        send(close: code, reason: reason, context)
        endInput(context)
        startCloseTimer(context)
    }

    /// No message will come any more.
    private func endInput(_ context: ChannelHandlerContext) {
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    /// Closes once everything written is out.
    private func finish(_ context: ChannelHandlerContext) {
        state = .closed
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in channel.close(mode: .all, promise: nil)
        }
        startCloseTimer(context)
    }

    private func cut(_ context: ChannelHandlerContext) {
        state = .closed
        context.close(mode: .all, promise: nil)
    }

    // MARK: - Time

    private func startCloseTimer(_ context: ChannelHandlerContext) {
        guard closeTimer == nil else { return }
        let channel = context.channel
        closeTimer = context.eventLoop.scheduleTask(in: limits.closeTimeout) {
            channel.close(mode: .all, promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            sendTimer?.cancel()
            sendTimer = nil
        } else if sendTimer == nil {
            let channel = context.channel
            sendTimer = context.eventLoop.scheduleTask(in: limits.sendTimeout) {
                channel.close(mode: .all, promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Asks a silent peer whether it is there, and closes one that has been silent for too long.
    private func tick(_ context: ChannelHandlerContext) {
        guard state == .open else { return }
        let silence = NIODeadline.now() - lastHeard
        if silence >= limits.idleLimit {
            fail(.policyViolation, "nothing heard for too long", context)
            return
        }
        if silence >= limits.pingInterval {
            write(.ping, ByteBuffer(), context)
            context.flush()
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let pause = min(limits.pingInterval, limits.idleLimit - silence)
        ticker = context.eventLoop.scheduleTask(in: max(pause, .milliseconds(1))) {
            bound.value.0.tick(bound.value.1)
        }
    }
}
