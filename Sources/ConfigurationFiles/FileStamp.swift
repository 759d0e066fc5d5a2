internal import Glibc

/// What tells a file from the one that took its place, and from itself after a change.
package struct FileStamp: Equatable, Sendable, CustomStringConvertible {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let mode: UInt32
    private let modified: [Int]
    private let changed: [Int]

    /// - Parameter path: symbolic links are followed.
    /// - Returns: nil when there is no such file.
    package init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        mode = status.st_mode
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }

    package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }

    /// Whether another change would show: file systems count time in steps of some milliseconds.
    package var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return changed[0] + 1 < now.tv_sec
    }

    /// All of it, in one line.
    package var description: String {
        "\(device) \(inode) \(size) \(mode) \(modified[0]).\(modified[1]) \(changed[0]).\(changed[1])"
    }
}
