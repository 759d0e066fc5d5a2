internal import RunModel
internal import SessionModel

/// What became of the last cells, put together from their events as these come. A value; bounded.
struct CellOutcomes: Sendable {
    typealias Waiter = CheckedContinuation<CellOutcome?, Never>

    private struct Entry {
        var outcome: CellOutcome
        var bytes = 0
        var isOver = false
    }

    /// Of finished cells: as many as can end at once, and some.
    static let maximumCount = 32

    private var entries: [String: Entry] = [:]
    /// Of those that are over, in that order.
    private var over: [String] = []
    private var waiters: [String: [Waiter]] = [:]
    /// Of events of cells that are over and kept.
    private(set) var bytes = 0
    /// The number of the last cell that is over: they end in their order.
    private var lastOver = 0
    private let capacity: Int

    /// - Parameter capacity: bytes of JSON of the events of finished cells.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// - Returns: those who have waited for this event, with what they have waited for.
    mutating func take(_ logged: LoggedSessionEvent) -> (waiters: [Waiter], outcome: CellOutcome)? {
        guard let id = logged.event.executionID else { return nil }
        if case .executionStarted = logged.event.kind { entries[id] = Entry(outcome: CellOutcome(executionID: id)) }
        if case .executionFinished = logged.event.kind, entries[id] == nil {
            // It ends without having begun.
            entries[id] = Entry(outcome: CellOutcome(executionID: id))
        }
        guard entries[id]?.isOver == false, var entry = entries.removeValue(forKey: id) else { return nil }
        entry.bytes += logged.json.count
        entry.isOver = entry.outcome.take(logged.event)
        entries[id] = entry
        guard entry.isOver else { return nil }
        over.append(id)
        lastOver = max(lastOver, Int(id.dropFirst()) ?? 0)
        bytes += entry.bytes
        while over.count > Self.maximumCount || (bytes > capacity && over.count > 1) {
            bytes -= entries.removeValue(forKey: over.removeFirst())?.bytes ?? 0
        }
        return (waiters.removeValue(forKey: id) ?? [], entry.outcome)
    }

    /// Of a cell that is over.
    func outcome(of id: String) -> CellOutcome? { entries[id].flatMap { $0.isOver ? $0.outcome : nil } }

    /// - Parameter submitted: so many cells there have been.
    /// - Returns: false when there is no such cell, or it is over.
    mutating func wait(for id: String, submitted: Int, _ waiter: Waiter) -> Bool {
        guard id.hasPrefix("e"), let number = Int(id.dropFirst()), number > lastOver, number <= submitted else {
            return false
        }
        waiters[id, default: []].append(waiter)
        return true
    }

    /// Nobody's cell comes any more.
    mutating func takeWaiters() -> [Waiter] {
        defer { waiters = [:] }
        return waiters.values.flatMap(\.self)
    }
}
