/// One pool: sandboxes of one specification.
struct Pool: Sendable {
    /// A parked sandbox.
    struct Parked: Sendable, Equatable {
        let ticket: UInt64
        let since: Int64
    }

    /// How long a sandbox stays parked at most: its interpreter shares hash seeds and layout with its zygote's others.
    static let maximumAge: Int64 = 1_800_000_000_000
    /// How long more than the target may be parked before it is given up.
    static let surplusTime: Int64 = 30_000_000_000
    private static let firstPause: Int64 = 250_000_000
    private static let longestPause: Int64 = 60_000_000_000
    /// A pool that is asked at all keeps enough for what comes while this passes.
    private static let foresight: Int64 = 50_000_000

    var status: PoolStatus
    /// Oldest first.
    var parked: [Parked] = []
    var demand = Demand()
    var shape = LoadShape()
    /// When the last build failed, and how often in a row.
    private(set) var failures = 0
    private(set) var retryAt: Int64 = 0
    /// Since when more has been parked than wanted.
    var surplusSince: Int64?

    /// - Parameter other: a pool whose requests this one gets from now on.
    init(size: PoolSize, heirOf other: Pool? = nil) {
        status = PoolStatus(size: size)
        guard let other else { return }
        demand = other.demand
        shape = other.shape
        status.buildTime = other.status.buildTime
    }

    /// How many should be parked, within the pool's size: what will be asked for while a build takes its time, twice; or what came
    /// together before, as far as `learnt` bytes hold that.
    func target(at now: Int64, second: Int, learnt: Int64) -> Int {
        let rate = demand.rate(at: now)
        let expected = 2 * rate * Double(status.buildTime + Self.foresight) / 1e9
        let wanted = rate < 0.02 ? 0 : Int(min(expected.rounded(.up), 1e6)) + 1
        let affordable = Int(min(learnt / max(status.size.weight, 1), 1_000_000))
        let together = min(shape.expected(at: now, second: second), affordable)
        return max(status.size.minimum, min(max(wanted, together), status.size.maximum))
    }

    /// How much a parked sandbox of this pool is worth: seconds saved per second and byte.
    func worth(at now: Int64) -> Double {
        (demand.rate(at: now) + 0.001) * Double(max(status.buildTime, 1_000_000)) / Double(max(status.size.weight, 1))
    }

    var isBuildable: Bool { failures == 0 && status.built > 0 }

    func mayBuild(at now: Int64) -> Bool { now >= retryAt }

    mutating func succeeded(in time: Int64) {
        failures = 0
        retryAt = 0
        status.built += 1
        status.lastError = nil
        status.buildTime = status.buildTime == 0 ? time : (3 * status.buildTime + time) / 4
    }

    mutating func failed(_ lastError: String, at now: Int64) {
        status.failed += 1
        status.lastError = lastError
        let pause = min(Self.firstPause << min(failures, 16), Self.longestPause)
        failures += 1
        retryAt = now + pause
    }
}
