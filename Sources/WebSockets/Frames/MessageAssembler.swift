package import NIOCore

/// A whole message.
package enum WebSocketMessage: Sendable, Equatable {
    case text(String)
    case binary(ByteBuffer)
}

/// Assembles frames into messages and checks their order (RFC 6455, sections 5.4 to 5.6). A value:
/// bytes in, events out, the first violation ends it.
package struct MessageAssembler: Sendable {
    package enum Event: Sendable, Equatable {
        case message(WebSocketMessage)
        case ping(ByteBuffer)
        case pong
        /// The peer's close frame; without a code when it had none.
        case close(WebSocketCloseCode?, reason: String)
    }

    private struct Message {
        let isText: Bool
        var bytes: ByteBuffer
        var fragments = 0
        var checker = UTF8Checker()
        /// The decompressor of a compressed message.
        var inflater: Inflater?
    }

    private let limits: WebSocketLimits
    private var reader: FrameReader
    private var header: FrameReader.Header?
    private var message: Message?
    private var control = ByteBuffer()
    /// Decompressed bytes of messages so far.
    package private(set) var inflated = 0

    /// - Parameter allowsCompression: whether compression has been negotiated.
    package init(limits: WebSocketLimits, isMasked: Bool = true, allowsCompression: Bool = false) {
        self.limits = limits
        reader = FrameReader(
            maximumLength: limits.maximumMessageBytes, isMasked: isMasked, allowsCompression: allowsCompression)
    }

    /// Memory of the incomplete message.
    package var held: Int {
        guard let message else { return 0 }
        return message.bytes.readableBytes + (message.inflater == nil ? 0 : Inflater.memory)
    }

    /// The next event in the bytes; nil when more are needed.
    package mutating func next(_ buffer: inout ByteBuffer) throws(FrameReader.Violation) -> Event? {
        while let part = try reader.next(&buffer) {
            switch part {
            case .header(let header):
                self.header = header
                if header.opcode.isControl { control.clear() } else { try begin(header) }
            case .payload(let piece, let isLast):
                guard let header else { continue }
                if header.opcode.isControl {
                    var piece = piece
                    control.writeBuffer(&piece)
                    if isLast { return try finishControl(header.opcode) }
                } else if let whole = try append(piece, isLast: isLast && header.isFinal) {
                    return .message(whole)
                }
            }
        }
        return nil
    }

    private mutating func begin(_ header: FrameReader.Header) throws(FrameReader.Violation) {
        switch (header.opcode, message) {
        case (.continuation, nil):
            throw FrameReader.Violation(code: .protocolError, reason: "continuation of nothing")
        case (.text, .some), (.binary, .some):
            throw FrameReader.Violation(code: .protocolError, reason: "new message before the end of the last one")
        case (.text, nil), (.binary, nil):
            var begun = Message(isText: header.opcode == .text, bytes: ByteBuffer())
            if header.isCompressed {
                guard let inflater = Inflater(limit: limits.maximumMessageBytes) else {
                    throw FrameReader.Violation(code: .tryAgainLater, reason: "no memory for compressed data")
                }
                begun.inflater = inflater
            }
            message = begun
        default: break
        }
        message?.fragments += 1
        guard (message?.fragments ?? 0) <= limits.maximumFragments else {
            throw FrameReader.Violation(code: .messageTooBig, reason: "more than \(limits.maximumFragments) fragments")
        }
        // The size of a compressed frame is known only after decompression.
        guard
            message?.inflater != nil
                || (message?.bytes.readableBytes ?? 0) + header.length <= limits.maximumMessageBytes
        else {
            throw FrameReader.Violation(
                code: .messageTooBig, reason: "message larger than \(limits.maximumMessageBytes) bytes")
        }
    }

    private mutating func append(
        _ piece: ByteBuffer, isLast: Bool
    ) throws(FrameReader.Violation) -> WebSocketMessage? {
        guard var current = message else { return nil }
        // Removed and stored again, so that its bytes are changed in place.
        message = nil
        var piece = piece
        if let inflater = current.inflater {
            piece = try inflater.push(piece, isLast: isLast)
            inflated += piece.readableBytes
        }
        if current.isText, !current.checker.push(piece.readableBytesView) {
            throw FrameReader.Violation(code: .invalidData, reason: "text is not UTF-8")
        }
        current.bytes.writeBuffer(&piece)
        guard isLast else {
            message = current
            return nil
        }
        guard current.isText else { return .binary(current.bytes) }
        guard current.checker.isComplete else {
            throw FrameReader.Violation(code: .invalidData, reason: "text is not UTF-8")
        }
        return .text(String(buffer: current.bytes))
    }

    private mutating func finishControl(_ opcode: FrameReader.Opcode) throws(FrameReader.Violation) -> Event {
        switch opcode {
        case .ping: return .ping(control)
        case .pong: return .pong
        default: break
        }
        guard control.readableBytes > 0 else { return .close(nil, reason: "") }
        var body = control
        guard let number = body.readInteger(as: UInt16.self) else {
            throw FrameReader.Violation(code: .protocolError, reason: "close frame with half a code")
        }
        let code = WebSocketCloseCode(rawValue: number)
        guard code.isValid else { throw FrameReader.Violation(code: .protocolError, reason: "invalid close code") }
        guard let reason = String(validating: body.readableBytesView, as: UTF8.self) else {
            throw FrameReader.Violation(code: .invalidData, reason: "close reason is not UTF-8")
        }
        return .close(code, reason: reason)
    }
}
