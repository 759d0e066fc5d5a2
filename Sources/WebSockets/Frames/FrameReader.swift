package import NIOCore

/// Parses WebSocket frames (RFC 6455, section 5.2), strictly and without waiting for whole frames: the
/// payload is delivered in the pieces in which it arrives, so nothing is ever allocated by a declared length.
package struct FrameReader: Sendable {
    package enum Opcode: UInt8, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        package var isControl: Bool { rawValue >= 8 }
    }

    package struct Header: Sendable, Equatable {
        package let opcode: Opcode
        package let isFinal: Bool
        package let length: Int
        /// The first frame of a compressed message (RFC 7692, section 6).
        package let isCompressed: Bool

        package init(opcode: Opcode, isFinal: Bool, length: Int, isCompressed: Bool = false) {
            self.opcode = opcode
            self.isFinal = isFinal
            self.length = length
            self.isCompressed = isCompressed
        }
    }

    package enum Part: Sendable, Equatable {
        case header(Header)
        /// Unmasked. `isLast` means that the frame is complete; a frame without payload has one empty piece.
        case payload(ByteBuffer, isLast: Bool)
    }

    package struct Violation: Error, Sendable, Equatable {
        package let code: WebSocketCloseCode
        package let reason: String
    }

    private enum State {
        case header
        case payload(left: Int, mask: [UInt8], offset: Int)
    }

    private let maximumLength: Int
    /// Whether frames must be masked: those of clients must, those of servers must not be.
    private let isMasked: Bool
    /// Whether compression has been negotiated.
    private let allowsCompression: Bool
    private var state = State.header

    package init(maximumLength: Int, isMasked: Bool = true, allowsCompression: Bool = false) {
        self.maximumLength = maximumLength
        self.isMasked = isMasked
        self.allowsCompression = allowsCompression
    }

    /// The next part, removed from the buffer; nil when more bytes are needed.
    package mutating func next(_ buffer: inout ByteBuffer) throws(Violation) -> Part? {
        switch state {
        case .header: return try header(&buffer)
        case .payload(let left, let mask, let offset):
            let count = min(left, buffer.readableBytes)
            guard count > 0 || left == 0, var piece = buffer.readSlice(length: count) else { return nil }
            if !mask.isEmpty { Self.unmask(&piece, mask, offset) }
            let isLast = count == left
            state = isLast ? .header : .payload(left: left - count, mask: mask, offset: (offset + count) & 3)
            return .payload(piece, isLast: isLast)
        }
    }

    private mutating func header(_ buffer: inout ByteBuffer) throws(Violation) -> Part? {
        let start = buffer.readerIndex
        guard let first = buffer.getInteger(at: start, as: UInt8.self) else { return nil }
        guard let opcode = Opcode(rawValue: first & 0x0f) else {
            throw Violation(code: .protocolError, reason: "unknown opcode")
        }
        // The first bit marks the first frame of a compressed message, and no other frame.
        let mayBeCompressed = allowsCompression && (opcode == .text || opcode == .binary)
        guard first & (mayBeCompressed ? 0x30 : 0x70) == 0 else {
            throw Violation(code: .protocolError, reason: "reserved bits are set")
        }
        guard let second = buffer.getInteger(at: start + 1, as: UInt8.self) else { return nil }
        guard (second & 0x80 != 0) == isMasked else {
            throw Violation(code: .protocolError, reason: isMasked ? "frame without mask" : "masked frame")
        }
        let isFinal = first & 0x80 != 0
        let short = Int(second & 0x7f)
        if opcode.isControl {
            guard isFinal else { throw Violation(code: .protocolError, reason: "fragmented control frame") }
            guard short <= 125 else { throw Violation(code: .protocolError, reason: "control frame too long") }
        }
        var size = 2
        var length = UInt64(short)
        if short == 126 {
            guard let long = buffer.getInteger(at: start + 2, as: UInt16.self) else { return nil }
            guard long > 125 else { throw Violation(code: .protocolError, reason: "length not minimal") }
            (size, length) = (4, UInt64(long))
        } else if short == 127 {
            guard let long = buffer.getInteger(at: start + 2, as: UInt64.self) else { return nil }
            guard long >> 63 == 0 else { throw Violation(code: .protocolError, reason: "length out of range") }
            guard long > 0xffff else { throw Violation(code: .protocolError, reason: "length not minimal") }
            (size, length) = (10, long)
        }
        guard length <= UInt64(maximumLength) else {
            throw Violation(code: .messageTooBig, reason: "frame larger than \(maximumLength) bytes")
        }
        var mask: [UInt8] = []
        if isMasked {
            guard let bytes = buffer.getBytes(at: start + size, length: 4) else { return nil }
            mask = bytes
            size += 4
        }
        buffer.moveReaderIndex(forwardBy: size)
        state = .payload(left: Int(length), mask: mask, offset: 0)
        return .header(
            Header(opcode: opcode, isFinal: isFinal, length: Int(length), isCompressed: first & 0x40 != 0))
    }

    /// Applies a mask, or removes it: eight bytes at a time.
    static func unmask(_ piece: inout ByteBuffer, _ mask: [UInt8], _ offset: Int) {
        var word: UInt64 = 0
        for index in 0..<8 { word |= UInt64(mask[(index + offset) & 3]) << (index * 8) }
        word = word.littleEndian
        piece.withUnsafeMutableReadableBytes { bytes in
            var index = 0
            while index + 8 <= bytes.count {
                let value = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                bytes.storeBytes(of: value ^ word, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            while index < bytes.count {
                bytes[index] ^= mask[(index + offset) & 3]
                index += 1
            }
        }
    }
}
