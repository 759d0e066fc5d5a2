internal import RunModel
package import SandboxSpec

/// A limit that a cell or a session came up against: its name, what was used, what was allowed, and the unit of both.
package struct SessionLimitReport: Sendable, Equatable {
    package let name: String
    package let used: Double
    package let allowed: Double
    /// `ms`, `bytes`, `count` or `cpus`.
    package let unit: String

    /// A limit of the sandbox.
    package init(_ hit: LimitHit) {
        name = hit.name.rawValue
        used = LimitAmount(hit.used, of: hit.name).value
        allowed = LimitAmount(hit.allowed, of: hit.name).value
        unit = LimitAmount.unit(of: hit.name)
    }

    /// A limit in nanoseconds.
    package init(_ name: String, nanoseconds used: Int64, of allowed: Int64) {
        self.name = name
        self.used = used.milliseconds
        self.allowed = allowed.milliseconds
        unit = "ms"
    }

    /// A limit in bytes.
    package init(_ name: String, bytes used: Int64, of allowed: Int64) {
        self.name = name
        self.used = Double(used)
        self.allowed = Double(allowed)
        unit = "bytes"
    }

    /// A number of things.
    package init(_ name: String, count used: Int, of allowed: Int) {
        self.name = name
        self.used = Double(used)
        self.allowed = Double(allowed)
        unit = "count"
    }
}
