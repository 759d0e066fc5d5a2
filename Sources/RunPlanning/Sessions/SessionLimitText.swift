internal import ConfigurationFiles
internal import Policies
package import RunModel

/// Limits of sessions and cells as clients write them: `"idle": "5m"`. They lower what a policy gives.
enum SessionLimitText {
    /// The limits of one session: those of the policy, with what the request asks for in their places.
    static func limits(
        of request: SessionRequest, _ policy: Policy, _ errors: inout RequestErrors
    ) -> SessionLimits {
        let given = policy.session.limits
        var limits = given
        let wanted = self.wanted(
            request.session, names: SessionLimitName.allCases.map { ($0.rawValue, $0) }, at: "session", within: given,
            of: "what policy \"\(policy.name)\" gives", &errors)
        for (name, value) in wanted { limits[name] = value }
        for name in SessionLimitName.allCases {
            guard let bound = name.bound, limits[name] > limits[bound] else { continue }
            if wanted[name] != nil {
                errors.note(
                    "session.\(name.rawValue)",
                    "found \(text(limits[name], name)), allowed at most \(text(limits[bound], bound)), which is "
                        + "session.\(bound.rawValue)", .invalidLimit)
            }
            // What the request does not mention goes along.
            limits[name] = limits[bound]
        }
        if let action = request.onLimit { limits.onLimit = action }
        if let action = request.onIdle { limits.onIdle = action }
        return limits
    }

    /// - Parameters:
    ///   - names: what each limit is called here.
    ///   - path: of the mapping they are in.
    ///   - most: the highest values, and `owner`, whose they are.
    static func wanted(
        _ texts: [String: String], names: [(key: String, name: SessionLimitName)], at path: String,
        within most: SessionLimits, of owner: String, _ errors: inout RequestErrors
    ) -> [SessionLimitName: Int64] {
        var wanted: [SessionLimitName: Int64] = [:]
        for (key, value) in texts.sorted(by: { $0.key < $1.key }) {
            let field = "\(path).\(RunPlanner.shown(key))"
            guard let name = names.first(where: { $0.key == key })?.name else {
                let known = names.map(\.key)
                let hint = Suggestion.hint(for: key, among: known).map { " (\($0))" } ?? ""
                errors.note(field, "is no limit, allowed are \(known.joined(separator: ", "))\(hint)", .invalidLimit)
                continue
            }
            do throws(InvalidQuantity) {
                let amount = try Quantity.parse(value, as: QuantityKind(name.unit), in: name.range)
                guard amount <= most[name] else {
                    errors.note(
                        field,
                        "found \(text(amount, name)), allowed \(text(name.range.lowerBound, name)) to "
                            + "\(text(most[name], name)), \(owner)", .invalidLimit)
                    continue
                }
                wanted[name] = amount
            } catch {
                errors.note(field, error.description, .invalidLimit)
            }
        }
        return wanted
    }

    private static func text(_ value: Int64, _ name: SessionLimitName) -> String {
        Quantity.format(value, as: QuantityKind(name.unit))
    }
}

extension RunPlanner {
    /// The limits of one cell: those of its session, some of them lowered.
    ///
    /// - Parameter wanted: `cpu`, `wall` and `output`, with units.
    /// - Throws: all that is wrong with them, by the paths `limits.cpu`, ….
    package static func cellLimits(
        _ wanted: [String: String], within session: SessionLimits
    ) throws(APIError) -> CellLimits {
        var errors = RequestErrors()
        var limits = session
        let names: [(String, SessionLimitName)] = [("cpu", .cellCPU), ("wall", .cellWall), ("output", .cellOutput)]
        for (name, value) in SessionLimitText.wanted(
            wanted, names: names, at: "limits", within: session, of: "what the session has", &errors)
        {
            limits[name] = value
        }
        try errors.throwIfAny()
        return limits.cell
    }
}
