package import SandboxSpec

/// The number of a limit as JSON shows it: milliseconds for times, processors for `cpus`, bytes and counts as they are.
package struct LimitAmount: Sendable, Equatable {
    package let value: Double

    package init(_ value: Int64, of name: LimitName) {
        switch name.unit {
        case .nanoseconds: self.value = value.milliseconds
        case .millicpus: self.value = Double(value) / 1000
        case .bytes, .count: self.value = Double(value)
        }
    }

    fileprivate init(shown value: Double) {
        self.value = value
    }

    /// The unit of the shown number: `ms`, `bytes`, `count` or `cpus`.
    package static func unit(of name: LimitName) -> String {
        switch name.unit {
        case .nanoseconds: "ms"
        case .bytes: "bytes"
        case .count: "count"
        case .millicpus: "cpus"
        }
    }
}

extension LimitAmount: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(shown: try decoder.singleValueContainer().decode(Double.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        // Whole numbers go out as integers: 268435456, not 268435456.0.
        if let whole = Int64(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
    }
}

/// A limit that a run came up against: its name, in which step, what was used, what was allowed, and the unit of both.
package struct LimitReport: Sendable, Equatable, Codable {
    package let name: String
    /// A compile step has limits of its own.
    package let step: StepName
    package let used: LimitAmount
    package let allowed: LimitAmount
    package let unit: String

    package init(_ hit: LimitHit, in step: StepName) {
        name = hit.name.rawValue
        self.step = step
        used = LimitAmount(hit.used, of: hit.name)
        allowed = LimitAmount(hit.allowed, of: hit.name)
        unit = LimitAmount.unit(of: hit.name)
    }
}

/// All limits of a step by name, as the `started` event shows them.
package struct LimitTable: Sendable, Equatable, Codable {
    package let amounts: [String: LimitAmount]

    package init(_ limits: Limits) {
        amounts = Dictionary(
            uniqueKeysWithValues: LimitName.allCases.map { ($0.rawValue, LimitAmount(limits[$0], of: $0)) })
    }

    package init(from decoder: any Decoder) throws {
        amounts = try decoder.singleValueContainer().decode([String: LimitAmount].self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(amounts)
    }
}
