/// Calls that the listener of an observed sandbox is asked about although the filter allows them: they say which files and which
/// destinations a program wants.
enum ObservedCalls {
    static let names = files + destinations

    private static let files = [
        "open", "openat", "openat2", "creat", "execve", "execveat", "mkdir", "mkdirat", "mknod", "mknodat", "symlink",
        "symlinkat", "link", "linkat", "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2", "truncate",
        "stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "chdir",
        "statfs",
    ]

    private static let destinations = ["connect", "sendto", "sendmsg", "sendmmsg"]
}
