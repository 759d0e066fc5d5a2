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
    /// A kind of network, or a host.
    package let asked: String
    package let ceiling: NetworkAccess
    /// Where a host was asked for: the rules there are.
    let rules: [String]

    init(policy: String, asked: String, ceiling: NetworkAccess, rules: [String] = []) {
        self.policy = policy
        self.asked = asked
        self.ceiling = ceiling
        self.rules = rules
    }

    /// The field as a client names it.
    package var field: String { "network" }

    /// `found loopback, allowed none, the ceiling of policy "strict"`.
    package var reason: String {
        let names = NetworkAccess.allCases.filter { $0 <= ceiling }.map(\.name)
        let more = rules.count > 8 ? " and \(rules.count - 8) more" : ""
        let allowed = rules.isEmpty ? names.joined(separator: " or ") : rules.prefix(8).joined(separator: ", ") + more
        return "found \(asked), allowed \(allowed), the ceiling of policy \"\(policy)\""
    }

    package var description: String { "\(field): \(reason)" }
}
