internal import DequeModule
internal import LinuxSystem
package import RunModel
internal import Synchronization

/// The events of one run for all its readers: as many of the newest as fit into a number of bytes.
///
/// Readers are cursors into one buffer, so memory does not grow with their number. A *lossless* reader holds up the program: its output is
/// read only while `hasRoom` says so, and what such a reader has not taken yet is not dropped. All others get a `lagged` for what they
/// missed. Nothing here waits. Safe from any thread.
package final class EventLog: Sendable {
    /// What one look brings.
    package enum Batch: Sendable, Equatable {
        /// Events in order, without a gap.
        case events([RunEvent])
        /// The events `from..<to` are no longer kept.
        case lagged(from: Int64, to: Int64)
        /// Nothing for a while: time for a sign of life.
        case quiet
        /// The terminal event has been read.
        case ended
    }

    struct Reader {
        var next: Int64
        let isLossless: Bool
        var waiter: CheckedContinuation<Void, Never>?
    }

    struct State {
        var events: Deque<RunEvent> = []
        var first: Int64 = 0
        var bytes = 0
        var ended = false
        var readers: [Int: Reader] = [:]
        var nextReader = 0
        /// Of a writer that waits for room.
        var onRoom: (@Sendable () -> Void)?
        var isBackpressureOff = false

        var next: Int64 { first + Int64(events.count) }
    }

    let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: how many bytes of events are kept. What was read at once is kept beyond it: `RunPumpLoop` reads less than
    ///   192 KiB.
    package init(capacity: Int) {
        self.capacity = capacity
    }

    /// What an event counts for: its output and an estimate of the rest.
    static func cost(_ event: RunEvent) -> Int {
        switch event.kind {
        case .output(_, let text): text.bytes.count + 128
        case .inputRequest(_, let prompt): prompt.bytes.count + 128
        default: 512
        }
    }

    /// Puts an event behind the others. Takes it in any case: whoever reads a program asks `hasRoom` before.
    package func append(_ event: RunEvent) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            // Ended by force: what a thread that came back emits then is dropped.
            guard !state.ended else { return [] }
            let cost = Self.cost(event)
            makeRoom(cost, &state)
            state.events.append(event)
            state.bytes += cost
            state.ended = event.kind.isTerminal
            return Self.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Whether the log is not full, of what must not be dropped: what a lossless reader has not taken.
    ///
    /// - Parameter onRoom: called after a no, on any thread, as soon as it is worth asking again; only that of the last no.
    package func hasRoom(onRoom: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard !state.ended, state.bytes >= capacity else { return true }
            let held = Self.held(state)
            var left = state.bytes
            // What all of them have taken can go.
            for event in state.events {
                guard left >= capacity, event.sequence < held else { break }
                left -= Self.cost(event)
            }
            if left < capacity { return true }
            state.onRoom = onRoom
            return false
        }
    }

    /// The number of the oldest event that a lossless reader has not taken.
    private static func held(_ state: State) -> Int64 {
        state.isBackpressureOff ? .max : state.readers.values.lazy.filter(\.isLossless).map(\.next).min() ?? .max
    }

    private func makeRoom(_ cost: Int, _ state: inout State) {
        let held = Self.held(state)
        while state.bytes + cost > capacity, let oldest = state.events.first, state.first < held {
            state.bytes -= Self.cost(oldest)
            state.events.removeFirst()
            state.first += 1
        }
    }

    /// Ends the log in place of the run's task, which does not come to it: events are made for the next sequence numbers, the
    /// last of them terminal. Waits for nobody. Without effect on a log that has ended.
    package func finish(_ make: (_ next: Int64) -> [RunEvent]) {
        let (waiters, onRoom) = state.withLock {
            state -> ([CheckedContinuation<Void, Never>], (@Sendable () -> Void)?) in
            guard !state.ended else { return ([], nil) }
            state.isBackpressureOff = true
            for event in make(state.next) {
                makeRoom(Self.cost(event), &state)
                state.events.append(event)
                state.bytes += Self.cost(event)
                state.ended = event.kind.isTerminal
            }
            return (Self.takeWaiters(&state), state.onRoom.take())
        }
        for waiter in waiters { waiter.resume() }
        onRoom?()
    }

    /// From now on no reader is waited for.
    package func disableBackpressure() {
        let onRoom = state.withLock { state in
            state.isBackpressureOff = true
            return state.onRoom.take()
        }
        onRoom?()
    }

    /// The next sequence number, the oldest one kept, and whether the last event is there.
    package var extent: (first: Int64, next: Int64, ended: Bool) {
        state.withLock { ($0.first, $0.next, $0.ended) }
    }

    /// Bytes kept, by the same estimate as the capacity.
    package var bytes: Int { state.withLock { $0.bytes } }

    /// All that is kept now.
    package var snapshot: [RunEvent] { state.withLock { Array($0.events) } }

    /// A new reader, at this sequence number or at the next event, whichever comes first.
    package func subscribe(from sequence: Int64 = 0, lossless: Bool) -> Subscription {
        let id = state.withLock { state in
            defer { state.nextReader += 1 }
            state.readers[state.nextReader] = Reader(
                next: min(max(sequence, 0), state.next), isLossless: lossless)
            return state.nextReader
        }
        return Subscription(log: self, id: id)
    }

    func take(_ id: Int, maximumBytes: Int) -> Batch? {
        let (batch, onRoom) = state.withLock { state -> (Batch?, (@Sendable () -> Void)?) in
            guard var reader = state.readers[id] else { return (.ended, nil) }
            defer { state.readers[id] = reader }
            if reader.next < state.first {
                defer { reader.next = state.first }
                return (.lagged(from: reader.next, to: state.first), nil)
            }
            var events: [RunEvent] = []
            var bytes = 0
            var index = Int(reader.next - state.first)
            while index < state.events.count, bytes < maximumBytes {
                events.append(state.events[index])
                bytes += Self.cost(state.events[index])
                index += 1
            }
            guard !events.isEmpty else { return (state.ended ? .ended : nil, nil) }
            reader.next += Int64(events.count)
            return (.events(events), reader.isLossless ? state.onRoom.take() : nil)
        }
        onRoom?()
        return batch
    }

    /// Registers a reader's wait; resumes at once when there is something already.
    func wait(_ id: Int, _ continuation: CheckedContinuation<Void, Never>) {
        let resumesNow = state.withLock { state -> Bool in
            guard var reader = state.readers[id], reader.next >= state.first, reader.next == state.next, !state.ended
            else { return true }
            reader.waiter = continuation
            state.readers[id] = reader
            return false
        }
        if resumesNow { continuation.resume() }
    }

    /// Wakes all readers that wait, although there is nothing new for them.
    func wakeReaders() {
        let waiters = state.withLock { Self.takeWaiters(&$0) }
        for waiter in waiters { waiter.resume() }
    }

    func drop(_ id: Int) {
        let (reader, onRoom) = state.withLock { state in
            let reader = state.readers.removeValue(forKey: id)
            return (reader, reader?.isLossless == true ? state.onRoom.take() : nil)
        }
        reader?.waiter?.resume()
        onRoom?()
    }

    private static func takeWaiters(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        var waiters: [CheckedContinuation<Void, Never>] = []
        for (id, reader) in state.readers {
            guard let waiter = reader.waiter else { continue }
            waiters.append(waiter)
            state.readers[id]?.waiter = nil
        }
        return waiters
    }
}
