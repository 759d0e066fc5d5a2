internal import Glibc
internal import Synchronization

/// The keys in memory, for many threads. Follows the file: a change counts within a second. Removing the file ends all keys; a
/// file that cannot be used ends none.
package final class KeyRing: Sendable {
    package enum Verification: Sendable, Equatable {
        case accepted(AccessKey)
        /// Unknown, expired or revoked; clients do not learn which.
        case refused
    }

    private struct Stamp: Equatable {
        var inode: UInt64 = 0
        var size: Int64 = 0
        var seconds = 0
        var nanoseconds = 0
        // Notices chmod(1) and chown(1), which fix a file that was refused.
        var changedSeconds = 0
        var changedNanoseconds = 0
    }

    private struct State {
        var keys: [String: AccessKey] = [:]
        var stamp = Stamp()
        var checkedAt: Int64 = 0
        /// The last reported error, so that it is reported once.
        var complaint: String?
    }

    private let file: KeyFile
    private let state: Mutex<State>
    private let report: @Sendable (String) -> Void
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - report: called for a file that cannot be read any more; the keys stay as they were.
    ///   - now: seconds since 1970.
    /// - Throws: when the file cannot be read now.
    package init(
        file: KeyFile, report: @escaping @Sendable (String) -> Void,
        now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
    ) throws(KeyFile.Problem) {
        self.file = file
        self.report = report
        self.now = now
        let stamp = Self.stamp(file.path)
        state = Mutex(State(keys: Self.index(try file.load()), stamp: stamp, checkedAt: now()))
    }

    package var count: Int { state.withLock { $0.keys.count } }

    /// Checks a key text.
    package func verify(_ text: String) -> Verification {
        let now = now()
        follow(now)
        guard let id = AccessKey.id(in: text), let key = state.withLock({ $0.keys[id] }), key.matches(text),
            key.isValid(at: now)
        else { return .refused }
        return .accepted(key)
    }

    private func follow(_ now: Int64) {
        let isDue = state.withLock { state in
            guard state.checkedAt != now else { return false }
            state.checkedAt = now
            return true
        }
        guard isDue else { return }
        let stamp = Self.stamp(file.path)
        guard state.withLock({ $0.stamp }) != stamp else { return }
        do throws(KeyFile.Problem) {
            let keys = Self.index(try file.load())
            state.withLock { state in (state.keys, state.stamp, state.complaint) = (keys, stamp, nil) }
        } catch {
            // The stamp stays old and the file is tried again in a second: a read that failed for lack of descriptors or
            // memory may have missed a revocation.
            let isNews = state.withLock { state in
                defer { state.complaint = error.description }
                return state.complaint != error.description
            }
            if isNews { report(error.description) }
        }
    }

    private static func index(_ keys: [AccessKey]) -> [String: AccessKey] {
        Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func stamp(_ path: String) -> Stamp {
        var status = Glibc.stat()
        guard stat(path, &status) == 0 else { return Stamp() }
        return Stamp(
            inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec, changedSeconds: status.st_ctim.tv_sec,
            changedNanoseconds: status.st_ctim.tv_nsec)
    }
}
