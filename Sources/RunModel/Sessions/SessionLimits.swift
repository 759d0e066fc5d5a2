/// What becomes of a cell that reaches a limit.
package enum CellLimitAction: String, Sendable, CaseIterable, Codable {
    /// The cell is interrupted, the session goes on.
    case interrupt
    /// The session ends.
    case kill
}

/// What becomes of a session that nobody uses, and of one that lives when the service stops.
package enum OnSessionIdle: String, Sendable, CaseIterable, Codable {
    /// It ends.
    case close
    /// It is saved, and ends.
    case checkpoint
}

/// What one cell of a session may use.
package struct CellLimits: Sendable, Equatable {
    /// Nanoseconds, as `wall`.
    package var cpu: Int64
    package var wall: Int64
    package var outputBytes: Int

    package init(cpu: Int64, wall: Int64, outputBytes: Int) {
        self.cpu = cpu
        self.wall = wall
        self.outputBytes = outputBytes
    }
}

/// What a session may use, as long as it lives. `SessionLimitName` says what each is.
package struct SessionLimits: Sendable, Equatable {
    /// Nanoseconds, as `life` and `cpu`.
    package var idle: Int64
    package var life: Int64
    package var cpu: Int64
    package var cells: Int
    package var historyBytes: Int
    package var cell: CellLimits
    package var onLimit: CellLimitAction
    package var onIdle: OnSessionIdle

    package init(
        idle: Int64, life: Int64, cpu: Int64, cells: Int, historyBytes: Int, cell: CellLimits, onLimit: CellLimitAction,
        onIdle: OnSessionIdle = .close
    ) {
        self.onIdle = onIdle
        self.idle = idle
        self.life = life
        self.cpu = cpu
        self.cells = cells
        self.historyBytes = historyBytes
        self.cell = cell
        self.onLimit = onLimit
    }

    /// What holds where no policy says anything else: the values of `policies/default.yaml`.
    package static let usual = SessionLimits(
        idle: 600_000_000_000, life: 28_800_000_000_000, cpu: 3_600_000_000_000, cells: 10_000,
        historyBytes: 4_194_304,
        cell: CellLimits(cpu: 10_000_000_000, wall: 60_000_000_000, outputBytes: 1_048_576), onLimit: .interrupt)

    /// A limit by its name, in its unit. Setting one checks no range.
    package subscript(name: SessionLimitName) -> Int64 {
        get {
            switch name {
            case .idle: idle
            case .life: life
            case .cpu: cpu
            case .cells: Int64(cells)
            case .history: Int64(historyBytes)
            case .cellCPU: cell.cpu
            case .cellWall: cell.wall
            case .cellOutput: Int64(cell.outputBytes)
            }
        }
        set {
            switch name {
            case .idle: idle = newValue
            case .life: life = newValue
            case .cpu: cpu = newValue
            case .cells: cells = Int(clamping: newValue)
            case .history: historyBytes = Int(clamping: newValue)
            case .cellCPU: cell.cpu = newValue
            case .cellWall: cell.wall = newValue
            case .cellOutput: cell.outputBytes = Int(clamping: newValue)
            }
        }
    }
}
