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

    /// - Parameter network: where it is not the policy's own.
    package init(image: Image, policy: Policy, limits: Limits, network: NetworkAccess? = nil) {
        self.image = image
        self.policy = policy
        self.limits = limits
        self.network = network ?? policy.network
    }

    /// The limits of the compile step: the policy's, with the image's own.
    func compileLimits(_ step: CompileStep) throws(InvalidLimit) -> Limits {
        try policy.limits(replacedBy: step.limits)
    }
}
