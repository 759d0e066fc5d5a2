/// Which rules a run was held to: a policy, as it was in one generation of the files.
package struct RulesReference: Sendable, Hashable {
    /// The name of the policy.
    package var policy: String
    /// Counts up with every change of policies and images that a service has taken over; never goes back.
    package var generation: Int64
    /// SHA-256 of the policy as it applied, in lower-case hexadecimal: equal rules have equal digests.
    package var digest: String

    package init(policy: String, generation: Int64, digest: String) {
        self.policy = policy
        self.generation = generation
        self.digest = digest
    }

    /// `NAME@GENERATION`, as in the header `Nestbox-Policy`.
    package var name: String { "\(policy)@\(generation)" }
}
