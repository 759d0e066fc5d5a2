internal import Glibc

/// The file of an index, in the state directory.
///
/// It decides which policy a run gets that names none, so it is used only when root alone can have written it: the file and
/// its directory belong to root, and neither the group nor others may write there.
struct CatalogIndexFile {
    static let maximumBytes = 1_048_576

    let path: String
    private let directory: String

    init(state: String) {
        directory = state
        path = state + "/catalog-index"
    }

    /// - Returns: nil when there is none, or none that may be used.
    func read() -> CatalogIndex? {
        guard isDirectorySafe else { return nil }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Self.isRoots(status),
            (1...Int64(Self.maximumBytes)).contains(Int64(status.st_size))
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        guard Glibc.read(file, &bytes, bytes.count) == bytes.count else { return nil }
        return String(validating: bytes, as: UTF8.self).flatMap(CatalogIndex.init(text:))
    }

    /// Replaces the file, all or nothing. A failure costs the next command its time, and is no error.
    func write(_ index: CatalogIndex) {
        guard geteuid() == 0, isDirectorySafe else { return }
        let bytes = Array(index.text.utf8)
        guard bytes.count <= Self.maximumBytes else { return }
        let temporary = "\(path).\(getpid())"
        // What is left of a process that had the same number.
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard file >= 0 else { return }
        let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count && fchmod(file, 0o644) == 0
        close(file)
        if !isWritten || rename(temporary, path) != 0 { unlink(temporary) }
    }

    private var isDirectorySafe: Bool {
        var status = stat()
        return stat(directory, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && Self.isRoots(status)
    }

    private static func isRoots(_ status: stat) -> Bool { status.st_uid == 0 && status.st_mode & 0o022 == 0 }
}
