internal import Glibc
internal import HummingbirdCore
internal import LinuxSystem
internal import NIOCore
internal import RunModel

/// The bytes of an open file on their way to a client.
enum FilePieces {
    private static let size = 65_536

    /// The file is shorter than it was: the answer cannot be completed.
    struct CutOff: Error {}

    /// In pieces that each wait for the reader.
    static func body(_ file: SharedDescriptor, _ range: Range<Int64>) -> ResponseBody {
        ResponseBody(contentLength: Int(range.count)) { writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let bytes = try read(file, from: offset, count: min(size, Int(range.upperBound - offset)))
                guard !bytes.isEmpty else { throw CutOff() }
                try await writer.write(ByteBuffer(bytes: bytes))
                offset += Int64(bytes.count)
            }
            try await writer.finish(nil)
        }
    }

    /// Up to so many bytes; fewer at the end. The file lies in memory: this does not wait.
    static func read(_ file: SharedDescriptor, from offset: Int64, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(count, 0))
        // SAFETY: the kernel writes no more than the array has.
        let read = bytes.withUnsafeMutableBytes { pread(file.number, $0.baseAddress, $0.count, off_t(offset)) }
        guard read >= 0 else { throw SystemCallError("pread", errno: lastErrno) }
        bytes.removeLast(bytes.count - read)
        return bytes
    }
}
