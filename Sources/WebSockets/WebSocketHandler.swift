package import NIOCore

/// An outbound message.
package enum WebSocketOutput: Sendable {
    case text(ByteBuffer)
    case binary(ByteBuffer)
    case close(WebSocketCloseCode, reason: String)
}

/// The event that the owner has abandoned a WebSocket without closing it.
struct WebSocketAbandoned: Sendable {}

/// The channel handler of one WebSocket: bytes in, messages out, and the other way round. Answers pings, carries out the
/// close handshake, and ends connections of peers that break the rules, flood, fall silent or do not read.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = WebSocketMessage
    typealias OutboundIn = WebSocketOutput
    typealias OutboundOut = ByteBuffer

    enum State {
        case open
        /// The close frame has been sent; the peer's is awaited, and everything else from it is ignored.
        case closing
        /// Nothing more will be sent; bytes of the peer are read and discarded until it closes, too.
        case lingering
        case closed
    }

    let limits: WebSocketLimits
    let isServer: Bool
    var state = State.open
    var received = ByteBuffer()
    /// Discarded bytes.
    var discarded = 0
    var isOutputClosed = false
    var isInputClosed = false
    var closeTimer: Scheduled<Void>?
    private let deflate: PermessageDeflate?
    private let lease: ByteLease?
    private var assembler: MessageAssembler
    private var lastHeard = NIODeadline.now()
    private var controlFrames = 0
    private var inflated = 0
    /// Decompressed bytes of messages that have been passed on. Those of the last seconds may not have been consumed yet, and count
    /// as memory.
    private var passedOn = 0
    private var window = NIODeadline.now()
    private var ticker: Scheduled<Void>?
    private var sendTimer: Scheduled<Void>?

    init(limits: WebSocketLimits, isServer: Bool, deflate: PermessageDeflate? = nil) {
        self.limits = limits
        self.isServer = isServer
        self.deflate = deflate
        lease = limits.memory.map { ByteLease($0) }
        assembler = MessageAssembler(limits: limits, isMasked: isServer, allowsCompression: deflate != nil)
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
        lease?.resize(to: 0)
    }

    // MARK: - In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        lastHeard = .now()
        switch state {
        case .closed: return
        case .lingering: return discard(bytes.readableBytes, context)
        // Ignored bytes are bounded as well.
        case .closing: discard(bytes.readableBytes, context)
        case .open: break
        }
        received.writeBuffer(&bytes)
        do throws(FrameReader.Violation) {
            while state == .open || state == .closing, let event = try assembler.next(&received) {
                act(on: event, context)
            }
            if state == .open, lease?.resize(to: held) == false {
                throw FrameReader.Violation(code: .tryAgainLater, reason: "no memory for more of this message")
            }
            received.discardReadBytes()
        } catch {
            // After the close frame has been sent, messages of the peer are ignored, valid or not.
            if state == .open { fail(error.code, error.reason, context) } else { linger(context) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // The consumer of messages may have stopped reading.
        if state == .closing || state == .lingering { context.read() }
    }

    private func act(on event: MessageAssembler.Event, _ context: ChannelHandlerContext) {
        switch event {
        case .close(let code, _):
            if state == .open { send(close: code, reason: "", context) }
            endInput(context)
            linger(context)
        case .message(let message):
            guard state == .open else { return }
            guard isWithinRate() else { return fail(.policyViolation, "too much compressed data", context) }
            if assembler.inflated > passedOn {
                passedOn = assembler.inflated
                guard lease?.resize(to: held) != false else {
                    return fail(.tryAgainLater, "no memory for more compressed messages", context)
                }
            }
            context.fireChannelRead(wrapInboundOut(message))
        case .ping(let payload):
            controlFrames += 1
            guard isWithinRate(), state == .open else { return flooded(context) }
            write(.pong, payload, context)
            context.flush()
        case .pong:
            controlFrames += 1
            if !isWithinRate() { flooded(context) }
        }
    }

    /// The memory that counts: of the incomplete message, and of messages decompressed in the last seconds.
    private var held: Int { assembler.held + max(passedOn - inflated, 0) }

    /// Counts frames that cost more to handle than to send, over intervals of ten seconds.
    private func isWithinRate() -> Bool {
        let now = NIODeadline.now()
        if now - window > .seconds(10) { (window, controlFrames, inflated) = (now, 0, assembler.inflated) }
        return controlFrames <= limits.maximumControlFrames
            && assembler.inflated - inflated <= limits.maximumInflatedBytes
    }

    private func flooded(_ context: ChannelHandlerContext) {
        if state == .open { fail(.policyViolation, "too many control frames", context) }
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
            awaitClose(context)
            promise?.succeed()
        }
    }

    private func write(
        _ opcode: FrameReader.Opcode, _ payload: ByteBuffer, _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>? = nil
    ) {
        let compressed = opcode.isControl ? nil : compress(payload)
        let payload = compressed ?? payload
        var bytes = Self.head(
            opcode, length: payload.readableBytes, isMasked: !isServer, isCompressed: compressed != nil)
        if isServer, payload.readableBytes > Self.copiedBytes {
            // One system call writes both: they need not be contiguous in memory.
            context.write(wrapOutboundOut(bytes), promise: nil)
            context.write(wrapOutboundOut(payload), promise: promise)
            return
        }
        Self.append(payload, to: &bytes, isMasked: !isServer)
        context.write(wrapOutboundOut(bytes), promise: promise)
    }

    private func compress(_ payload: ByteBuffer) -> ByteBuffer? {
        guard let deflate, payload.readableBytes >= limits.leastCompressed,
            payload.readableBytes <= limits.mostCompressed
        else { return nil }
        return Deflater.shared(windowBits: deflate.windowBits)?.compress(payload)
    }

    /// Larger payloads are written after their head without a copy; smaller ones are faster to copy than to write separately.
    private static let copiedBytes = 1024

    /// The head of an unfragmented frame, with room for a short payload.
    private static func head(
        _ opcode: FrameReader.Opcode, length: Int, isMasked: Bool, isCompressed: Bool
    ) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity((isMasked || length <= copiedBytes ? length : 0) + 14)
        bytes.writeInteger(0x80 | (isCompressed ? 0x40 : 0) | opcode.rawValue)
        let masked: UInt8 = isMasked ? 0x80 : 0
        switch length {
        case ...125: bytes.writeInteger(masked | UInt8(length))
        case ...0xffff:
            bytes.writeInteger(masked | 126)
            bytes.writeInteger(UInt16(length))
        default:
            bytes.writeInteger(masked | 127)
            bytes.writeInteger(UInt64(length))
        }
        return bytes
    }

    private static func append(_ payload: ByteBuffer, to bytes: inout ByteBuffer, isMasked: Bool) {
        var payload = payload
        if isMasked {
            let mask = (0..<4).map { _ in UInt8.random(in: 0...255) }
            bytes.writeBytes(mask)
            FrameReader.unmask(&payload, mask, 0)
        }
        bytes.writeBuffer(&payload)
    }

    func send(close code: WebSocketCloseCode?, reason: String, _ context: ChannelHandlerContext) {
        var body = ByteBuffer()
        if let code {
            body.writeInteger(code.rawValue)
            body.writeString(String(decoding: reason.utf8.prefix(120), as: UTF8.self))
        }
        state = .closing
        write(.close, body, context)
        context.flush()
    }

    // MARK: - Time

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

    /// Pings a silent peer, and closes the connection of one that has been silent for too long.
    private func tick(_ context: ChannelHandlerContext) {
        guard state == .open else { return }
        _ = isWithinRate()
        lease?.resize(to: held)
        let silence = NIODeadline.now() - lastHeard
        if silence >= limits.idleLimit {
            fail(.policyViolation, "no message for too long", context)
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
