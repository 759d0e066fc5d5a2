internal import SandboxSpec

/// The share of processor time a group may use: so much per period, all its processes together.
package struct CPUBandwidth: Sendable, Equatable {
    /// Microseconds. 1,000 to 1,000,000, as the kernel wants it.
    package let period: Int64
    /// Microseconds of CPU time per period, at least 1,000.
    package let quota: Int64

    /// The kernel's own default. A shorter one throttles a program that starts: an interpreter needs 10 to 50 ms of CPU
    /// at once, often on two threads, and each time the quota is spent it would wait for the period's end.
    private static let preferredPeriod: Int64 = 100_000
    /// The kernel refuses a smaller quota (`min_cfs_quota_period`).
    private static let smallestQuota: Int64 = 1_000

    /// - Parameter millicpus: the `cpus` limit, 10 to 1,024,000 (`LimitName.range`); anything else counts as the
    ///   nearest of these.
    package init(millicpus: Int64) {
        let range = LimitName.cpus.range
        let share = min(max(millicpus, range.lowerBound), range.upperBound)
        // A small share needs a longer period for its quota to be large enough: 100 ms at 0.01 cpus.
        period = max(Self.preferredPeriod, (Self.smallestQuota * 1000 + share - 1) / share)
        quota = period * share / 1000
    }

    /// What can be used up in one go before the kernel throttles, in nanoseconds.
    package var quotaNanoseconds: Int64 { quota * 1000 }
}
