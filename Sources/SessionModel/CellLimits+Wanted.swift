package import RunModel

extension CellLimits {
    /// What a client asks for one cell; what is absent stays as the session has it. Times are nanoseconds.
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
        func pick(_ name: String, _ wanted: Int64?, _ allowed: Int64, _ unit: String, _ scale: Int64 = 1)
            throws(APIError) -> Int64
        {
            guard let wanted else { return allowed }
            guard wanted > 0, wanted <= allowed else {
                let found =
                    "found \(wanted / scale) \(unit), allowed at most \(allowed / scale) \(unit), which the session has"
                throw APIError(
                    .invalidLimit, "limit \(name) of a cell: \(found)", details: ["limits.\(name)": found])
            }
            return wanted
        }
        return CellLimits(
            cpu: try pick("cpu", wanted.cpu, cpu, "ms", 1_000_000),
            wall: try pick("wall", wanted.wall, wall, "ms", 1_000_000),
            outputBytes: Int(try pick("output", wanted.outputBytes.map(Int64.init), Int64(outputBytes), "bytes")))
    }
}
