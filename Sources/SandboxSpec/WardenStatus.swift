/// What a warden says of itself when it is asked: how many sandboxes it has, and whether one of them does not come to an
/// end.
package struct WardenStatus: Sendable, Equatable {
    /// Every sandbox there is, in whatever state, those below included.
    package var sandboxes: Int64 = 0
    /// Complete, and waiting for a job.
    package var parked: Int64 = 0
    /// With a program that runs.
    package var running: Int64 = 0
    /// Could not be ended, in spite of SIGKILL and a deadline: their runs are over, their ids and cgroups stay out of use
    /// until the kernel lets go of them. A machine in order has none.
    package var quarantined: Int64 = 0
    /// Nanoseconds for which the sandbox has been in its state that has been longest in one that ought to pass by itself: it
    /// is being made, hands out files, or ends. Those in quarantine do not count.
    package var oldestChange: Int64 = 0

    package init() {}
}
