/// Decides which of the things that need a sandbox (runs, by their ids) hold a place now, which wait, and which are refused.
/// A value: requests and times go in, actions come out.
///
/// Clients take turns: a client that submits many waits behind its own, not in front of others. While others wait, no
/// client gets more than its share of the places.
package struct AdmissionQueue<ID: Hashable & Sendable>: Sendable {
    package typealias Bounds = AdmissionBounds
    package typealias Refusal = AdmissionRefusal

    package enum Action: Sendable, Equatable {
        case start(ID)
        /// It waits, and this many places from the start: 1 is next.
        case wait(ID, position: Int)
    }

    private struct Line {
        var waiting: [ID] = []
        var running = 0
        /// Runs at once.
        var bound: Int
        var isFree: Bool { running < bound }
    }

    private struct Waiter {
        let client: RunClient
        let since: Int64
        /// The place that was reported last, when, and how often one was.
        var place = 0
        var reportedAt: Int64
        var times = 1
    }

    /// A place is reported again after this many nanoseconds at the earliest, and after a quarter of the time waited so far: the
    /// number of reports grows with the logarithm of the wait, however long the queue is.
    package static var shortestPause: Int64 { 500_000_000 }
    /// And never more often than this.
    package static var maximumReports: Int { 64 }

    private let bounds: Bounds
    private var lines: [RunClient: Line] = [:]
    /// Clients with waiting runs, next turn first.
    private var turns: [RunClient] = []
    private var running: [ID: RunClient] = [:]
    private var waiting: [ID: Waiter] = [:]
    private var isClosed = false

    package init(bounds: Bounds) {
        self.bounds = bounds
    }

    package var runningCount: Int { running.count }
    package var waitingCount: Int { waiting.count }
    /// Clients that have to be remembered: those with a run that runs or waits.
    package var clientCount: Int { lines.count }

    /// These clients, with how many runs of theirs run and wait.
    package var clients: [(client: RunClient, running: Int, waiting: Int)] {
        lines.map { ($0.key, $0.value.running, $0.value.waiting.count) }
    }

    /// The place of a waiting run, as it was reported last: 1 is next; nil when it does not wait.
    package func position(of id: ID) -> Int? { waiting[id]?.place }

    /// Since when the one that has waited longest does; nil when none waits.
    package var oldestSince: Int64? { waiting.values.lazy.map(\.since).min() }

    /// Those that have waited since before this moment.
    package func waiting(since moment: Int64) -> [ID] {
        waiting.filter { $0.value.since < moment }.map(\.key)
    }

    /// A new run asks for a place.
    ///
    /// - Parameters:
    ///   - concurrent: how many runs this client may have at once, when that differs from the others.
    ///   - now: nanoseconds of a monotonic clock.
    /// - Throws: when there is no place for it; then nothing has changed.
    package mutating func enter(
        _ id: ID, client: RunClient, concurrent: Int? = nil, now: Int64
    ) throws(Refusal) -> [Action] {
        guard !isClosed else { throw .closed }
        var line = lines[client] ?? Line(bound: 0)
        line.bound = concurrent ?? bounds.runningPerClient
        let othersCouldStart = turns.contains { lines[$0]?.isFree == true }
        let startsNow = running.count < bounds.running && line.isFree && !othersCouldStart
        if !startsNow {
            guard waiting.count < bounds.queued else { throw .queueFull }
            guard line.waiting.count < bounds.queuedPerClient else { throw .clientQueueFull }
        }
        if line.waiting.isEmpty { turns.append(client) }
        line.waiting.append(id)
        lines[client] = line
        waiting[id] = Waiter(client: client, since: now, reportedAt: now)
        var actions = advance()
        if waiting[id] != nil {
            let place = place(behind: line.waiting.count - 1, of: client)
            waiting[id]?.place = place
            actions.append(.wait(id, position: place))
        }
        return actions
    }

    /// A run is over, or waits no more.
    package mutating func leave(_ id: ID) -> [Action] {
        if let client = running.removeValue(forKey: id) {
            lines[client]?.running -= 1
            drop(client)
        } else if let client = waiting.removeValue(forKey: id)?.client {
            lines[client]?.waiting.removeAll { $0 == id }
            if lines[client]?.waiting.isEmpty == true { turns.removeAll { $0 == client } }
            drop(client)
        }
        return advance()
    }

    /// Reports the places that have changed since they were reported last, when it is time; to be called a few times a second.
    package mutating func report(now: Int64) -> [Action] {
        guard !waiting.isEmpty else { return [] }
        var actions: [Action] = []
        for (index, id) in order().enumerated() {
            guard var waiter = waiting[id], waiter.place != index + 1, waiter.times < Self.maximumReports,
                now - waiter.reportedAt >= max(Self.shortestPause, (now - waiter.since) / 4)
            else { continue }
            waiter.place = index + 1
            waiter.reportedAt = now
            waiter.times += 1
            waiting[id] = waiter
            actions.append(.wait(id, position: index + 1))
        }
        return actions
    }

    /// Admits no more; those that wait still get their turn.
    package mutating func close() {
        isClosed = true
    }

    private mutating func drop(_ client: RunClient) {
        if let line = lines[client], line.running == 0, line.waiting.isEmpty { lines[client] = nil }
    }

    /// Starts those that there is a place for.
    private mutating func advance() -> [Action] {
        var actions: [Action] = []
        while running.count < bounds.running, let turn = nextTurn() {
            let client = turns.remove(at: turn)
            guard let id = lines[client]?.waiting.first else { continue }
            lines[client]?.waiting.removeFirst()
            lines[client]?.running += 1
            if lines[client]?.waiting.isEmpty == false { turns.append(client) }
            waiting[id] = nil
            running[id] = client
            actions.append(.start(id))
        }
        return actions
    }

    /// Whose turn it is: of those below their share the next, and only when there is none of these, of the others.
    private func nextTurn() -> Int? {
        turns.firstIndex { lines[$0].map { $0.isFree && $0.running < bounds.share } ?? false }
            ?? turns.firstIndex { lines[$0]?.isFree == true }
    }

    /// The place of a client's waiting run that has so many of his own before it.
    private func place(behind own: Int, of client: RunClient) -> Int {
        var place = 1
        var isBefore = true
        for other in turns {
            if other == client { isBefore = false }
            guard let count = lines[other]?.waiting.count else { continue }
            place += min(count, own) + (isBefore && count > own ? 1 : 0)
        }
        return place
    }

    /// Those who wait, in the order in which turns would come.
    private func order() -> [ID] {
        var ids: [ID] = []
        ids.reserveCapacity(waiting.count)
        var left = turns.compactMap { lines[$0]?.waiting[...] }
        while !left.isEmpty {
            for index in left.indices {
                if let id = left[index].popFirst() { ids.append(id) }
            }
            left.removeAll(where: \.isEmpty)
        }
        return ids
    }
}
