package import SandboxSpec

/// A request for a limit its policy does not grant.
package struct LimitOverrideError: Error, Sendable, Equatable, CustomStringConvertible {
    package let policy: String
    package let limit: LimitName
    /// In the unit of the limit.
    package let asked: Int64
    /// In the unit of the limit: from the smallest value it may have to the ceiling of the policy.
    package let allowed: ClosedRange<Int64>

    /// `limit cpu: found 60s, allowed 1ms to 30s under policy "python"`.
    package var description: String {
        let range = Quantity.rangeText(allowed, of: QuantityKind(limit.unit))
        return "limit \(limit.rawValue): found \(LimitText.format(asked, of: limit)), "
            + "allowed \(range) under policy \"\(policy)\""
    }
}
