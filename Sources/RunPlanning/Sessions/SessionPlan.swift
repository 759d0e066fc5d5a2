package import EgressRules
package import RunModel
package import SandboxPool
package import SandboxSpec

/// A session that has been checked against its image and its policy: the sandbox it lives in, and what it may use.
package struct SessionPlan: Sendable, Equatable {
    /// What its sandbox is made with: a channel, and the times that its policy gives to sessions.
    package var spec: SandboxSpec
    /// The driver and the command that starts it.
    package var job: Job
    /// The times to set when it starts; nil when the sandbox was made with them.
    package var times: TimeLimits?
    /// What may have been started already in its sandbox; nil when the request has wishes with which the driver has to begin.
    package var opening: SandboxOpening?
    package var limits: SessionLimits
    /// By their names; `language` is the one that the image implements.
    package var image: String
    package var language: String
    package var policy: String
    /// What it may reach outside; with `egress` alone.
    package var egress: EgressGrant?

    package init(
        spec: SandboxSpec, job: Job, times: TimeLimits? = nil, opening: SandboxOpening? = nil, limits: SessionLimits,
        image: String, language: String, policy: String, egress: EgressGrant? = nil
    ) {
        self.spec = spec
        self.job = job
        self.times = times
        self.opening = opening
        self.limits = limits
        self.image = image
        self.language = language
        self.policy = policy
        self.egress = egress
    }
}
