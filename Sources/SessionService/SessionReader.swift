internal import SessionModel
internal import Synchronization

/// One reader of a session's events, for one task at a time. It holds nothing up and needs no end.
package final class SessionReader: Sendable {
    package enum Batch: Sendable {
        case events([LoggedSessionEvent])
        /// Events `from..<to` are no longer kept.
        case lagged(from: Int64, to: Int64)
        /// Nothing for a while: time for a sign of life.
        case quiet
        /// The terminal event has been read, or the reader was cancelled.
        case ended
    }

    private struct State {
        var next: Int64
        var isCancelled = false
    }

    private let log: SessionLog
    private let state: Mutex<State>

    /// - Parameter sequence: of the first event that is wanted; at least 1, at most the next one.
    init(_ log: SessionLog, from sequence: Int64) {
        self.log = log
        state = Mutex(State(next: min(max(sequence, 1), log.next)))
    }

    /// The next events, as soon as there are some.
    ///
    /// - Parameter maximumBytes: about how much JSON one batch may hold.
    package func next(maximumBytes: Int = 262_144) async -> Batch {
        for mayWait in [true, false] {
            let (sequence, isCancelled) = state.withLock { ($0.next, $0.isCancelled) }
            if isCancelled || Task.isCancelled { return .ended }
            switch log.read(from: sequence, maximumBytes: maximumBytes) {
            case .events(let events):
                state.withLock { $0.next = sequence + Int64(events.count) }
                return .events(events)
            case .missed(let from, let to):
                state.withLock { $0.next = to }
                return .lagged(from: from, to: to)
            case .ended: return .ended
            case .nothing: if mayWait { await log.wait(for: sequence) }
            }
        }
        return .quiet
    }

    /// Ends it from another task.
    package func cancel() {
        state.withLock { $0.isCancelled = true }
        log.wakeReaders()
    }
}
