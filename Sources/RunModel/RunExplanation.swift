/// Which rules a run was held to, where each comes from, and what it came up against.
package struct RunExplanation: Sendable, Equatable, Codable {
    /// A value of the policy, in human units, with the file and line it comes from.
    package struct Value: Sendable, Equatable, Codable {
        package let key: String
        package let value: String
        package let source: String

        package init(key: String, value: String, source: String) {
            self.key = key
            self.value = value
            self.source = source
        }
    }

    /// Something that the run was refused, or ended by, with the rule.
    package struct Hit: Sendable, Equatable, Codable {
        package let rule: String
        package let meaning: String

        package init(rule: String, meaning: String) {
            self.rule = rule
            self.meaning = meaning
        }
    }

    package let runID: RunID
    package let policy: String
    package let generation: Int64
    package let policyDigest: String
    package let image: String
    /// Of the run step: the policy's, with what the request asked for.
    package let limits: LimitTable
    package let network: String
    /// The policy as it was when the run was accepted.
    package let values: [Value]
    /// Nil while it runs.
    package let verdict: String?
    package let hits: [Hit]

    private enum CodingKeys: String, CodingKey {
        case policy, generation, image, limits, network, values, verdict, hits
        case runID = "run_id"
        case policyDigest = "policy_digest"
    }

    package init(
        runID: RunID, rules: RulesReference, image: String, limits: LimitTable, network: String, values: [Value],
        verdict: String?, hits: [Hit]
    ) {
        self.runID = runID
        policy = rules.policy
        generation = rules.generation
        policyDigest = rules.digest
        self.image = image
        self.limits = limits
        self.network = network
        self.values = values
        self.verdict = verdict
        self.hits = hits
    }
}
