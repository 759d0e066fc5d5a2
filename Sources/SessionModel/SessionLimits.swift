package import RunModel

/// The limits of one cell.
package struct CellLimits: Sendable, Equatable {
    /// Nanoseconds of processor time, of all processes of the session together.
    package var cpu: Int64
    /// Nanoseconds.
    package var wall: Int64
    /// Bytes written to stdout and stderr together.
    package var outputBytes: Int

    package init(cpu: Int64, wall: Int64, outputBytes: Int) {
        self.cpu = cpu
        self.wall = wall
        self.outputBytes = outputBytes
    }

    /// What a client asks for one cell; what is absent stays as the session has it. Units as there.
    package struct Wanted: Sendable, Equatable {
        package var cpu: Int64?
        package var wall: Int64?
        package var outputBytes: Int?

        package init(cpu: Int64? = nil, wall: Int64? = nil, outputBytes: Int? = nil) {
            self.cpu = cpu
            self.wall = wall
            self.outputBytes = outputBytes
        }
    }

    /// These limits with what a client wants.
    ///
    /// - Throws: `INVALID_LIMIT` for a number that is not positive, or above what the session allows.
    package func lowered(by wanted: Wanted) throws(APIError) -> CellLimits {
        func pick(_ name: String, _ wanted: Int64?, _ allowed: Int64, _ unit: String) throws(APIError) -> Int64 {
            guard let wanted else { return allowed }
            guard wanted > 0, wanted <= allowed else {
                throw APIError(
                    .invalidLimit, "limit \(name) of a cell is \(wanted) \(unit), allowed are 1 to \(allowed)",
                    details: ["limits.\(name)": "is \(wanted) \(unit), allowed are 1 to \(allowed)"])
            }
            return wanted
        }
        return CellLimits(
            cpu: try pick("cpu", wanted.cpu, cpu, "ns"), wall: try pick("wall", wanted.wall, wall, "ns"),
            outputBytes: Int(try pick("output", wanted.outputBytes.map(Int64.init), Int64(outputBytes), "bytes")))
    }
}

/// The limits of a session, beside those of its sandbox. Times are nanoseconds.
package struct SessionLimits: Sendable, Equatable {
    /// Without a cell and without a client's request.
    package var idle: Int64
    /// Since the session was created.
    package var life: Int64
    /// Processor time, of all cells and what they leave running.
    package var cpu: Int64
    /// Cells that may be executed.
    package var cells: Int
    /// Bytes of events that are kept.
    package var historyBytes: Int
    /// Of a cell that asks for no less.
    package var cell: CellLimits
    /// What happens to a cell that comes up against one of its limits.
    package var onLimit: LimitAction

    package init(
        idle: Int64, life: Int64, cpu: Int64, cells: Int, historyBytes: Int, cell: CellLimits, onLimit: LimitAction
    ) {
        self.idle = idle
        self.life = life
        self.cpu = cpu
        self.cells = cells
        self.historyBytes = historyBytes
        self.cell = cell
        self.onLimit = onLimit
    }
}
