internal import SessionModel

/// The cells that led to the state of the interpreter, to be executed again where it cannot be kept otherwise. Bounded. A value.
struct ReplayLog: Sendable {
    static let maximumCells = 2000
    static let maximumBytes = 2 << 20

    private(set) var cells: [ReplayCell] = []
    private var bytes = 0
    /// Cells that may have changed the state and cannot be executed again, and why.
    private var omitted: [SessionLoss] = []
    /// Why it does not have all of them.
    private var gap: String?

    /// What a replay does not bring back.
    var losses: [SessionLoss] { omitted + (gap.map { [SessionLoss(name: "*", reason: $0)] } ?? []) }

    mutating func append(_ cell: ReplayCell) {
        guard gap == nil else { return }
        guard cells.count < Self.maximumCells, bytes + cell.bytes <= Self.maximumBytes else {
            gap = "cells after \(cells.last?.id ?? "none"): there are too many to execute them again"
            return
        }
        cells.append(cell)
        bytes += cell.bytes
    }

    /// A cell that has been stopped may have done anything until then.
    mutating func omit(_ id: String, _ reason: String) {
        guard omitted.count < SessionLoss.maximum / 2 else { return }
        omitted.append(SessionLoss(name: id, reason: reason))
    }

    mutating func clear() { self = ReplayLog() }

    /// Its cells have been executed again after those of another one: what that had left out stays left out.
    mutating func inherit(_ other: ReplayLog) {
        omitted = Array((other.omitted + omitted).prefix(SessionLoss.maximum / 2))
        gap = gap ?? other.gap
    }
}
