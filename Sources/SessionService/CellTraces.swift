package import SessionModel
package import TraceContexts

/// A cell that is over, and the span of the request that submitted it.
package struct TracedCell: Sendable, Equatable {
    package let id: String
    package let status: CellStatus
    package let seconds: Double
    /// When it was over, in milliseconds since 1970.
    package let endedAt: Int64
    package var parent: TraceContext?
}

/// Joins cells that are over with the requests that submitted them, whichever is known first. A value; bounded.
struct CellTraces: Sendable {
    /// More than the queue of a session holds.
    private static let maximum = 256

    /// Of cells whose end is not known yet; nil for a request that belongs to no trace.
    private var parents: [String: TraceContext?] = [:]
    /// Over before their submission was known here.
    private var early: [String: TracedCell] = [:]

    /// - Returns: the cell, if it is over already and belongs to a trace.
    mutating func submitted(_ id: String, _ parent: TraceContext?) -> TracedCell? {
        if var cell = early.removeValue(forKey: id) {
            cell.parent = parent
            return parent == nil ? nil : cell
        }
        if parents.count < Self.maximum { parents[id] = .some(parent) }
        return nil
    }

    /// - Returns: the cell with its parent, if it belongs to a trace.
    mutating func finished(_ cell: TracedCell) -> TracedCell? {
        guard let parent = parents.removeValue(forKey: cell.id) else {
            if early.count >= Self.maximum { early = [:] }
            early[cell.id] = cell
            return nil
        }
        var cell = cell
        cell.parent = parent
        return parent == nil ? nil : cell
    }
}
