package import SandboxSpec

extension MappingReader {
    /// A quantity at `key`, in the smallest unit of its kind and in `range`.
    package func quantity(
        _ key: String, as kind: QuantityKind, in range: ClosedRange<Int64>, required: Bool = false
    ) -> Located<Int64>? {
        guard let node = value(key, required: required, allowed: kind.form) else { return nil }
        guard case .scalar(let text, _) = node.content else {
            log.add(at: node.location, key: path(to: key), found: node.found, allowed: kind.form)
            return nil
        }
        do throws(InvalidQuantity) {
            return Located(try Quantity.parse(text, as: kind, in: range), at: node.location)
        } catch {
            log.add(
                at: node.location, key: path(to: key), found: error.found, allowed: error.allowed, hint: error.hint)
            return nil
        }
    }

    /// Any subset of the limits, as a mapping at `key`; unknown names are errors. Absent is empty.
    package func limits(_ key: String, required: Bool = false) -> [LimitName: Located<Int64>] {
        mapping(key, required: required)?.limits() ?? [:]
    }

    /// Any subset of the limits, as the members of this mapping; other names than `others` are errors.
    package func limits(beside others: [String] = []) -> [LimitName: Located<Int64>] {
        rejectKeys(notIn: LimitName.allCases.map(\.rawValue) + others)
        var limits: [LimitName: Located<Int64>] = [:]
        for name in LimitName.allCases {
            limits[name] = quantity(name.rawValue, as: QuantityKind(name.unit), in: name.range)
        }
        return limits
    }
}
