internal import Synchronization

/// A connection that controls a run. When it is released and no other one controls the run, the run may end with it.
package final class RunAttachment: Sendable {
    package let record: RunRecord
    private let runs: RunService
    private let isAttached = Mutex(true)

    /// Attaches the caller's connection to a run.
    package init(_ record: RunRecord, _ runs: RunService) {
        self.record = record
        self.runs = runs
        record.attachController()
    }

    deinit {
        release()
    }

    /// Ends it on the client's request: the run continues.
    package func detach() {
        if end() { _ = record.detachController() }
    }

    /// Ends it because the connection has ended.
    package func release() {
        if end(), record.detachController() { runs.cancel(record) }
    }

    /// - Returns: whether this is the first time.
    private func end() -> Bool {
        isAttached.withLock { isAttached in
            defer { isAttached = false }
            return isAttached
        }
    }
}
