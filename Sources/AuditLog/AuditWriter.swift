internal import Dispatch
internal import LinuxSystem
internal import Synchronization

/// Writes the records of an audit log on a thread of its own: a disk that hangs holds up nobody but those who ask for a record, and
/// those for a bounded time. Safe from any thread.
package final class AuditWriter: Sendable {
    /// Records that may wait for the disk; more are refused.
    package static let maximumWaiting = 64

    private struct State {
        var waiting = 0
        /// When the disk was given what it has not answered yet, in nanoseconds.
        var since: Int64?
        var hasTick = false
        /// Records that were refused because too many waited.
        var refused = 0
    }

    /// Hands one answer on, and only one.
    private final class Answer: Sendable {
        private let continuation: Mutex<CheckedContinuation<Result<Void, AuditProblem>, Never>?>

        init(_ continuation: CheckedContinuation<Result<Void, AuditProblem>, Never>) {
            self.continuation = Mutex(continuation)
        }

        var isGiven: Bool { continuation.withLock { $0 == nil } }

        func give(_ result: Result<Void, AuditProblem>) {
            let waiting = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiting?.resume(returning: result)
        }
    }

    private let log: AuditLog
    private let timeout: Int64
    private let queue = DispatchQueue(label: "nestbox.audit")
    private let deadlines = DispatchQueue(label: "nestbox.audit.deadlines")
    private let state = Mutex(State())

    /// - Parameter timeout: how long a record may wait for the disk, in nanoseconds.
    package init(_ log: AuditLog, timeout: Int64 = 5_000_000_000) {
        self.log = log
        self.timeout = timeout
    }

    /// That of the log; a disk that does not answer is an error, too. Never waits.
    package var status: AuditLog.Status {
        var status = log.status
        let (since, refused) = state.withLock { ($0.since, $0.refused) }
        status.failures += refused
        if let since, monotonicNow() - since >= timeout {
            status.lastError = status.lastError ?? silence.description
        }
        return status
    }

    /// Appends a record, and returns when it is written.
    ///
    /// - Throws: when it is not, or the disk has not answered in time. In the second case it may be written later.
    package func append(_ entry: AuditEntry) async throws(AuditProblem) {
        guard enter() else { throw full }
        let result = await withCheckedContinuation { continuation in
            let answer = Answer(continuation)
            work {
                // Whoever asked was told that there is no record: then there is none.
                guard !answer.isGiven else { return }
                do throws(AuditProblem) {
                    try self.log.append(entry)
                    answer.give(.success(()))
                } catch {
                    answer.give(.failure(error))
                }
            }
            give(answer)
        }
        try result.get()
    }

    /// Appends a record, and does not wait for it. What cannot be written is counted in the status.
    package func enqueue(_ entry: AuditEntry) {
        guard enter() else { return }
        // Counted by the log, and reported by health: the next tick tries to go on.
        work { _ = try? self.log.append(entry) }
    }

    /// As `AuditLog.tick`, without waiting; nothing is added while one waits.
    package func tick() {
        guard !state.withLock({ $0.hasTick }), enter(isRecord: false) else { return }
        state.withLock { $0.hasTick = true }
        work {
            self.state.withLock { $0.hasTick = false }
            self.log.tick()
        }
    }

    /// As `AuditLog.reopen`, without waiting.
    ///
    /// - Parameter onFailure: called with why the old file is kept.
    package func reopen(onFailure: @escaping @Sendable (AuditProblem) -> Void) {
        guard enter(isRecord: false) else { return onFailure(full) }
        work {
            do throws(AuditProblem) { try self.log.reopen() } catch { onFailure(error) }
        }
    }

    /// As `AuditLog.release`, after what waits already, without waiting.
    package func release() {
        queue.async { self.log.release() }
    }

    /// Waits until everything so far is written, or for `timeout`.
    package func finish() async {
        _ = await withCheckedContinuation { continuation in
            let answer = Answer(continuation)
            queue.async { answer.give(.success(())) }
            give(answer)
        }
    }

    /// The answer at the deadline, unless there is another one before.
    private func give(_ answer: Answer) {
        deadlines.asyncAfter(deadline: .now() + .nanoseconds(Int(timeout))) { answer.give(.failure(self.silence)) }
    }

    private func enter(isRecord: Bool = true) -> Bool {
        state.withLock { state in
            guard state.waiting < Self.maximumWaiting else {
                if isRecord { state.refused += 1 }
                return false
            }
            state.waiting += 1
            return true
        }
    }

    private func work(_ body: @escaping @Sendable () -> Void) {
        queue.async {
            self.state.withLock { $0.since = monotonicNow() }
            body()
            self.state.withLock { state in
                state.since = nil
                state.waiting -= 1
            }
        }
    }

    private var full: AuditProblem {
        AuditProblem(log.path, "is not written to: \(Self.maximumWaiting) records wait for its disk")
    }

    private var silence: AuditProblem {
        AuditProblem(log.path, "is not written to: its disk has not answered for \(timeout / 1_000_000_000) s")
    }
}
