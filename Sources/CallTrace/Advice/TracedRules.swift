package import SandboxSpec

/// The rules that a trace was held to, as far as advice depends on them.
package struct TracedRules: Sendable {
    /// The name of the policy.
    package var policy: String
    /// The calls that it allows.
    package var syscalls: Set<String>
    /// All groups of calls, by name without the `@`, each with the calls it stands for.
    package var groups: [String: Set<String>]
    /// The calls that a policy may name.
    package var known: Set<String>
    /// The network of the run, and the most that a request may ask for.
    package var network: NetworkAccess
    package var networkCeiling: NetworkAccess
    /// The hosts that the policy's `egress` allows, in the form of policies.
    package var egress: [String]

    package init(
        policy: String, syscalls: Set<String>, groups: [String: Set<String>], known: Set<String>,
        network: NetworkAccess, networkCeiling: NetworkAccess, egress: [String] = []
    ) {
        self.policy = policy
        self.syscalls = syscalls
        self.groups = groups
        self.known = known
        self.network = network
        self.networkCeiling = networkCeiling
        self.egress = egress
    }

    /// The calls of the shipped group that all shipped policies have.
    var reviewed: Set<String> { groups["default"] ?? [] }
}
