internal import Glibc
internal import LinuxSystem

/// Moves bytes of archives between files.
enum ArchiveCopy {
    /// Appends all bytes of a file to another one; their positions do not matter for the source, and move in the target.
    static func copy(_ source: Int32, to target: Int32) throws(SystemCallError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var offset: off_t = 0
        while true {
            // SAFETY: the kernel writes no more than the array has.
            let count = buffer.withUnsafeMutableBytes { pread(source, $0.baseAddress, $0.count, offset) }
            guard count >= 0 else { throw SystemCallError("pread", errno: lastErrno) }
            if count == 0 { return }
            try append(buffer[..<count], to: target)
            offset += off_t(count)
        }
    }

    /// Writes all bytes at the position of a file.
    static func append(_ bytes: ArraySlice<UInt8>, to target: Int32) throws(SystemCallError) {
        var rest = bytes
        while !rest.isEmpty {
            // SAFETY: the pointer is used inside the closure only.
            let count = rest.withUnsafeBytes { Glibc.write(target, $0.baseAddress, $0.count) }
            if count < 0, lastErrno == EINTR { continue }
            guard count > 0 else { throw SystemCallError("write", errno: count == 0 ? ENOSPC : lastErrno) }
            rest = rest.dropFirst(count)
        }
    }
}
