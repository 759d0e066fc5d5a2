/// All pools of a service: who is parked, leased, being built. A value: events and times go in, actions come out.
///
/// `Key` is what sandboxes are equal by. Times are nanoseconds of one clock, which the caller reads.
package struct SandboxPools<Key: Hashable & Sendable>: Sendable {
    /// What a request gets.
    package enum Answer: Sendable, Equatable {
        /// This one, which is the caller's now.
        case hit(ticket: UInt64)
        /// Nothing is parked. `isBuildable` says that the last build succeeded, so that one more would be likely to.
        case miss(isBuildable: Bool)
        /// There is no pool for this key.
        case unknown
    }

    private struct Build: Sendable {
        let key: Key
        let since: Int64
    }

    /// What one pool has learnt may keep this part of the memory of all pools: a forecast is a guess.
    private static var learntShare: Int64 { 4 }

    private let bounds: PoolBounds
    private var pools: [Key: Pool] = [:]
    /// Pools in the order in which they were named, so that equal ones take turns the same way each time.
    private var order: [Key] = []
    private var builds: [UInt64: Build] = [:]
    private var lastTicket: UInt64 = 0
    private var isUnderPressure = false
    /// What time of the day it was at the last tick.
    private var second = 0
    /// Whether all has been given up.
    package private(set) var isClosed = false

    package init(bounds: PoolBounds) {
        self.bounds = bounds
    }

    /// Which pools there are from now on. What is parked in others is discarded; builds for them are, when they end.
    ///
    /// - Parameter heirs: pools that are new, with the one each takes the place of: demand is expected to go on.
    package mutating func configure(
        _ sizes: [(key: Key, size: PoolSize)], heirs: [Key: Key] = [:], now: Int64
    ) -> [PoolAction<Key>] {
        let before = pools
        var actions: [PoolAction<Key>] = []
        let wanted = Set(sizes.map(\.key))
        for key in order where !wanted.contains(key) {
            for parked in pools[key]?.parked ?? [] { actions.append(.discard(ticket: parked.ticket)) }
            pools[key] = nil
        }
        order = []
        for (key, size) in sizes {
            if order.contains(key) {
                // Two that want the same share what is there, and it is as large as the larger one wants it.
                pools[key]?.status.size.cover(size)
                continue
            }
            order.append(key)
            if pools[key] == nil {
                pools[key] = Pool(size: size, heirOf: heirs[key].flatMap { before[$0] })
            } else {
                pools[key]?.status.size = size
            }
        }
        return actions + refill(now)
    }

    /// Whether a request for this key would be a hit. Changes nothing.
    package func isParked(_ key: Key) -> Bool {
        pools[key]?.parked.isEmpty == false
    }

    /// A run asks for a sandbox.
    ///
    /// While more are parked, the one that was taken is not replaced before its run is over (`release`), or the next is asked
    /// for, or a second has passed: making one would take the processor from the run that has just begun.
    package mutating func lease(_ key: Key, now: Int64) -> (answer: Answer, actions: [PoolAction<Key>]) {
        guard var pool = pools[key] else { return (.unknown, []) }
        pool.demand.arrive(at: now)
        pool.shape.arrive(at: now)
        // The youngest: its pages are the warmest, and the old ones can go when there are too many.
        let taken = pool.parked.popLast()
        pool.status.leased += 1
        if taken == nil { pool.status.misses += 1 } else { pool.status.hits += 1 }
        pools[key] = pool
        let answer = taken.map { Answer.hit(ticket: $0.ticket) } ?? .miss(isBuildable: pool.isBuildable)
        return (answer, pool.parked.isEmpty ? refill(now) : [])
    }

    /// A leased sandbox turned out to be dead; the run asks again.
    ///
    /// It stays counted as a hit, since what counts up for whoever watches must never fall; what the run gets then is
    /// counted besides.
    package mutating func wasDead(_ key: Key) {
        if let leased = pools[key]?.status.leased, leased > 0 { pools[key]?.status.leased = leased - 1 }
    }

    /// A run is done with its sandbox, wherever that came from.
    package mutating func release(_ key: Key, now: Int64) -> [PoolAction<Key>] {
        if let leased = pools[key]?.status.leased, leased > 0 { pools[key]?.status.leased = leased - 1 }
        return refill(now)
    }

    /// A build has succeeded.
    package mutating func built(ticket: UInt64, now: Int64) -> [PoolAction<Key>] {
        guard let build = builds.removeValue(forKey: ticket), !isClosed, pools[build.key] != nil else {
            return [.discard(ticket: ticket)] + refill(now)
        }
        pools[build.key]?.status.building -= 1
        pools[build.key]?.succeeded(in: max(now - build.since, 0))
        pools[build.key]?.parked.append(Pool.Parked(ticket: ticket, since: now))
        return refill(now)
    }

    /// A build has failed.
    package mutating func failed(ticket: UInt64, because lastError: String, now: Int64) -> [PoolAction<Key>] {
        guard let build = builds.removeValue(forKey: ticket) else { return [] }
        pools[build.key]?.status.building -= 1
        pools[build.key]?.failed(lastError, at: now)
        return refill(now)
    }

    /// A parked sandbox has ended by itself.
    package mutating func lost(ticket: UInt64, now: Int64) -> [PoolAction<Key>] {
        for key in order {
            guard let index = pools[key]?.parked.firstIndex(where: { $0.ticket == ticket }) else { continue }
            pools[key]?.parked.remove(at: index)
        }
        return refill(now)
    }

    /// To be called about once a second.
    ///
    /// - Parameters:
    ///   - pressure: percent of the last seconds in which some task waited for a processor.
    ///   - second: of the day, 0 to 86,399: pools prepare for what came at this time on the days before.
    package mutating func tick(now: Int64, pressure: Double, second: Int) -> [PoolAction<Key>] {
        isUnderPressure = pressure > bounds.pressure
        self.second = second
        var actions: [PoolAction<Key>] = []
        for key in order {
            guard var pool = pools[key] else { continue }
            pool.shape.pass(second: second)
            while let oldest = pool.parked.first, now - oldest.since > Pool.maximumAge {
                actions.append(.discard(ticket: oldest.ticket))
                pool.parked.removeFirst()
            }
            if pool.parked.count > target(of: pool, at: now) {
                let since = pool.surplusSince ?? now
                pool.surplusSince = since
                if now - since >= Pool.surplusTime {
                    actions.append(.discard(ticket: pool.parked.removeFirst().ticket))
                }
            } else {
                pool.surplusSince = nil
            }
            pools[key] = pool
        }
        return actions + refill(now)
    }

    /// Nothing is built any more; everything parked is given up.
    package mutating func close() -> [PoolAction<Key>] {
        isClosed = true
        let actions = order.flatMap { pools[$0]?.parked ?? [] }.map { PoolAction<Key>.discard(ticket: $0.ticket) }
        for key in order { pools[key]?.parked = [] }
        return actions
    }

    /// Tickets of all that is parked.
    package var parked: [UInt64] { order.flatMap { pools[$0]?.parked ?? [] }.map(\.ticket) }

    package func status(now: Int64) -> [(key: Key, status: PoolStatus)] {
        order.compactMap { key in
            guard let pool = pools[key] else { return nil }
            var status = pool.status
            status.parked = pool.parked.count
            status.rate = pool.demand.rate(at: now)
            status.target = target(of: pool, at: now)
            return (key, status)
        }
    }

    private func target(of pool: Pool, at now: Int64) -> Int {
        pool.target(at: now, second: second, learnt: bounds.memory / Self.learntShare)
    }

    // MARK: - Refill

    /// Starts builds where sandboxes are missing: first what is furthest from its target, within what all may have.
    private mutating func refill(_ now: Int64) -> [PoolAction<Key>] {
        var actions: [PoolAction<Key>] = []
        guard !isClosed else { return actions }
        let isBusy = isUnderPressure && pools.values.contains { $0.status.leased > 0 }
        let allowed = isBusy ? bounds.buildsUnderPressure : bounds.builds
        var without: Set<Key> = []
        while builds.count < allowed, let key = neediest(now, besides: without) {
            guard makeRoom(for: key, now, &actions) else {
                // What does not fit must not keep smaller ones out.
                without.insert(key)
                continue
            }
            lastTicket += 1
            builds[lastTicket] = Build(key: key, since: now)
            pools[key]?.status.building += 1
            actions.append(.build(key, ticket: lastTicket))
        }
        return actions
    }

    private func neediest(_ now: Int64, besides without: Set<Key>) -> Key? {
        var best: (key: Key, lack: Double)?
        for key in order where !without.contains(key) {
            guard let pool = pools[key], pool.mayBuild(at: now) else { continue }
            // One at a time until a first one has come out well.
            if pool.status.built == 0 || pool.failures > 0, pool.status.building > 0 { continue }
            let target = target(of: pool, at: now)
            let there = pool.parked.count + pool.status.building
            guard there < target else { continue }
            let lack = Double(target - there) / Double(target)
            if best.map({ lack > $0.lack }) ?? true { best = (key, lack) }
        }
        return best?.key
    }

    /// Evicts what is worth least until one more of `key` fits; false when that is worth less than all that is there.
    private mutating func makeRoom(for key: Key, _ now: Int64, _ actions: inout [PoolAction<Key>]) -> Bool {
        guard let wanted = pools[key] else { return false }
        while true {
            var count = 0
            var memory: Int64 = 0
            for pool in pools.values {
                let here = pool.parked.count + pool.status.building
                count += here
                memory += Int64(here) * pool.status.size.weight
            }
            if count < bounds.parked, memory + wanted.status.size.weight <= bounds.memory { return true }
            var victim: (key: Key, worth: Double)?
            for other in order where other != key {
                guard let pool = pools[other], !pool.parked.isEmpty else { continue }
                let worth = pool.worth(at: now)
                if victim.map({ worth < $0.worth }) ?? true { victim = (other, worth) }
            }
            guard let victim, victim.worth < wanted.worth(at: now),
                let ticket = pools[victim.key]?.parked.removeFirst().ticket
            else { return false }
            pools[victim.key]?.status.evicted += 1
            actions.append(.discard(ticket: ticket))
        }
    }
}
