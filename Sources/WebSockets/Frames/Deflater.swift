internal import CZlib
internal import NIOCore
internal import NIOPosix

/// Compresses messages, each by itself. All sockets of a thread share one per window size: its memory, some 270
/// KiB, does not grow with their number.
final class Deflater {
    private static let cache = ThreadSpecificVariable<Cache>()

    /// The compressors of one thread, used by no other.
    private final class Cache: @unchecked Sendable {
        var deflaters: [Int: Deflater] = [:]
    }

    /// The compressor of this thread.
    ///
    /// - Parameter windowBits: 9 to 15.
    static func shared(windowBits: Int) -> Deflater? {
        let cache = cache.currentValue ?? Cache()
        Self.cache.currentValue = cache
        if let known = cache.deflaters[windowBits] { return known }
        let made = Deflater(windowBits: windowBits)
        cache.deflaters[windowBits] = made
        return made
    }

    // zlib keeps the address of the structure, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    private init?(windowBits: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Negative bits: without zlib's header. The fastest level: each message is sent only once.
        let result = deflateInit2_(
            stream, 1, Z_DEFLATED, Int32(-windowBits), 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The payload of a compressed message (RFC 7692, section 7.2.1); nil when that is not shorter.
    func compress(_ payload: ByteBuffer) -> ByteBuffer? {
        guard deflateReset(stream) == Z_OK, let length = UInt32(exactly: payload.readableBytes), length > 8 else {
            return nil
        }
        var out = ByteBuffer()
        let isDone = payload.withUnsafeReadableBytes { source in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = length
            var isDone = false
            out.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(length)) { room in
                stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = length
                // Remaining room means that all output has been written.
                isDone = deflate(stream, Z_SYNC_FLUSH) == Z_OK && stream.pointee.avail_out > 0
                return Int(length - stream.pointee.avail_out)
            }
            return isDone
        }
        let tail: [UInt8] = [0, 0, 0xff, 0xff]
        guard isDone, stream.pointee.avail_in == 0, out.readableBytes > 4,
            out.getBytes(at: out.writerIndex - 4, length: 4) == tail
        else { return nil }
        out.moveWriterIndex(to: out.writerIndex - 4)
        return out
    }
}
