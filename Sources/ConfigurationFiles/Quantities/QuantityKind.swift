package import SandboxSpec

/// What a quantity measures: which units it may be written with, and what they are worth.
///
/// The value of a quantity is an `Int64` in the smallest unit: nanoseconds, bytes, a count, thousandths of a
/// processor, percent.
package enum QuantityKind: Sendable, CaseIterable {
    case duration, bytes, count, processors, percent

    package init(_ unit: LimitName.Unit) {
        switch unit {
        case .nanoseconds: self = .duration
        case .bytes: self = .bytes
        case .count: self = .count
        case .millicpus: self = .processors
        }
    }

    struct Unit: Sendable {
        let name: String
        /// In the smallest unit of the kind.
        let factor: Int64

        init(_ name: String, _ factor: Int64) {
            self.name = name
            self.factor = factor
        }
    }

    /// The units that may be written, the smallest first. One without a name stands for "no unit".
    var units: [Unit] {
        switch self {
        case .duration:
            [
                Unit("ms", 1_000_000), Unit("s", 1_000_000_000), Unit("m", 60_000_000_000),
                Unit("h", 3_600_000_000_000),
            ]
        case .bytes:
            [
                Unit("B", 1), Unit("kB", 1000), Unit("KiB", 1024), Unit("MB", 1_000_000), Unit("MiB", 1_048_576),
                Unit("GB", 1_000_000_000), Unit("GiB", 1_073_741_824),
            ]
        case .count: [Unit("", 1)]
        case .processors: [Unit("", 1000)]
        case .percent: [Unit("%", 1)]
        }
    }

    /// Whether a value may be written with digits after a point.
    var allowsFraction: Bool {
        switch self {
        case .duration, .bytes, .processors: true
        case .count, .percent: false
        }
    }

    /// How such a quantity is written, for error messages.
    var form: String {
        switch self {
        case .duration: "a number with a unit (ms, s, m or h), such as 1.5s"
        case .bytes: "a number with a unit (B, KiB, MiB, GiB, kB, MB or GB), such as 256MiB"
        case .count: "a whole number without a unit, such as 64"
        case .processors: "a number of processors without a unit, such as 0.5"
        case .percent: "a whole number with a percent sign, such as 80%"
        }
    }
}
