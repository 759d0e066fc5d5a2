package import SandboxSpec

/// The smallest change of a policy that allows what was observed, and what no policy can allow.
package struct PolicyAdvice: Sendable, Equatable, Encodable {
    /// One thing that the policy would have to allow.
    package struct Change: Sendable, Equatable, Encodable {
        /// The key of the policy: `syscalls.allow`, `network`, `limits.memory`.
        package let key: String
        /// What is added to a list, or the value itself.
        package let value: String
        /// What was observed that asks for it.
        package let because: [String]
        /// Why to think twice; nil when the value is ordinary.
        package let danger: String?
    }

    /// What was observed and no policy allows.
    package struct Refusal: Sendable, Equatable, Encodable {
        package let what: String
        package let reason: String
    }

    package let changes: [Change]
    package let impossible: [Refusal]
    /// What may help and is no change of a policy.
    package let hints: [String]
    /// A policy that extends the traced one with all changes, dangerous ones as comments; nil without changes.
    package let yaml: String?

    /// - Parameters:
    ///   - endedByABI: whether SIGSYS ended the program.
    ///   - limit: a limit that the program came up against, and a higher value in its unit.
    package init(
        for log: TraceLog, under rules: TracedRules, endedByABI: Bool = false,
        raising limit: (name: LimitName, text: String)? = nil
    ) {
        var drafts = CallAdvice(log, rules)
        if endedByABI {
            drafts.impossible.append(
                Refusal(
                    what: "a call through a foreign ABI (int 0x80, x32)",
                    reason: "it ends the program, and the kernel does not tell which call it was"))
        }
        let network = NetworkAdvice(log, rules)
        drafts.changes += network.changes
        if let limit {
            drafts.changes.append(
                Change(
                    key: "limits.\(limit.name.rawValue)", value: limit.text,
                    because: ["the program came up against it; how much it needs is not known"], danger: nil))
        }
        changes = drafts.changes
        impossible = drafts.impossible
        hints = network.hints + FileAdvice.hints(log)
        yaml = changes.isEmpty ? nil : AdviceText.yaml(changes, rules)
    }
}
