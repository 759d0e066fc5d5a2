internal import RunModel
internal import SessionModel

/// Events that are lost: the session keeps no more than its limit `history`, and a burst may be more than that.
extension KernelTranslator {
    /// Events are lost. Which cells have ended meanwhile shows with the next event: cells are executed in the order of their numbers.
    mutating func lost() -> [Draft] {
        hasGap = true
        return [Self.note("events of the session are lost here: there were more than its limit history", lastParent)]
    }

    /// Nothing more will be heard of the cells that had been asked for.
    mutating func giveUp() -> [Draft] {
        openInput = nil
        return fail { _, _ in true }
    }

    /// What the first event behind lost ones says of the cells.
    mutating func closeGap(_ event: SessionEvent) -> [Draft] {
        switch event.kind {
        case .executionStarted(let id, _): return reach(id, isBegun: false)
        case .executionFinished(let id, .aborted, _, _, _): return reach(id, isBegun: false)
        case .executionFinished(let id, _, _, _, _), .result(let id, _, _), .error(let id, _), .display(let id?, _),
            .clear(let id?, _), .inputRequest(let id, _, _, _), .inputReceived(let id, _):
            return reach(id, isBegun: true)
        case .output(let id?, _, _, isBackground: false): return reach(id, isBegun: true)
        case .state(.idle):
            // No cell waited or ran then.
            hasGap = false
            return fail { _, cell in cell.since <= event.sequence }
        case .ended:
            hasGap = false
            return giveUp()
        default: return []
        }
    }

    /// This cell is being executed, or was: those before it have ended, and those behind it have not begun.
    private mutating func reach(_ id: String, isBegun: Bool) -> [Draft] {
        hasGap = false
        guard let number = Self.number(id) else { return giveUp() }
        let missed = fail { id, _ in Self.number(id).map { $0 < number } ?? true }
        guard isBegun, let cell = cells[id], !cell.hasBegun else { return missed }
        return missed + begin(id, nil)
    }

    private static func number(_ id: String) -> Int? { Int(id.dropFirst()) }

    /// Replies to cells of which nobody knows how they ended.
    private mutating func fail(_ isMissed: (String, Cell) -> Bool) -> [Draft] {
        let error = CellError(
            exception: "EventsLost", message: "the session no longer keeps the events of this cell", traceback: [])
        let found = cells.filter { isMissed($0.key, $0.value) }.sorted {
            (Self.number($0.key) ?? 0) < (Self.number($1.key) ?? 0)
        }
        for (id, _) in found {
            cells[id] = nil
            evaluations = evaluations.filter { $0.value.cell != id }
        }
        return found.flatMap { _, cell in
            var cell = cell
            cell.error = error
            return reply(cell, isAborted: false)
        }
    }
}
