internal import DequeModule
internal import Synchronization

/// Something that a `RingLog` keeps.
package protocol LogEntry: Sendable {
    /// Bytes that it is counted for in memory.
    var cost: Int { get }
}

/// What is appended to it, numbered from 1, kept within bounds: the oldest goes first. Whoever appends never waits for a reader; one that
/// is too slow is told what it has missed. Safe from any thread.
package final class RingLog<Entry: LogEntry>: Sendable {
    private struct State {
        var entries: Deque<Entry> = []
        /// The number of the oldest entry that is kept.
        var first: Int64
        var bytes = 0
        var hasEnded = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0

        var next: Int64 { first + Int64(entries.count) }

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer { waiters = [:] }
            return Array(waiters.values)
        }
    }

    private let state: Mutex<State>
    private let capacity: Int

    /// - Parameters:
    ///   - capacity: bytes that are kept, give or take one entry.
    ///   - first: the number of the first entry.
    package init(capacity: Int, first: Int64 = 1) {
        state = Mutex(State(first: max(first, 1)))
        self.capacity = capacity
    }

    /// - Parameter make: makes the entry of this number; called under the lock of the log.
    package func append(_ make: (Int64) -> Entry) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard !state.hasEnded else { return [] }
            let entry = make(state.next)
            while state.bytes + entry.cost > capacity, let oldest = state.entries.popFirst() {
                state.bytes -= oldest.cost
                state.first += 1
            }
            state.entries.append(entry)
            state.bytes += entry.cost
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Nothing comes any more: readers end when they have read what there is.
    package func end() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Bytes that are kept.
    package var bytes: Int { state.withLock { $0.bytes } }
    /// The number of the next entry.
    package var next: Int64 { state.withLock { $0.next } }
    /// All that is kept now, with the number of the first.
    package var kept: (first: Int64, entries: [Entry]) { state.withLock { ($0.first, Array($0.entries)) } }

    /// The number of the first of the last entries that together cost about so much.
    package func start(ofLast cost: Int) -> Int64 {
        state.withLock { state in
            var (rest, first) = (cost, state.next)
            for entry in state.entries.reversed() where rest > 0 {
                rest -= entry.cost
                first -= 1
            }
            return first
        }
    }

    enum Reading {
        case entries(first: Int64, [Entry])
        /// Entries `from..<to` are no longer kept.
        case missed(from: Int64, to: Int64)
        case nothing
        case ended
    }

    /// What there is from a number on, up to about so much.
    func read(from number: Int64, maximumCost: Int) -> Reading {
        state.withLock { state in
            if number < state.first { return .missed(from: number, to: state.first) }
            var (entries, cost): ([Entry], Int) = ([], 0)
            var index = Int(number - state.first)
            while index < state.entries.count, cost < maximumCost {
                entries.append(state.entries[index])
                cost += state.entries[index].cost
                index += 1
            }
            if !entries.isEmpty { return .entries(first: number, entries) }
            return state.hasEnded ? .ended : .nothing
        }
    }

    /// Waits for an entry of this number, for `wakeReaders`, or for the cancellation of the task.
    func wait(for number: Int64) async {
        let ticket = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    // The handler below has either run already, and is seen here, or will find the waiter.
                    if number < state.next || state.hasEnded || Task.isCancelled { return true }
                    state.waiters[ticket] = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume()
        }
    }

    /// Lets readers that wait come back although there is nothing new, so that they can give a sign of life.
    package func wakeReaders() {
        for waiter in state.withLock({ $0.takeWaiters() }) { waiter.resume() }
    }
}
