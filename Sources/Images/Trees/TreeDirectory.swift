internal import Glibc

/// A directory inside a tree that is being built or taken down, held by its descriptor.
///
/// Every name is a single component given as raw bytes (file names need not be UTF-8) and is never followed when it
/// is a symbolic link, so nothing in a hostile tree can lead an operation out of it.
struct TreeDirectory: ~Copyable {
    let descriptor: FileDescriptor

    init(_ path: String) throws(ImageError) {
        descriptor = try FileDescriptor(path, flags: O_RDONLY | O_DIRECTORY)
    }

    private init(owning number: Int32) {
        descriptor = FileDescriptor(owning: number)
    }

    /// The names in the directory, without `.` and `..`, sorted bytewise so that walks are the same everywhere.
    borrowing func entries() throws(ImageError) -> [[UInt8]] {
        let copy = openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else {
            let number = errno
            if copy >= 0 { close(copy) }
            throw systemFailure("cannot list a directory", errno: number)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) }
            if name != [0x2e] && name != [0x2e, 0x2e] { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// What lies under a name, the link itself if it is one; nil when there is nothing.
    borrowing func status(_ name: [UInt8]) throws(ImageError) -> stat? {
        var status = stat()
        let result = withName(name) { fstatat(descriptor.number, $0, &status, AT_SYMLINK_NOFOLLOW) }
        if result == 0 { return status }
        if errno == ENOENT { return nil }
        throw systemFailure("cannot look at \(shown(name))")
    }

    /// Whether a real directory, no link to one, lies under the name.
    borrowing func isDirectory(_ name: [UInt8]) throws(ImageError) -> Bool {
        try status(name).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    /// Whether a regular file lies under the name.
    borrowing func isFile(_ name: [UInt8]) throws(ImageError) -> Bool {
        try status(name).map { $0.st_mode & S_IFMT == S_IFREG } ?? false
    }

    /// - Throws: ENOTDIR or ELOOP as `storage` when the name is a symbolic link or no directory.
    borrowing func directory(_ name: [UInt8]) throws(ImageError) -> TreeDirectory {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let opened = withName(name) { openat(descriptor.number, $0, flags) }
        guard opened >= 0 else { throw systemFailure("cannot open directory \(shown(name))") }
        return TreeDirectory(owning: opened)
    }

    borrowing func makeDirectory(_ name: [UInt8], mode: mode_t) throws(ImageError) {
        guard withName(name, { mkdirat(descriptor.number, $0, 0o700) }) == 0 else {
            throw systemFailure("cannot make directory \(shown(name))")
        }
        try setMode(name, mode)
    }

    /// Makes a new file; an existing one, whatever it is, is an error.
    borrowing func makeFile(_ name: [UInt8]) throws(ImageError) -> FileDescriptor {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let opened = withName(name) { openat(descriptor.number, $0, flags, 0o600) }
        guard opened >= 0 else { throw systemFailure("cannot make file \(shown(name))") }
        return FileDescriptor(owning: opened)
    }

    borrowing func makeLink(_ name: [UInt8], to target: [UInt8]) throws(ImageError) {
        let result = withName(name) { name in withName(target) { symlinkat($0, descriptor.number, name) } }
        guard result == 0 else { throw systemFailure("cannot make link \(shown(name))") }
    }

    /// Sets the permission bits of something that is no symbolic link (the caller has looked).
    borrowing func setMode(_ name: [UInt8], _ mode: mode_t) throws(ImageError) {
        guard withName(name, { fchmodat(descriptor.number, $0, mode, 0) }) == 0 else {
            throw systemFailure("cannot set the mode of \(shown(name))")
        }
    }

    /// Sets access and modification time, of the link itself if it is one, to whole seconds since 1970.
    borrowing func setTime(_ name: [UInt8], _ seconds: Int64) throws(ImageError) {
        let time = timespec(tv_sec: Int(seconds), tv_nsec: 0)
        let result = withName(name) { utimensat(descriptor.number, $0, [time, time], AT_SYMLINK_NOFOLLOW) }
        guard result == 0 else { throw systemFailure("cannot set the time of \(shown(name))") }
    }

    /// The first `limit` bytes of a regular file; nil when there is none of that name or it is no regular file.
    borrowing func contents(_ name: [UInt8], limit: Int) throws(ImageError) -> [UInt8]? {
        guard let status = try status(name), status.st_mode & S_IFMT == S_IFREG else { return nil }
        let opened = withName(name) { openat(descriptor.number, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) }
        guard opened >= 0 else { throw systemFailure("cannot open \(shown(name))") }
        let file = FileDescriptor(owning: opened)
        return try file.read(at: 0, count: limit)
    }

    /// Runs `body` with a NUL-terminated copy of a name.
    func withName<Result>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let terminated = name.map { CChar(bitPattern: $0) } + [0]
        return terminated.withUnsafeBufferPointer { buffer in
            // An array with at least the terminator in it always has a base address.
            guard let base = buffer.baseAddress else { preconditionFailure("empty name buffer") }
            return body(base)
        }
    }
}

/// A file name for a message: UTF-8 repaired, control characters escaped, at most 120 characters.
func shown(_ name: [UInt8]) -> String {
    let text = String(decoding: name.prefix(480), as: UTF8.self)
    return "\"" + text.unicodeScalars.prefix(120).map { $0.escaped(asASCII: false) }.joined() + "\""
}

/// Writes all bytes to a descriptor.
func writeAll(_ bytes: [UInt8], to file: borrowing FileDescriptor) throws(ImageError) {
    var done = 0
    while done < bytes.count {
        let count = bytes.withUnsafeBytes { buffer in
            write(file.number, buffer.baseAddress.map { $0 + done }, buffer.count - done)
        }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw systemFailure("cannot write") }
        done += count
    }
}
