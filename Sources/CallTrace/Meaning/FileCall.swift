/// What a call about a path wants with it.
package enum FileWish: String, Sendable, Hashable, Encodable {
    case read, write, create, remove, execute, look
}

/// Where the path of a call is among its arguments, and what the call wants.
package struct FileCall: Sendable {
    /// The argument that holds the descriptor of the directory; nil where the working directory counts.
    package let directory: Int?
    package let path: Int
    /// Nil where the flags of open(2) say it, which are in this argument.
    let wish: FileWish?
    let flags: Int?

    /// - Parameter how: of openat2(2): the flags, in place of the argument that points to them.
    package func wish(_ arguments: [UInt64], how: UInt64? = nil) -> FileWish {
        if let wish { return wish }
        let value = how ?? flags.map { arguments[$0] } ?? 0
        if value & 0x20_0000 != 0 { return .look }  // O_PATH
        if value & 0o100 != 0 { return .create }  // O_CREAT
        return value & 3 == 0 ? .read : .write
    }

    package static func of(_ call: String) -> FileCall? { table[call] }

    private static let table: [String: FileCall] = {
        var table: [String: FileCall] = [:]
        func add(_ calls: String..., at directory: Int? = nil, path: Int = 0, for wish: FileWish?, flags: Int? = nil) {
            for call in calls { table[call] = FileCall(directory: directory, path: path, wish: wish, flags: flags) }
        }
        add("open", for: nil, flags: 1)
        add("openat", "openat2", at: 0, path: 1, for: nil, flags: 2)
        add("creat", "mkdir", "mknod", for: .create)
        add("mkdirat", "mknodat", at: 0, path: 1, for: .create)
        add("symlink", "link", path: 1, for: .create)
        add("symlinkat", at: 1, path: 2, for: .create)
        add("linkat", at: 2, path: 3, for: .create)
        add("unlink", "rmdir", "rename", for: .remove)
        add("unlinkat", "renameat", "renameat2", at: 0, path: 1, for: .remove)
        add("truncate", for: .write)
        add("execve", for: .execute)
        add("execveat", at: 0, path: 1, for: .execute)
        add("stat", "lstat", "access", "readlink", "chdir", "statfs", for: .look)
        add("newfstatat", "statx", "faccessat", "faccessat2", "readlinkat", at: 0, path: 1, for: .look)
        return table
    }()
}
