internal import Synchronization

/// One reader of a log, for one task at a time. It holds nothing up and needs no end.
package final class LogReader<Entry: LogEntry>: Sendable {
    package enum Batch: Sendable {
        /// The number of the first one, and the entries.
        case entries(first: Int64, [Entry])
        /// Entries `from..<to` are no longer kept.
        case lagged(from: Int64, to: Int64)
        /// Nothing for a while: time for a sign of life.
        case quiet
        /// All has been read, or the reader was cancelled.
        case ended
    }

    private struct State {
        var next: Int64
        var isCancelled = false
    }

    private let log: RingLog<Entry>
    private let state: Mutex<State>

    /// - Parameter number: of the first entry that is wanted; at least 1, at most the next one.
    package init(_ log: RingLog<Entry>, from number: Int64) {
        self.log = log
        state = Mutex(State(next: min(max(number, 1), log.next)))
    }

    /// The next entries, as soon as there are some.
    package func next(maximumCost: Int = 262_144) async -> Batch {
        for mayWait in [true, false] {
            let (number, isCancelled) = state.withLock { ($0.next, $0.isCancelled) }
            if isCancelled || Task.isCancelled { return .ended }
            switch log.read(from: number, maximumCost: maximumCost) {
            case .entries(let first, let entries):
                state.withLock { $0.next = number + Int64(entries.count) }
                return .entries(first: first, entries)
            case .missed(let from, let to):
                state.withLock { $0.next = to }
                return .lagged(from: from, to: to)
            case .ended: return .ended
            case .nothing: if mayWait { await log.wait(for: number) }
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
