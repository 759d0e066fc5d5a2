package import Egress
package import EgressRules
package import SandboxPool
package import SandboxSpec

/// What the sandbox of a session is made with, and how its driver is started.
package struct SessionSandbox: Sendable {
    package let spec: SandboxSpec
    /// With the driver among its files.
    package let job: Job
    /// The limits of this job where they differ from those of the spec.
    package let times: TimeLimits?
    /// The same, started in a sandbox before it is leased; nil where that cannot be.
    package let opening: SandboxOpening?
    /// What it may reach outside, and who serves that; with `egress` alone.
    package let egress: EgressGrant?
    package let service: EgressService?

    /// A directory for files that are kept from one interpreter to the next; nil keeps them in memory.
    package let spool: String?

    package init(
        spec: SandboxSpec, job: Job, times: TimeLimits?, opening: SandboxOpening? = nil, egress: EgressGrant? = nil,
        service: EgressService? = nil, spool: String? = nil
    ) {
        self.spool = spool
        self.spec = spec
        self.job = job
        self.times = times
        self.opening = opening
        self.egress = egress
        self.service = service
    }
}
