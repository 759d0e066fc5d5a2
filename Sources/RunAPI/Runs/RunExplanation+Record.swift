internal import ConfigurationFiles
internal import Images
internal import Policies
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSpec

extension RunExplanation {
    /// - Returns: nil for a run that no generation of policies is known of.
    init?(_ record: RunRecord) {
        guard let rules = record.identity.rules, let settings = record.identity.settings else { return nil }
        let outcome = record.outcome
        self.init(
            runID: record.id, rules: rules, image: settings.image.name, limits: LimitTable(settings.limits),
            network: settings.network.name,
            values: settings.policy.values.map { value in
                Value(key: value.key, value: value.text, source: Self.place(value.source))
            },
            verdict: outcome?.verdict.rawValue, hits: outcome.map { Self.hits($0, settings.policy) } ?? [])
    }

    /// Without the directories of the service's files: the owner of a run need not know them.
    private static func place(_ source: PolicyValue.Source) -> String {
        guard case .file(let location) = source else { return source.description }
        let name = location.file.split(separator: "/").suffix(2).joined(separator: "/")
        return SourceLocation(file: name, line: location.line, column: location.column).description
    }

    /// What there is evidence of. A system call that returned an error leaves none.
    private static func hits(_ outcome: RunOutcome, _ policy: Policy) -> [Hit] {
        var hits: [Hit] = []
        if let limit = outcome.limit {
            hits.append(
                Hit(
                    rule: "limits.\(limit.name)",
                    meaning:
                        "the \(limit.step.rawValue) step used \(text(limit.used)) of \(text(limit.allowed)) \(limit.unit)"
                ))
        }
        if outcome.verdict == .syscallDenied {
            hits.append(
                Hit(
                    rule: "the ABI of the sandbox",
                    meaning:
                        "SIGSYS ended the program: a system call through a foreign ABI (int 0x80, x32), or a signal that it "
                        + "sent itself"))
        }
        if outcome.verdict == .cancelled { hits.append(Hit(rule: "cancelled", meaning: "somebody ended the run")) }
        return hits
    }

    private static func text(_ amount: LimitAmount) -> String {
        Int64(exactly: amount.value).map { "\($0)" } ?? "\(amount.value)"
    }
}
