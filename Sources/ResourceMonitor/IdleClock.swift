/// When a sandbox last showed a sign of life: output, or more CPU time than a sleeping program uses.
///
/// A sleeping runtime is not quite still: timers and a garbage collector of a JVM or of node use 0.1 to 0.3 % of a
/// core, in bursts. So CPU time is held against an allowance that refills at 0.5 % of a core and keeps what is not
/// used, up to 20 ms. What goes beyond it is a sign of life. A program that computes is beyond it within milliseconds.
/// Where the `cpus` limit is so low that computing itself looks like sleep, the rate is a twentieth of that limit; where
/// the `idle` limit is short, no more is kept than half of it refills.
struct IdleClock: Sendable, Equatable {
    /// The last sign of life.
    private(set) var lastLife: Int64
    /// CPU nanoseconds that may be used without being noticed.
    private var allowance: Int64 = 0
    private let capacity: Int64
    /// CPU nanoseconds per second.
    private let rate: Int64

    private static let second: Int64 = 1_000_000_000
    private static let fullRate: Int64 = 5_000_000
    private static let fullCapacity: Int64 = 20_000_000

    init(startedAt: Int64, idle: Int64, millicpus: Int64) {
        lastLife = startedAt
        rate = min(Self.fullRate, Saturating.scale(millicpus, by: 1_000_000, over: 20))
        capacity = min(Self.fullCapacity, Saturating.scale(idle, by: rate, over: Self.second) / 2)
    }

    /// - Parameters:
    ///   - cpu: CPU time used since the last call.
    ///   - elapsed: time since then.
    mutating func used(cpu: Int64, elapsed: Int64, at now: Int64) {
        let refill = Saturating.scale(elapsed, by: rate, over: Self.second)
        allowance = Saturating.subtract(Saturating.add(allowance, refill), cpu)
        if allowance < 0 {
            allowance = 0
            alive(at: now)
        }
        allowance = min(allowance, capacity)
    }

    mutating func alive(at now: Int64) {
        lastLife = max(lastLife, now)
    }
}
