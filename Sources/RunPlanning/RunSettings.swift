package import EgressRules
package import Images
package import Policies
package import SandboxSpec

/// Under which rules a request runs: the first half of a plan, known before any file has been read.
package struct RunSettings: Sendable {
    package let image: Image
    package let policy: Policy
    /// Of the run step: the policy's, with what the request asked for within its ceilings.
    package let limits: Limits
    /// Of the run step.
    package let network: NetworkAccess
    /// Of the run step; with `egress` alone.
    package let egress: EgressGrant?

    /// - Parameter network: where it is not the policy's own.
    package init(image: Image, policy: Policy, limits: Limits, network: GrantedNetwork? = nil) {
        self.image = image
        self.policy = policy
        self.limits = limits
        self.network = network?.access ?? policy.network
        egress = network.map(\.egress) ?? policy.networks.egress
    }

    /// By which a program finds its way out: `KEY=VALUE` strings, for the image's own to come after.
    var networkVariables: [String] {
        guard network == .egress else { return [] }
        return EgressVariables.all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    /// The limits of the compile step: the policy's, with the image's own.
    func compileLimits(_ step: CompileStep) throws(InvalidLimit) -> Limits {
        try policy.limits(replacedBy: step.limits)
    }
}
