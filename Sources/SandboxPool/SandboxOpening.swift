package import SandboxSpec

/// A program that has been started in a sandbox while it is still parked, and that says by its channel when it is ready: the driver of
/// a session.
///
/// It is a program of the image with what the image gives it: nothing of a request is in it, so nothing foreign runs before the lease.
package struct SandboxOpening: Sendable, Hashable {
    /// Its command, variables and files.
    package let job: Job
    /// Its limits, which count from the moment it is started: they have room for the time it is parked.
    package let times: TimeLimits

    package init(job: Job, times: TimeLimits) {
        self.job = job
        self.times = times
    }

    /// Two are equal if they are as a whole. What tells most apart is enough to find them.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(job.arguments)
        hasher.combine(job.environment)
    }

    /// The longest that one may be parked, in nanoseconds: what its times have to have room for.
    package static let parkedTime = Pool.maximumAge
}
