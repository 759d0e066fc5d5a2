internal import CLinux
internal import Glibc

/// Small files and directories, by directory descriptor and name.
package enum Files {
    /// The directory argument that stands for the working directory (AT_FDCWD); for absolute paths.
    package static let workingDirectory: Int32 = AT_FDCWD

    /// O_PATH: a descriptor that only names the file.
    package static let pathOnly: Int32 = 0o10000000

    package static func open(
        _ path: String, at directory: Int32 = workingDirectory, flags: Int32, mode: UInt32 = 0
    ) throws(SystemCallError) -> OwnedDescriptor {
        // SAFETY: the bridged string is NUL-terminated and outlives the call.
        let result = unsafe nestbox_openat(directory, path, flags, mode)
        return OwnedDescriptor(owning: try check(result, "openat", path))
    }

    package static func openDirectory(
        _ path: String, at directory: Int32 = workingDirectory
    ) throws(SystemCallError) -> OwnedDescriptor {
        try open(path, at: directory, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }

    /// The first `limit` bytes of a file. Kernel files (cgroup, proc) are read in one go.
    package static func read(
        _ path: String, at directory: Int32 = workingDirectory, limit: Int = 65_536
    ) throws(SystemCallError) -> [UInt8] {
        let file = try open(path, at: directory, flags: O_RDONLY | O_NOCTTY)
        return try read(file.number, limit: limit, name: path)
    }

    /// Reads an open file from its position to its end, at most `limit` bytes.
    package static func read(_ file: Int32, limit: Int, name: String = "") throws(SystemCallError) -> [UInt8] {
        // Grows with what is there: to clear as much memory as there may be takes longer than to read most files.
        var bytes = [UInt8](repeating: 0, count: min(limit, 65_536))
        var filled = 0
        while filled < limit {
            if filled == bytes.count {
                bytes.append(contentsOf: repeatElement(0, count: min(bytes.count, limit - filled)))
            }
            let end = bytes.count
            // SAFETY: the range filled..<end is inside the array.
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(file, buffer.baseAddress.map { unsafe $0 + filled }, end - filled)
            }
            if count < 0 {
                if lastErrno == EINTR { continue }
                throw SystemCallError("read", errno: lastErrno, object: name)
            }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    /// Writes to an existing file in one write(2), as kernel files want it. A short write is an error (EIO).
    /// What is there to be read now, at most `limit` bytes; never waits. Leaves the descriptor non-blocking.
    package static func readAvailable(_ file: Int32, limit: Int) throws(SystemCallError) -> [UInt8] {
        let flags = try check(nestbox_fcntl(file, F_GETFL, 0), "fcntl(F_GETFL)")
        try check(nestbox_fcntl(file, F_SETFL, Int(flags | O_NONBLOCK)), "fcntl(F_SETFL)")
        var bytes = [UInt8](repeating: 0, count: limit)
        // SAFETY: the buffer has exactly `limit` bytes.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, limit) }
        guard count >= 0 else {
            if lastErrno == EAGAIN { return [] }
            throw SystemCallError("read", errno: lastErrno)
        }
        bytes.removeLast(limit - count)
        return bytes
    }

    package static func write(
        _ text: String, to path: String, at directory: Int32 = workingDirectory
    ) throws(SystemCallError) {
        let file = try open(path, at: directory, flags: O_WRONLY | O_NOCTTY)
        let bytes = Array(text.utf8)
        // SAFETY: the buffer holds exactly `bytes.count` bytes.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file.number, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw SystemCallError("write", errno: lastErrno, object: path) }
        guard count == bytes.count else { throw SystemCallError("write", errno: EIO, object: path) }
    }

    /// Writes a value to a control file and reads back what the kernel made of it, at most 1,024 bytes.
    package static func exchange(
        _ text: String, with path: String, at directory: Int32 = workingDirectory
    ) throws(SystemCallError) -> [UInt8] {
        let file = try open(path, at: directory, flags: O_RDWR | O_NOCTTY)
        let bytes = Array(text.utf8)
        // SAFETY: the buffer holds exactly `bytes.count` bytes.
        let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file.number, $0.baseAddress, $0.count) }
        guard written >= 0 else { throw SystemCallError("write", errno: lastErrno, object: path) }
        guard written == bytes.count else { throw SystemCallError("write", errno: EIO, object: path) }
        return try readControl(file, name: path)
    }

    /// Reads a control file of a cgroup, which comes in one piece: at most 1,024 bytes, in one pread(2).
    package static func readControl(
        _ path: String, at directory: Int32 = workingDirectory
    ) throws(SystemCallError) -> [UInt8] {
        try readControl(try open(path, at: directory, flags: O_RDONLY | O_NOCTTY), name: path)
    }

    private static func readControl(
        _ file: borrowing OwnedDescriptor, name: String
    ) throws(SystemCallError) -> [UInt8] {
        try peek(file.number, limit: 1024, name: name)
    }

    /// Reads the beginning of an open file into a buffer, in one pread(2); its position stays where it is.
    /// - Returns: how many bytes; the rest of the buffer is as it was.
    package static func peek(
        _ file: Int32, into buffer: inout [UInt8], name: String = ""
    ) throws(SystemCallError) -> Int {
        // SAFETY: pread writes at most the array's own count.
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw SystemCallError("pread", errno: lastErrno, object: name) }
        return count
    }

    /// Writes to the beginning of an open control file, in one pwrite(2). A short write is an error (EIO).
    package static func overwrite(_ file: Int32, with text: String, name: String = "") throws(SystemCallError) {
        let bytes = Array(text.utf8)
        // SAFETY: the buffer holds exactly `bytes.count` bytes.
        let count = unsafe bytes.withUnsafeBytes { unsafe pwrite(file, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw SystemCallError("pwrite", errno: lastErrno, object: name) }
        guard count == bytes.count else { throw SystemCallError("pwrite", errno: EIO, object: name) }
    }

    /// Reads the beginning of an open file in one pread(2), at most `limit` bytes; its position stays where it is.
    package static func peek(_ file: Int32, limit: Int, name: String = "") throws(SystemCallError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        // SAFETY: pread writes at most the array's own count.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw SystemCallError("read", errno: lastErrno, object: name) }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    package static func makeDirectory(
        _ name: String, at directory: Int32 = workingDirectory, mode: UInt32 = 0o755
    ) throws(SystemCallError) {
        // SAFETY: the bridged string is NUL-terminated and outlives the call.
        guard unsafe mkdirat(directory, name, mode) == 0 else {
            throw SystemCallError("mkdirat", errno: lastErrno, object: name)
        }
    }

    package static func removeDirectory(
        _ name: String, at directory: Int32 = workingDirectory
    ) throws(SystemCallError) {
        // SAFETY: the bridged string is NUL-terminated and outlives the call.
        guard unsafe unlinkat(directory, name, AT_REMOVEDIR) == 0 else {
            throw SystemCallError("unlinkat", errno: lastErrno, object: name)
        }
    }

    /// Names in a directory, without `.` and `..`, in no order.
    package static func entries(of directory: borrowing OwnedDescriptor) throws(SystemCallError) -> [String] {
        try list(directory).map(\.name)
    }

    /// The names in it that are directories; links to directories are not.
    package static func subdirectories(of directory: borrowing OwnedDescriptor) throws(SystemCallError) -> [String] {
        var names: [String] = []
        for entry in try list(directory) {
            switch entry.type {
            case UInt8(DT_DIR): names.append(entry.name)
            case UInt8(DT_UNKNOWN):
                // A file system that does not say. Gone in the meantime is no directory.
                do throws(SystemCallError) {
                    if try status(entry.name, at: directory.number).kind == .directory { names.append(entry.name) }
                } catch {
                    guard error.errno == ENOENT else { throw error }
                }
            default: break
            }
        }
        return names
    }

    private static func list(
        _ directory: borrowing OwnedDescriptor
    ) throws(SystemCallError) -> [(name: String, type: UInt8)] {
        let copy = try open(".", at: directory.number, flags: O_RDONLY | O_DIRECTORY)
        let number = copy.release()
        // SAFETY: fdopendir takes the descriptor over; closedir closes it.
        guard let stream = unsafe fdopendir(number) else {
            let errno = lastErrno
            close(number)
            throw SystemCallError("fdopendir", errno: errno)
        }
        // SAFETY: `stream` is open until here.
        defer { _ = unsafe closedir(stream) }
        var entries: [(name: String, type: UInt8)] = []
        // SAFETY: an entry is valid until the next readdir; its name is NUL-terminated inside d_name.
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { raw in
                unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { entries.append((name, unsafe entry.pointee.d_type)) }
        }
        return entries
    }
}
