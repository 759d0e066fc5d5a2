internal import CZlib
internal import NIOCore

/// Decompresses one message (RFC 7692, section 7.2.2) as it arrives, and never produces more than allowed.
///
/// Lives as long as its message, and belongs to the assembler of one socket: nothing else has a reference to it, so it may
/// be sent with the assembler.
final class Inflater: @unchecked Sendable {
    /// The memory that zlib needs for it, including the window.
    static let memory = 44_000

    // zlib keeps the address of the structure, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var left: Int
    private let limit: Int
    /// A block was marked as the last one; another stream may begin after it.
    private var hasEnded = false

    /// - Parameter limit: the most decompressed bytes.
    init?(limit: Int) {
        self.limit = limit
        left = limit
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Decompresses a piece of the message.
    ///
    /// - Parameter isLast: whether this is the end of the message.
    func push(_ piece: ByteBuffer, isLast: Bool) throws(FrameReader.Violation) -> ByteBuffer {
        var out = ByteBuffer()
        try inflate(piece, into: &out)
        guard isLast else { return out }
        try inflate(ByteBuffer(bytes: [0, 0, 0xff, 0xff]), into: &out)
        // Bit 7: between two blocks. Anywhere else the message was cut off.
        guard hasEnded || stream.pointee.data_type & 128 != 0 else { throw Self.broken }
        return out
    }

    private static let broken = FrameReader.Violation(code: .invalidData, reason: "compressed data is broken")

    private func inflate(_ piece: ByteBuffer, into out: inout ByteBuffer) throws(FrameReader.Violation) {
        guard piece.readableBytes > 0 else { return }
        var failure: FrameReader.Violation?
        piece.withUnsafeReadableBytes { source in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(clamping: source.count)
            do throws(FrameReader.Violation) {
                repeat { try step(&out) } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
            } catch {
                failure = error
            }
            (stream.pointee.next_in, stream.pointee.avail_in) = (nil, 0)
        }
        if let failure { throw failure }
    }

    private func step(_ out: inout ByteBuffer) throws(FrameReader.Violation) {
        if hasEnded {
            guard inflateReset(stream) == Z_OK else { throw Self.broken }
            hasEnded = false
        }
        // One more than allowed, to detect an excess.
        let most = min(left + 1, max(4096, min(Int(stream.pointee.avail_in) * 4, 65_536)))
        var result = Z_OK
        let count = out.writeWithUnsafeMutableBytes(minimumWritableBytes: most) { room in
            stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(most)
            result = CZlib.inflate(stream, Z_NO_FLUSH)
            return most - Int(stream.pointee.avail_out)
        }
        left -= count
        guard left >= 0 else {
            throw FrameReader.Violation(code: .messageTooBig, reason: "message larger than \(limit) bytes")
        }
        switch result {
        case Z_OK: break
        case Z_STREAM_END: hasEnded = true
        // Nothing left to do with the bytes at hand.
        case Z_BUF_ERROR where stream.pointee.avail_in == 0: stream.pointee.avail_out = 1
        default: throw Self.broken
        }
        // A stream that has ended fills no more room.
        if hasEnded, stream.pointee.avail_in == 0 { stream.pointee.avail_out = 1 }
    }
}
