internal import RunService
internal import Synchronization

/// A connection's hold on a run. When it is let go and nobody else holds the run, the run may end with it.
final class RunHold: Sendable {
    let record: RunRecord
    private let runs: RunService
    private let isHeld = Mutex(true)

    init(_ record: RunRecord, _ runs: RunService) {
        self.record = record
        self.runs = runs
        record.attachController()
    }

    deinit {
        release()
    }

    /// Lets go on purpose: the run goes on.
    func abandon() {
        let wasHeld = isHeld.withLock { held in
            defer { held = false }
            return held
        }
        if wasHeld { _ = record.detachController() }
    }

    func release() {
        let wasHeld = isHeld.withLock { held in
            defer { held = false }
            return held
        }
        if wasHeld, record.detachController() { runs.cancel(record) }
    }
}
