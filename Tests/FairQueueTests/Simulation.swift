import FairQueue

/// Random numbers that are the same in each test run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

/// A service with some places and tenants that always want more, in time that passes as fast as it can be computed.
struct Simulation {
    struct Tenant {
        var name: String
        var weight = 1
        /// How many it has waiting or running at any moment.
        var backlog: Int
        var clients = 1
        /// Seconds that the next one takes.
        var seconds: (inout SplitMix) -> Double
    }

    private struct Running {
        let tenant: Int
        let since: Int64
        let until: Int64
    }

    let tenants: [Tenant]
    var queue: FairQueue<Int>
    var random = SplitMix(state: 7)
    private(set) var now: Int64 = 0
    private var ids = 0
    private var owners: [Int: (tenant: Int, entered: Int64)] = [:]
    private var running: [Int: Running] = [:]
    /// Seconds for which each tenant held places.
    private(set) var held: [Double]
    private(set) var waits: [[Double]]

    init(_ tenants: [Tenant], places: Int, share: Int? = nil) {
        self.tenants = tenants
        queue = FairQueue(
            bounds: .init(
                running: places, queued: 100_000, runningPerClient: places, queuedPerClient: 100_000, share: share))
        held = tenants.map { _ in 0 }
        waits = tenants.map { _ in [] }
    }

    /// Reports come less often than in a service: they cost most of the time.
    mutating func run(seconds: Double) throws {
        let end = now + Int64(seconds * 1e9)
        var reportAt = now
        for (index, tenant) in tenants.enumerated() { for _ in 0..<tenant.backlog { try submit(index) } }
        while now < end {
            let next = running.min { ($0.value.until, $0.key) < ($1.value.until, $1.key) }
            guard let (id, run) = next, run.until <= reportAt else {
                now = reportAt
                reportAt += 20_000_000_000
                _ = queue.report(now: now)
                continue
            }
            now = run.until
            running[id] = nil
            owners[id] = nil
            held[run.tenant] += Double(run.until - run.since) / 1e9
            apply(queue.leave(id, now: now))
            try submit(run.tenant)
        }
        for run in running.values { held[run.tenant] += Double(now - run.since) / 1e9 }
    }

    private mutating func submit(_ index: Int) throws {
        ids += 1
        let tenant = tenants[index]
        owners[ids] = (index, now)
        apply(
            try queue.enter(
                ids,
                QueueRequest(
                    tenant: tenant.name, terms: QueueTerms(weight: tenant.weight),
                    client: "\(tenant.name)\(ids % tenant.clients)", kind: "plain"), now: now))
    }

    private mutating func apply(_ actions: [FairQueue<Int>.Action]) {
        for case .start(let id) in actions {
            guard let (tenant, entered) = owners[id] else { continue }
            waits[tenant].append(Double(now - entered) / 1e9)
            let seconds = tenants[tenant].seconds(&random)
            running[id] = Running(tenant: tenant, since: now, until: now + Int64(max(seconds, 0.000_001) * 1e9))
        }
    }

    /// 1 when all have the same for their weight, 1/n when one has everything.
    var fairness: Double {
        let shares = zip(held, tenants).map { $0 / Double($1.weight) }
        let sum = shares.reduce(0, +)
        return sum * sum / (Double(shares.count) * shares.reduce(0) { $0 + $1 * $1 })
    }
}
