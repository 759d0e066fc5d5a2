internal import Digests
internal import Glibc
internal import LinuxSystem

/// Files that are there whole, or not at all, also after a power failure.
enum DurableFile {
    /// Writes a file under another name, flushes it, and gives it its name.
    static func write(_ bytes: [UInt8], to path: String, in directory: String) throws(SystemCallError) {
        let draft = directory + "/.draft-\(UInt64.random(in: .min ... .max))"
        let file = try Files.open(draft, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        var written = 0
        while written < bytes.count {
            // SAFETY: the pointer is used inside the closure only, and no more than the rest is read.
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(file.number, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            guard count > 0 else {
                let number = count == 0 ? ENOSPC : lastErrno
                if number == EINTR { continue }
                unlink(draft)
                throw SystemCallError("write", errno: number, object: path)
            }
            written += count
        }
        try name(file.number, draft, path, in: directory)
    }

    /// Flushes a file and gives it its name; the draft is gone when that fails.
    static func name(
        _ file: Int32, _ draft: String, _ path: String, in directory: String
    ) throws(SystemCallError) {
        guard fsync(file) == 0, rename(draft, path) == 0 else {
            let number = lastErrno
            unlink(draft)
            throw SystemCallError("rename", errno: number, object: path)
        }
        // The new name, too, must survive a power failure.
        let folder = try Files.openDirectory(directory)
        _ = fsync(folder.number)
    }

    /// SHA-256 of a file, in hexadecimal.
    static func digest(of file: Int32) throws(SystemCallError) -> String {
        var digest = RunningDigest(.sha256)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var offset: off_t = 0
        while true {
            // SAFETY: the kernel writes no more than the array has.
            let count = buffer.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, offset) }
            guard count >= 0 else { throw SystemCallError("pread", errno: lastErrno) }
            if count == 0 { return Hexadecimal.text(of: digest.finish()) }
            digest.update(Array(buffer[..<count]))
            offset += off_t(count)
        }
    }
}
