internal import CLinux
internal import Glibc
internal import LinuxSystem

/// Finds out what a call about a path will find, by looking there ourselves: in the program's root, as the program's user, just before
/// the kernel carries the call out. It is not the call's own answer, which the kernel tells nobody; what changes in between is missed.
///
/// For one thread, whose identity for files changes while it looks.
struct FileLookup {
    /// The program's user and group, as the host counts them.
    private let user, group: UInt32
    private static let own = (user: UInt32(geteuid()), group: UInt32(getegid()))
    private static let magic = [
        "/proc/self", "/proc/thread-self", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr",
    ]
    /// RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS.
    private static let resolution: UInt64 = 0x12

    /// - Parameter pid: any process of the program.
    /// - Returns: nil when it is gone.
    init?(of pid: Int32) {
        var status = stat()
        guard stat("/proc/\(pid)", &status) == 0, status.st_uid != 0 else { return nil }
        (user, group) = (status.st_uid, status.st_gid)
    }

    /// A path as the program sees it, from the root; nil where that cannot be told.
    func path(_ path: [UInt8], of pid: Int32, in directory: Int32?) -> [UInt8]? {
        guard let first = path.first else { return nil }
        if first == UInt8(ascii: "/") { return path }
        let link = directory.map { "/proc/\(pid)/fd/\($0)" } ?? "/proc/\(pid)/cwd"
        guard let target = try? Files.readLink(link), target.hasPrefix("/") else { return nil }
        return Array((target == "/" ? target : target + "/").utf8) + path
    }

    /// The errno that the program will get; nil when it gets what it wants, or when that cannot be told.
    ///
    /// - Parameters:
    ///   - path: from the root.
    ///   - follows: whether a symbolic link at the end is followed.
    func refusal(of path: [UInt8], for wish: FileWish, follows: Bool, pid: Int32) -> Int32? {
        let text = String(decoding: path, as: UTF8.self)
        // They are about whoever looks.
        guard !path.contains(0), !Self.magic.contains(where: text.hasPrefix) else { return nil }
        let root = nestbox_openat(AT_FDCWD, "/proc/\(pid)/root", Files.pathOnly | O_DIRECTORY, 0)
        guard root >= 0 else { return nil }
        defer { close(root) }
        defer { _ = nestbox_look_as(Self.own.user, Self.own.group) }
        guard nestbox_look_as(user, group) == 0 else { return nil }

        let file = look(path, root, follows: follows && wish != .remove)
        if file >= 0 {
            defer { close(file) }
            return refusal(of: file, path, for: wish, root)
        }
        guard -file == ENOENT, wish == .create else { return Self.plain(-file) }
        return parentRefusal(path, root)
    }

    private func refusal(of file: Int32, _ path: [UInt8], for wish: FileWish, _ root: Int32) -> Int32? {
        switch wish {
        case .look: return nil
        case .read: return access(file, R_OK)
        case .execute: return access(file, X_OK)
        case .remove: return parentRefusal(path, root)
        case .write, .create:
            var status = stat()
            // A directory that is there already is no refusal by rights.
            guard fstat(file, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return nil }
            return access(file, W_OK)
        }
    }

    /// Whether something can be made or removed in the directory of a path.
    private func parentRefusal(_ path: [UInt8], _ root: Int32) -> Int32? {
        var end = path.count
        while end > 1, path[end - 1] == UInt8(ascii: "/") { end -= 1 }
        while end > 0, path[end - 1] != UInt8(ascii: "/") { end -= 1 }
        let directory = look(end <= 1 ? [UInt8(ascii: "/")] : Array(path[..<end]), root, follows: true)
        guard directory >= 0 else { return Self.plain(-directory) }
        defer { close(directory) }
        // The order in which the kernel looks.
        return nestbox_is_read_only(directory) == 1 ? EROFS : access(directory, W_OK | X_OK)
    }

    private func look(_ path: [UInt8], _ root: Int32, follows: Bool) -> Int32 {
        (path + [0]).withUnsafeBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                guard let base = text.baseAddress else { return -EINVAL }
                return nestbox_openat2(root, base, Files.pathOnly | (follows ? 0 : O_NOFOLLOW), 0, Self.resolution)
            }
        }
    }

    private func access(_ file: Int32, _ mode: Int32) -> Int32? { Self.plain(-nestbox_may_access(file, mode)) }

    /// What the program would get, too; the others come from how we look.
    private static func plain(_ error: Int32) -> Int32? {
        [ENOENT, EACCES, EROFS, ENOTDIR, ENAMETOOLONG].contains(error) ? error : nil
    }
}
