/// The status that a warden reports on request: how many sandboxes it has, and whether one of them does not
/// end.
package struct WardenStatus: Sendable, Equatable {
    /// All sandboxes, in whatever state, including those below.
    package var sandboxes: Int64 = 0
    /// Complete, and waiting for a job.
    package var parked: Int64 = 0
    /// With a program that runs.
    package var running: Int64 = 0
    /// Could not be ended, in spite of SIGKILL and a deadline: their runs are over, their ids and cgroups stay out of use
    /// until the kernel lets go of them. A machine in order has none.
    package var quarantined: Int64 = 0
    /// Nanoseconds that the oldest sandbox in a temporary state has been in it: the sandbox
    /// is being made, exports files, or ends. Sandboxes in quarantine do not count.
    package var oldestChange: Int64 = 0

    package init() {}
}
