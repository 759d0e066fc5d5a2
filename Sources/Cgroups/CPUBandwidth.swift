/// The share of processor time a group may use: so much per period, all its processes together.
package struct CPUBandwidth: Sendable, Equatable {
    /// Microseconds. 1,000 to 1,000,000, as the kernel wants it.
    package let period: Int64
    /// Microseconds of CPU time per period, at least 1,000.
    package let quota: Int64

    /// 20 ms instead of the usual 100: a throttled program then waits for 20 ms at most.
    private static let preferredPeriod: Int64 = 20_000
    /// The kernel refuses a smaller quota (`min_cfs_quota_period`).
    private static let smallestQuota: Int64 = 1_000

    /// - Parameter millicpus: the `cpus` limit, 10 to 1,024,000 (`LimitName.range`).
    package init(millicpus: Int64) {
        // A small share needs a longer period for its quota to be large enough: 100 ms at 0.01 cpus.
        let share = max(millicpus, 1)
        let wanted = (Self.smallestQuota * 1000 + share - 1) / share
        period = min(max(Self.preferredPeriod, wanted), 1_000_000)
        let (product, overflow) = period.multipliedReportingOverflow(by: share)
        quota = max(Self.smallestQuota, overflow ? Int64.max / 1000 : product / 1000)
    }

    /// What can be used up at once before the kernel throttles, in nanoseconds.
    package var quotaNanoseconds: Int64 {
        let (product, overflow) = quota.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : product
    }
}
