/// How fast a sandbox can use up CPU time at most.
///
/// The bandwidth limit grants a quota per period. Within one period the quota goes as fast as there are processors,
/// and the end of one period and the start of the next can come together: so up to two quotas together, and beyond them
/// the average share.
struct CPUPace: Sendable, Equatable {
    private let millicpus: Int64
    private let processors: Int64
    private let burst: Int64

    init(millicpus: Int64, processors: Int, quota: Int64) {
        let count = Int64(min(max(processors, 1), 1_000_000))
        self.processors = count
        self.millicpus = min(max(millicpus, 1), count * 1000)
        burst = Saturating.add(max(quota, 0), max(quota, 0))
    }

    /// How long to wait between looks at the least: as long as all processors together need for 4 ms of CPU time.
    ///
    /// So a sandbox that sleeps just short of its limit does not keep the warden busy, and the overshoot is small. The
    /// kernel itself counts in clock ticks of about that length.
    var shortestInterval: Int64 { max(1_000_000, 4_000_000 / processors) }

    /// The shortest time in which `cpu` nanoseconds can be used.
    func timeToUse(_ cpu: Int64) -> Int64 {
        let together = cpu / processors
        guard cpu > burst else { return together }
        return max(together, Saturating.scale(cpu - burst, by: 1000, over: millicpus))
    }
}
