internal import SessionModel

/// The cells that ended well, in languages whose state cannot be saved: to be executed again. Bounded. A value.
struct ReplayLog: Sendable {
    static let maximumCells = 2000
    static let maximumBytes = 2 << 20

    private(set) var cells: [ReplayCell] = []
    private var bytes = 0
    /// Why it does not have all of them.
    private(set) var gap: String?

    mutating func append(_ cell: ReplayCell) {
        guard gap == nil else { return }
        guard cells.count < Self.maximumCells, bytes + cell.bytes <= Self.maximumBytes else {
            gap = "cells after \(cells.last?.id ?? "none"): there are too many to execute them again"
            return
        }
        cells.append(cell)
        bytes += cell.bytes
    }

    /// The interpreter is what it was after so many cells.
    mutating func rewind(to count: Int) {
        guard count < cells.count else { return }
        cells.removeLast(cells.count - count)
        bytes = cells.reduce(0) { $0 + $1.bytes }
        gap = nil
    }

    mutating func clear() { self = ReplayLog() }
}
