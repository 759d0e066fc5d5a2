internal import Glibc

/// The last step of every build: turns what a package manager or a foreign archive left into a root for sandboxes.
///
/// Set-user-id and set-group-id bits and file capabilities go, so do device nodes, sockets and pipes, what names this
/// machine or the moment of the build, caches, logs and password hashes; the sandbox's user appears.
struct TreeTidying {
    /// The user every sandbox's program runs as.
    static let user = "nestbox"

    /// Directories that are emptied, and made when they are missing.
    static let mountPoints = ["proc", "sys", "dev", "tmp", "run"]

    /// Directories that are emptied when they are there.
    static let emptied = [
        "var/cache", "var/log", "var/tmp", "var/lib/apt/lists", "var/lib/dbus", "etc/apt",
    ]

    /// Files that are removed: machine identity, host names, password hashes and their backups.
    static let removed = [
        "etc/machine-id", "etc/resolv.conf", "etc/hostname", "etc/hosts", "etc/shadow", "etc/shadow-", "etc/gshadow",
        "etc/gshadow-", "etc/passwd-", "etc/group-", "etc/subuid-", "etc/subgid-", ".dockerenv",
        "var/lib/dpkg/status-old", "var/lib/dpkg/diversions-old", "var/lib/dpkg/statoverride-old", "var/lib/dpkg/lock",
        "var/lib/dpkg/lock-frontend",
    ]

    /// Files that came into being at or after this time get `stamp` instead, so that two builds of one description
    /// agree. Seconds since 1970. Files that packages carry are older and keep their own time, which byte code
    /// caches compare with.
    let began: Int64
    /// 2023-06-10, the release of Debian 12. Any constant would do.
    static let stamp: Int64 = 1_686_355_200

    /// What the walk met.
    struct Summary: Equatable {
        var bytes: Int64 = 0
        var files = 0
        /// Set-id bits taken away.
        var stripped = 0
        /// Device nodes, sockets and pipes removed.
        var dropped = 0
    }

    /// Tidies the tree at `path`. The caller owns the tree alone.
    func run(_ path: String) throws(ImageError) -> Summary {
        let root = try TreeDirectory(path)
        for entry in Self.mountPoints { try empty(entry, in: root, making: true) }
        for entry in Self.emptied { try empty(entry, in: root, making: false) }
        for entry in Self.removed { try remove(entry, in: root) }
        try removeHostKeys(in: root)
        try AccountFiles.addUser(in: root)
        var summary = Summary()
        try walk(root, depth: 0, into: &summary)
        guard fchmod(root.descriptor.number, 0o755) == 0, fchown(root.descriptor.number, 0, 0) == 0 else {
            throw systemFailure("cannot set the owner of \(path)")
        }
        let time = timespec(tv_sec: Int(Self.stamp), tv_nsec: 0)
        guard futimens(root.descriptor.number, [time, time]) == 0 else {
            throw systemFailure("cannot set the time of \(path)")
        }
        return summary
    }

    private func empty(_ path: String, in root: borrowing TreeDirectory, making: Bool) throws(ImageError) {
        let name = Array(path.utf8)
        guard path.contains("/") else {
            let status = try root.status(name)
            if let status, status.st_mode & S_IFMT == S_IFDIR {
                try root.directory(name).removeContents()
            } else if status != nil || making {
                try root.remove(name)
                try root.makeDirectory(name, mode: 0o755)
            }
            return
        }
        try inParent(of: path, in: root) { (parent: borrowing TreeDirectory, name) throws(ImageError) in
            guard let status = try parent.status(name), status.st_mode & S_IFMT == S_IFDIR else { return }
            try parent.directory(name).removeContents()
        }
    }

    private func remove(_ path: String, in root: borrowing TreeDirectory) throws(ImageError) {
        try inParent(of: path, in: root) { (parent: borrowing TreeDirectory, name) throws(ImageError) in
            try parent.remove(name)
        }
    }

    private func removeHostKeys(in root: borrowing TreeDirectory) throws(ImageError) {
        try inParent(of: "etc/ssh/any", in: root) { (parent: borrowing TreeDirectory, _) throws(ImageError) in
            for name in try parent.entries() where name.starts(with: "ssh_host_".utf8) { try parent.remove(name) }
        }
    }

    /// Calls `body` with the directory that holds `path`, unless a component is missing or no real directory.
    private func inParent(
        of path: String, in root: borrowing TreeDirectory,
        _ body: (borrowing TreeDirectory, [UInt8]) throws(ImageError) -> Void
    ) throws(ImageError) {
        guard let slash = path.firstIndex(of: "/") else { return try body(root, Array(path.utf8)) }
        let head = Array(path[..<slash].utf8)
        guard let status = try root.status(head), status.st_mode & S_IFMT == S_IFDIR else { return }
        let rest = String(path[path.index(after: slash)...])
        let parent = try root.directory(head)
        try inParent(of: rest, in: parent, body)
    }

    private func walk(
        _ directory: borrowing TreeDirectory, depth: Int, into summary: inout Summary
    ) throws(ImageError) {
        guard depth <= TarPath.maximumDepth else { throw ImageError(.badArchive, "the tree is too deep") }
        for name in try directory.entries() {
            guard let status = try directory.status(name) else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                let child = try directory.directory(name)
                try walk(child, depth: depth + 1, into: &summary)
            case S_IFREG, S_IFLNK:
                summary.files += 1
                // Hard links share their blocks; each is counted, as a copy of the tree would.
                summary.bytes += Int64(status.st_size)
            default:
                try directory.remove(name)
                summary.dropped += 1
                continue
            }
            try strip(directory, name, status, &summary)
            if Int64(status.st_mtim.tv_sec) >= began || status.st_mode & S_IFMT == S_IFDIR {
                try directory.setTime(name, min(Self.stamp, Int64(status.st_mtim.tv_sec)))
            }
        }
    }

    private func strip(
        _ directory: borrowing TreeDirectory, _ name: [UInt8], _ status: stat, _ summary: inout Summary
    ) throws(ImageError) {
        // For a file even when it is root's already: chown(2) is what drops file capabilities (security.capability).
        if status.st_mode & S_IFMT == S_IFREG || status.st_uid != 0 || status.st_gid != 0 {
            let number = directory.descriptor.number
            let result = directory.withName(name) { fchownat(number, $0, 0, 0, AT_SYMLINK_NOFOLLOW) }
            guard result == 0 else { throw systemFailure("cannot set the owner of \(shown(name))") }
        }
        guard status.st_mode & S_IFMT != S_IFLNK else { return }
        if status.st_mode & (S_ISUID | S_ISGID) != 0 {
            try directory.setMode(name, status.st_mode & 0o1777)
            summary.stripped += 1
        }
    }
}
