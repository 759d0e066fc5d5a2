internal import DequeModule
package import SessionModel
internal import Synchronization

/// An event with its JSON, which is made once for all readers.
package struct LoggedSessionEvent: Sendable {
    package let event: SessionEvent
    package let json: [UInt8]

    /// What it counts for in memory: the JSON, about as much again as values, and what surrounds both.
    var cost: Int { 2 * json.count + 256 }
}

/// The events of one session, kept within bounds: the oldest go first, but never the terminal one. Whoever appends never waits for a
/// reader; one that is too slow is told what it has missed. Safe from any thread.
final class SessionLog: Sendable {
    private struct State {
        var events: Deque<LoggedSessionEvent> = []
        /// The sequence number of the oldest event that is kept.
        var first: Int64 = 1
        var bytes = 0
        var hasEnded = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0

        var next: Int64 { first + Int64(events.count) }

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer { waiters = [:] }
            return Array(waiters.values)
        }
    }

    private let state: Mutex<State>
    private let capacity: Int

    /// - Parameters:
    ///   - capacity: bytes that are kept, give or take one event.
    ///   - first: the sequence number of the first event; those before it are no longer kept.
    init(capacity: Int, first: Int64 = 1) {
        state = Mutex(State(first: first))
        self.capacity = capacity
    }

    func append(_ event: LoggedSessionEvent) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard !state.hasEnded else { return [] }
            while state.bytes + event.cost > capacity, let oldest = state.events.popFirst() {
                state.bytes -= oldest.cost
                state.first += 1
            }
            state.events.append(event)
            state.bytes += event.cost
            state.hasEnded = event.event.isTerminal
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Bytes that are kept.
    var bytes: Int { state.withLock { $0.bytes } }
    /// The sequence number of the next event.
    var next: Int64 { state.withLock { $0.next } }
    /// All that is kept now.
    var kept: [LoggedSessionEvent] { state.withLock { Array($0.events) } }

    enum Reading {
        case events([LoggedSessionEvent])
        /// Events `from..<to` are no longer kept.
        case missed(from: Int64, to: Int64)
        case nothing
        case ended
    }

    /// What there is from a sequence number on, up to about so many bytes of JSON.
    func read(from sequence: Int64, maximumBytes: Int) -> Reading {
        state.withLock { state in
            if sequence < state.first { return .missed(from: sequence, to: state.first) }
            var (events, bytes): ([LoggedSessionEvent], Int) = ([], 0)
            var index = Int(sequence - state.first)
            while index < state.events.count, bytes < maximumBytes {
                events.append(state.events[index])
                bytes += state.events[index].json.count
                index += 1
            }
            if !events.isEmpty { return .events(events) }
            return state.hasEnded ? .ended : .nothing
        }
    }

    /// Waits for an event of this sequence number, for `wakeReaders`, or for the cancellation of the task.
    func wait(for sequence: Int64) async {
        let ticket = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    // The handler below has either run already, and is seen here, or will find the waiter.
                    if sequence < state.next || state.hasEnded || Task.isCancelled { return true }
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
    func wakeReaders() {
        for waiter in state.withLock({ $0.takeWaiters() }) { waiter.resume() }
    }
}
