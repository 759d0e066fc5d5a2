internal import CLinux

extension Files {
    /// Marks a file or directory with an extended attribute (setxattr(2)). Best effort: not every file system has them.
    package static func mark(_ path: String, _ name: String) {
        // SAFETY: the bridged strings are NUL-terminated and outlive the call.
        _ = unsafe nestbox_mark(path, name)
    }

    /// Whether it is marked so.
    package static func isMarked(_ path: String, _ name: String) -> Bool {
        // SAFETY: as above.
        unsafe nestbox_is_marked(path, name) == 1
    }
}
