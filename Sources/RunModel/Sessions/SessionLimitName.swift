package import SandboxSpec

/// The limits of a session, by the names they have in policies, requests and events. Those of its sandbox (`LimitName`) hold besides.
package enum SessionLimitName: String, Sendable, CaseIterable {
    /// Time in which nobody asks anything of it.
    case idle
    /// Time from its start to its end.
    case life
    /// CPU time of all its processes together, from its start.
    case cpu
    /// How many cells it executes.
    case cells
    /// Bytes of events that are kept for whoever comes back.
    case history
    /// CPU time of one cell.
    case cellCPU = "cell.cpu"
    /// Time of one cell.
    case cellWall = "cell.wall"
    /// Bytes that one cell writes to stdout and stderr, and of what it displays.
    case cellOutput = "cell.output"

    package var unit: LimitName.Unit {
        switch self {
        case .idle, .life, .cpu, .cellCPU, .cellWall: .nanoseconds
        case .history, .cellOutput: .bytes
        case .cells: .count
        }
    }

    /// The values a limit may have, in `unit`.
    package var range: ClosedRange<Int64> {
        switch self {
        // The sandbox lives a minute longer, which `LimitName.wall` has to have room for.
        case .idle, .life: 1_000_000_000...82_800_000_000_000  // 1 s to 23 h
        case .cpu, .cellCPU, .cellWall: LimitName.cpu.range
        case .cells: 1...1_000_000
        case .history: 65_536...67_108_864
        case .cellOutput: 1...67_108_864
        }
    }

    /// The limit that this one cannot be above: what is beyond would never be reached.
    package var bound: SessionLimitName? {
        switch self {
        case .idle, .cellWall: .life
        case .cellCPU: .cpu
        case .life, .cpu, .cells, .history, .cellOutput: nil
        }
    }
}
