package import RunModel

/// Who may run now, who waits, and who is refused. A value: requests go in, actions come out.
///
/// Owners take turns, so that one who floods waits behind himself and not in front of others.
package struct AdmissionQueue: Sendable {
    package struct Bounds: Sendable, Equatable {
        /// Runs at once, all owners together.
        package var running: Int
        package var queued: Int
        package var runningPerOwner: Int
        package var queuedPerOwner: Int

        package init(running: Int, queued: Int, runningPerOwner: Int, queuedPerOwner: Int) {
            self.running = running
            self.queued = queued
            self.runningPerOwner = runningPerOwner
            self.queuedPerOwner = queuedPerOwner
        }
    }

    package enum Action: Sendable, Equatable {
        case start(RunID)
        /// It waits, and this many places from the start: 1 is next.
        case wait(RunID, position: Int)
    }

    package enum Refusal: Error, Sendable, Equatable {
        case queueFull
        case ownerQueueFull
        case closed
    }

    private struct Line {
        var waiting: [RunID] = []
        var running = 0
        /// Runs at once.
        var bound: Int
        var isFree: Bool { running < bound }
    }

    private let bounds: Bounds
    private var lines: [RunOwner: Line] = [:]
    /// Owners with waiting runs, next turn first.
    private var turns: [RunOwner] = []
    private var running: [RunID: RunOwner] = [:]
    private var waiting: [RunID: RunOwner] = [:]
    /// What each waiting run was told last.
    private var told: [RunID: Int] = [:]
    private var isClosed = false

    package init(bounds: Bounds) {
        self.bounds = bounds
    }

    package var runningCount: Int { running.count }
    package var waitingCount: Int { waiting.count }

    /// How many waiting runs come before this one; nil when it does not wait.
    package func position(of id: RunID) -> Int? { told[id] }

    /// A new run asks to be let in.
    ///
    /// - Parameter concurrent: how many runs this owner may have at once, when that differs from the others.
    /// - Throws: when there is no place for it; then nothing has changed.
    package mutating func enter(
        _ id: RunID, owner: RunOwner, concurrent: Int? = nil
    ) throws(Refusal) -> [Action] {
        guard !isClosed else { throw .closed }
        var line = lines[owner] ?? Line(bound: 0)
        line.bound = concurrent ?? bounds.runningPerOwner
        let othersCouldStart = turns.contains { lines[$0]?.isFree == true }
        let startsNow = running.count < bounds.running && line.isFree && !othersCouldStart
        if !startsNow {
            guard waiting.count < bounds.queued else { throw .queueFull }
            guard line.waiting.count < bounds.queuedPerOwner else { throw .ownerQueueFull }
        }
        if line.waiting.isEmpty { turns.append(owner) }
        line.waiting.append(id)
        lines[owner] = line
        waiting[id] = owner
        return advance()
    }

    /// A run is over, or waits no more.
    package mutating func leave(_ id: RunID) -> [Action] {
        if let owner = running.removeValue(forKey: id) {
            lines[owner]?.running -= 1
            drop(owner)
        } else if let owner = waiting.removeValue(forKey: id) {
            lines[owner]?.waiting.removeAll { $0 == id }
            told[id] = nil
            if lines[owner]?.waiting.isEmpty == true { turns.removeAll { $0 == owner } }
            drop(owner)
        }
        return advance()
    }

    /// Lets nobody in any more; those who wait still get their turn.
    package mutating func close() {
        isClosed = true
    }

    private mutating func drop(_ owner: RunOwner) {
        if let line = lines[owner], line.running == 0, line.waiting.isEmpty { lines[owner] = nil }
    }

    /// Starts whom it can and tells the others where they stand, if that has changed.
    private mutating func advance() -> [Action] {
        var actions: [Action] = []
        while running.count < bounds.running,
            let turn = turns.firstIndex(where: { lines[$0]?.isFree == true })
        {
            let owner = turns.remove(at: turn)
            guard let id = lines[owner]?.waiting.first else { continue }
            lines[owner]?.waiting.removeFirst()
            lines[owner]?.running += 1
            if lines[owner]?.waiting.isEmpty == false { turns.append(owner) }
            waiting[id] = nil
            told[id] = nil
            running[id] = owner
            actions.append(.start(id))
        }
        for (index, id) in order().enumerated() where told[id] != index + 1 {
            told[id] = index + 1
            actions.append(.wait(id, position: index + 1))
        }
        return actions
    }

    /// Those who wait, in the order in which turns would come.
    private func order() -> [RunID] {
        var ids: [RunID] = []
        ids.reserveCapacity(waiting.count)
        var round = 0
        while ids.count < waiting.count {
            for owner in turns {
                guard let line = lines[owner], round < line.waiting.count else { continue }
                ids.append(line.waiting[round])
            }
            round += 1
        }
        return ids
    }
}
