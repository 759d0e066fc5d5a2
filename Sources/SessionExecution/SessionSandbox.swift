package import SandboxSpec

/// What the sandbox of a session is made with, and how its driver is started.
package struct SessionSandbox: Sendable {
    package let spec: SandboxSpec
    /// With the driver among its files.
    package let job: Job
    /// The limits of this job where they differ from those of the spec.
    package let times: TimeLimits?

    package init(spec: SandboxSpec, job: Job, times: TimeLimits?) {
        self.spec = spec
        self.job = job
        self.times = times
    }
}
