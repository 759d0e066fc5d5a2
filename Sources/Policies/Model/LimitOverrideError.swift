internal import ConfigurationFiles
package import SandboxSpec

/// A request for a limit its policy does not grant.
package struct LimitOverrideError: Error, Sendable, Equatable, CustomStringConvertible {
    package let policy: String
    package let limit: LimitName
    /// In the unit of the limit.
    package let asked: Int64
    /// In the unit of the limit: from the smallest value it may have to the ceiling of the policy.
    package let allowed: ClosedRange<Int64>

    /// The field as a client names it: `limits.cpu`.
    package var field: String { "limits.\(limit.rawValue)" }

    /// `found 1m, allowed 1ms to 30s, the ceiling of policy "python"`.
    package var reason: String {
        let range = Quantity.rangeText(allowed, of: QuantityKind(limit.unit))
        return "found \(LimitText.format(asked, of: limit)), allowed \(range), the ceiling of policy \"\(policy)\""
    }

    /// `limits.cpu: found 1m, allowed 1ms to 30s, the ceiling of policy "python"`.
    package var description: String { "\(field): \(reason)" }
}

/// A request for more of a network than its policy grants.
package struct NetworkOverrideError: Error, Sendable, Equatable, CustomStringConvertible {
    package let policy: String
    package let asked: NetworkAccess
    package let ceiling: NetworkAccess

    /// The field as a client names it.
    package var field: String { "network" }

    /// `found loopback, allowed none, the ceiling of policy "strict"`.
    package var reason: String {
        let allowed = NetworkAccess.allCases.filter { $0 <= ceiling }.map(\.name).joined(separator: " or ")
        return "found \(asked.name), allowed \(allowed), the ceiling of policy \"\(policy)\""
    }

    package var description: String { "\(field): \(reason)" }
}
