internal import Glibc

/// The exclusive right to build or remove one root, held by flock(2) on a file; a dead holder loses it.
///
/// Used by one thread; a class only so that it can be released in a `defer`.
final class RootLock {
    private var number: Int32
    private let path: String

    private init(number: Int32, path: String) {
        self.number = number
        self.path = path
    }

    deinit {
        release()
    }

    /// The lock if it is free now; nil if a process holds it.
    static func tryAcquire(_ path: String) throws(ImageError) -> RootLock? {
        while true {
            let number = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard number >= 0 else { throw systemFailure("cannot open \(path)") }
            let lock = RootLock(number: number, path: path)
            guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
                let reason = errno
                lock.abandon()
                if reason == EINTR { continue }
                guard reason == EWOULDBLOCK else { throw systemFailure("cannot lock \(path)", errno: reason) }
                return nil
            }
            if lock.isCurrent { return lock }
            lock.abandon()
        }
    }

    /// Waits for the lock, looking ten times a second whether it is free or the build was cancelled.
    static func acquire(
        _ path: String, cancellation: BuildCancellation, waiting: () -> Void
    ) throws(ImageError) -> RootLock {
        var hasReported = false
        while true {
            try cancellation.check()
            if let lock = try tryAcquire(path) { return lock }
            if !hasReported { waiting() }
            hasReported = true
            usleep(100_000)
        }
    }

    /// Whether a process holds the lock at this moment. False when that cannot be seen.
    static func isHeld(_ path: String) -> Bool {
        let number = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0 else { return false }
        defer { close(number) }
        return flock(number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Gives the lock up and removes its file; a second time does nothing.
    func release() {
        // Removed while it is still held, so that no process can have locked the file that goes.
        if number >= 0 { unlink(path) }
        abandon()
    }

    private func abandon() {
        if number >= 0 { close(number) }
        number = -1
    }

    /// Whether the file we locked is still the one of that name: its holder before us may have removed it.
    private var isCurrent: Bool {
        var held = stat()
        var named = stat()
        return fstat(number, &held) == 0 && lstat(path, &named) == 0 && named.st_ino == held.st_ino
            && named.st_dev == held.st_dev
    }
}
