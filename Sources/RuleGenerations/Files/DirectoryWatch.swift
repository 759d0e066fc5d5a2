internal import Glibc
internal import LinuxSystem

/// Says whether something has happened in some directories since it was asked last: inotify(7).
///
/// For one task. What inotify does not tell (network file systems, no watches left) is found by `RuleReloader` all the same, which also
/// looks at the files every few seconds.
final class DirectoryWatch {
    private static let events = UInt32(
        IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF
            | IN_MOVE_SELF)
    /// Reads of one look; what is beyond is left for the next one: that something happened is known.
    private static let reads = 16

    private let descriptor: OwnedDescriptor?
    private var watched: [String: Int32] = [:]
    /// Why nothing, or not all, is watched.
    private(set) var trouble: String?

    init() {
        let number = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        descriptor = number >= 0 ? OwnedDescriptor(owning: number) : nil
        if number < 0 { trouble = String(cString: strerror(errno)) }
    }

    /// Watches these directories from now on; those that are not there are left out. One that has been replaced by another of its name is
    /// watched anew.
    func watch(_ directories: Set<String>) {
        guard let number = descriptor.borrowedNumber else { return }
        trouble = nil
        var found: [String: Int32] = [:]
        for directory in directories {
            // The same number for a directory that is watched already.
            let watch = inotify_add_watch(number, directory, Self.events)
            if watch >= 0 {
                found[directory] = watch
            } else if errno != ENOENT, errno != ENOTDIR {
                trouble = "\(directory): \(String(cString: strerror(errno)).lowercased())"
            }
        }
        let kept = Set(found.values)
        for watch in Set(watched.values).subtracting(kept) { inotify_rm_watch(number, watch) }
        watched = found
    }

    /// Never blocks.
    func hasChanged() -> Bool {
        guard let number = descriptor.borrowedNumber else { return false }
        var hasChanged = false
        for _ in 0..<Self.reads {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = read(number, &bytes, bytes.count)
            guard count > 0 else { break }
            hasChanged = true
        }
        return hasChanged
    }
}
