internal import Glibc
internal import LinuxSystem
package import RunModel
package import SandboxPool
package import SandboxSpec
internal import Synchronization
internal import WardenClient
internal import WardenProtocol

/// Keeps sandboxes parked ahead of the runs that will want them, and hands them out.
///
/// What to keep is decided by `SandboxPools`; this carries it out. A lock and not an actor: a run that finds a sandbox parked
/// has it immediately, without a change of threads. `run()` must be running. Safe from any thread.
package final class PooledSandboxes: SandboxSource {
    /// A pool as it is.
    package struct Report: Sendable, Equatable {
        package let description: PoolDescription
        package let status: PoolStatus
        /// Whether it is being filled for rules that are not in force yet.
        package var isWarming = false
    }

    private struct State {
        var pools: SandboxPools<PoolKey>
        var parked: [UInt64: SandboxLease] = [:]
        var descriptions: [PoolKey: PoolDescription] = [:]
        /// What was configured last, in its order.
        var wanted: [(key: PoolKey, description: PoolDescription)] = []
        /// Counts what was configured.
        var revision: UInt64 = 0
        /// Of those wanted, the ones whose rules are not in force yet.
        var warming: Set<PoolKey> = []
        /// What has been reported last, so that a failure that repeats itself is reported once.
        var troubles: [PoolKey: String] = [:]
        var forks: Int64 = 0

        /// A run asks for a sandbox: `parked` is the one of a hit.
        mutating func ask(
            _ key: PoolKey, now: Int64
        ) -> (answer: SandboxPools<PoolKey>.Answer, actions: [PoolAction<PoolKey>], parked: SandboxLease?) {
            let (answer, actions) = pools.lease(key, now: now)
            guard case .hit(let ticket) = answer else { return (answer, actions, nil) }
            return (answer, actions, parked.removeValue(forKey: ticket))
        }
    }

    /// Who wants to know.
    package struct Observer: Sendable {
        /// Builds of a pool have begun to fail, and why, or succeed again (nil).
        package var changed: @Sendable (_ pool: PoolDescription, _ lastError: String?) -> Void
        package var built: @Sendable (_ pool: PoolDescription, _ nanoseconds: Int64) -> Void

        package init(
            changed: @escaping @Sendable (PoolDescription, String?) -> Void,
            built: @escaping @Sendable (PoolDescription, Int64) -> Void
        ) {
            self.changed = changed
            self.built = built
        }
    }

    /// A sandbox that is not there by then never comes: its place is for another one.
    private static let buildTimeout = Duration.seconds(90)

    private let source: any SandboxSource
    private let buildTimeout: Duration
    private let now: @Sendable () -> Int64
    private let pressure: @Sendable () -> Double
    private let observer: Observer
    private let state: Mutex<State>

    /// - Parameters:
    ///   - source: makes sandboxes.
    ///   - pressure: percent of time in which some task waits for a processor.
    package init(
        source: any SandboxSource, bounds: PoolBounds, now: @escaping @Sendable () -> Int64 = { monotonicNow() },
        pressure: @escaping @Sendable () -> Double = { ProcessorPressure.now() },
        buildTimeout: Duration = PooledSandboxes.buildTimeout, observer: Observer
    ) {
        self.source = source
        self.buildTimeout = buildTimeout
        self.now = now
        self.pressure = pressure
        self.observer = observer
        state = Mutex(State(pools: SandboxPools(bounds: bounds)))
    }

    /// Which pools to keep from now on: sandboxes of the others are ended, those of new ones are built.
    package func configure(_ descriptions: [PoolDescription]) {
        configure(Self.keyed(descriptions), warming: [], onlyAt: nil)
    }

    /// - Parameters:
    ///   - warming: those whose rules are not in force yet.
    ///   - revision: what must have been configured last; something else that came in between stays.
    func configure(
        _ keyed: [(key: PoolKey, description: PoolDescription)], warming: Set<PoolKey>, onlyAt revision: UInt64?
    ) {
        let actions = state.withLock { state -> [PoolAction<PoolKey>] in
            guard revision == nil || revision == state.revision else { return [] }
            state.revision += 1
            state.warming = warming
            let heirs = Self.heirs(keyed, of: state.wanted)
            state.wanted = keyed
            state.descriptions = Dictionary(
                keyed.map { ($0.key, $0.description) }, uniquingKeysWith: { first, _ in first })
            state.troubles = state.troubles.filter { state.descriptions[$0.key] != nil }
            return state.pools.configure(
                keyed.map { ($0.key, $0.description.size) }, heirs: heirs, now: now())
        }
        perform(actions)
    }

    /// Looks at the roots of pools.
    static func keyed(_ descriptions: [PoolDescription]) -> [(key: PoolKey, description: PoolDescription)] {
        descriptions.map { (key: PoolKey($0.spec, opening: $0.opening), description: $0) }
    }

    /// Of pools for the same step of the same image under the same policy, whose rules or root are others now.
    private static func heirs(
        _ wanted: [(key: PoolKey, description: PoolDescription)],
        of before: [(key: PoolKey, description: PoolDescription)]
    ) -> [PoolKey: PoolKey] {
        func place(_ pool: PoolDescription) -> [String] { [pool.policy, pool.image, pool.step.rawValue] }
        let old = Dictionary(
            before.map { (place($0.description), $0.key) }, uniquingKeysWith: { first, _ in first })
        let known = Set(before.map(\.key))
        var heirs: [PoolKey: PoolKey] = [:]
        for (key, description) in wanted where !known.contains(key) && heirs[key] == nil {
            heirs[key] = old[place(description)]
        }
        return heirs
    }

    /// A root that was built again makes other sandboxes.
    ///
    /// - Parameter look: looks at the roots, which takes time, so without the lock.
    func lookAtRoots(
        _ look: ([PoolDescription]) -> [(key: PoolKey, description: PoolDescription)] = PooledSandboxes.keyed
    ) {
        let (wanted, warming, revision) = state.withLock { ($0.wanted, $0.warming, $0.revision) }
        let now = look(wanted.map(\.description))
        guard zip(wanted, now).contains(where: { old, new in old.key != new.key }) else { return }
        let renamed = zip(wanted, now).filter { old, _ in warming.contains(old.key) }.map { _, new in new.key }
        // What was configured meanwhile, by a reload, has been looked at since.
        configure(now, warming: Set(renamed), onlyAt: revision)
    }

    // MARK: - Leases

    package func claim(_ spec: SandboxSpec) -> SandboxLease? { claim(PoolKey(spec)) }

    package func claim(_ spec: SandboxSpec, opening: SandboxOpening) -> SandboxLease? {
        claim(PoolKey(spec, opening: opening))
    }

    private func claim(_ key: PoolKey) -> SandboxLease? {
        while let asked = state.withLock({ $0.pools.isParked(key) ? $0.ask(key, now: now()) : nil }) {
            perform(asked.actions)
            if let lease = use(asked.parked, of: key) { return lease }
        }
        return nil
    }

    /// A sandbox that was parked, for a run; nil when it has died meanwhile.
    private func use(_ parked: SandboxLease?, of key: PoolKey) -> SandboxLease? {
        if let parked, parked.sandbox.isAlive {
            return parked.counted(as: WarmStart(parked: key.spec.preparation), in: PoolPlace(in: self, key))
        }
        state.withLock { $0.pools.wasDead(key) }
        return nil
    }

    package func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease { try await lease(PoolKey(spec)) }

    package func lease(_ spec: SandboxSpec, opening: SandboxOpening) async throws(APIError) -> SandboxLease {
        try await lease(PoolKey(spec, opening: opening))
    }

    private func lease(_ key: PoolKey) async throws(APIError) -> SandboxLease {
        let spec = key.spec
        while true {
            let asked = state.withLock { $0.ask(key, now: now()) }
            perform(asked.actions)
            switch asked.answer {
            case .hit: if let lease = use(asked.parked, of: key) { return lease }
            case .miss(let isBuildable):
                let lease = try await make(spec, isBuildable: isBuildable) { self.release(key) }
                return lease.counted(as: lease.warmth, in: PoolPlace(in: self, key))
            case .unknown: return try await make(spec, isBuildable: isBuildable(spec)) {}
            }
        }
    }

    /// One made on the spot. A fork of an interpreter that has booted is there almost immediately; a boot would take longer than
    /// the program does, so that one starts cold.
    private func make(
        _ spec: SandboxSpec, isBuildable: Bool, onFailure: () -> Void
    ) async throws(APIError) -> SandboxLease {
        if isBuildable, case .fork = spec.preparation {
            // A zygote that just died: the run need not know.
            do {
                let lease = try await source.lease(spec)
                state.withLock { $0.forks += 1 }
                return lease.counted(as: .fork)
            } catch {}
        }
        var plain = spec
        plain.preparation = .none
        do {
            return try await source.lease(plain)
        } catch {
            onFailure()
            throw error
        }
    }

    /// Whether forks for another specification of the same interpreter succeed.
    private func isBuildable(_ spec: SandboxSpec) -> Bool {
        guard case .fork = spec.preparation else { return false }
        return state.withLock { state in
            state.pools.status(now: now()).contains { key, status in
                key.spec.preparation == spec.preparation && key.spec.root == spec.root && status.built > 0
                    && status.lastError == nil
            }
        }
    }

    func release(_ key: PoolKey) {
        perform(state.withLock { $0.pools.release(key, now: now()) })
    }

    // MARK: - Builds

    private func perform(_ actions: [PoolAction<PoolKey>]) {
        for action in actions {
            switch action {
            case .build(let key, let ticket): Task { await self.build(key, ticket) }
            case .discard(let ticket):
                state.withLock { $0.parked.removeValue(forKey: ticket) }?.sandbox.kill(.cancelled)
            }
        }
    }

    private func build(_ key: PoolKey, _ ticket: UInt64) async {
        let actions: [PoolAction<PoolKey>]
        let told: (PoolDescription, String?)?
        let start = now()
        do {
            var lease = try await prepare(key.spec)
            // Now, and not on the way of the run.
            lease.sandbox.streams.setNonblocking()
            if let opening = key.opening { lease = try await lease.opened(with: opening) }
            let time = now() - start
            if let description = state.withLock({ $0.descriptions[key] }) { observer.built(description, time) }
            (actions, told) = state.withLock { state in
                state.parked[ticket] = lease
                if case .fork = key.spec.preparation { state.forks += 1 }
                return (state.pools.built(ticket: ticket, now: now()), Self.news(nil, of: key, &state))
            }
        } catch {
            (actions, told) = state.withLock { state in
                let actions = state.pools.failed(ticket: ticket, because: error.message, now: now())
                return (actions, Self.news(error.message, of: key, &state))
            }
        }
        if let told { observer.changed(told.0, told.1) }
        perform(actions)
    }

    /// A sandbox to park, unless it takes too long.
    private func prepare(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        let (source, timeout) = (source, buildTimeout)
        let lease = await withTaskGroup(of: Result<SandboxLease, APIError>?.self) {
            group -> Result<SandboxLease, APIError>? in
            group.addTask {
                do throws(APIError) { return .success(try await source.lease(spec)) } catch { return .failure(error) }
            }
            group.addTask {
                // A cancelled sleep: the other one was first.
                do { try await Task.sleep(for: timeout) } catch {}
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            // Given up, it may still have come at the last moment.
            return await group.next() ?? nil
        }
        guard let lease else { throw APIError(StageFailure(stage: "lease", errno: ETIMEDOUT)) }
        return try lease.get()
    }

    private static func news(_ lastError: String?, of key: PoolKey, _ state: inout State) -> (PoolDescription, String?)?
    {
        // What is given up at the end is no lastError.
        guard !state.pools.isClosed, state.troubles[key] != lastError, let description = state.descriptions[key] else {
            return nil
        }
        state.troubles[key] = lastError
        return (description, lastError)
    }

    /// Keeps the pools filled, until the task is cancelled; then ends everything that is parked.
    package func run() async {
        while !Task.isCancelled {
            // A cancelled sleep ends the loop by its condition.
            do { try await Task.sleep(for: .seconds(1)) } catch { break }
            lookAtRoots()
            tick()
        }
        perform(state.withLock { $0.pools.close() })
    }

    func tick() {
        let pressure = pressure()
        // UTC: days are compared with days, so the hour at which one begins does not matter.
        let second = time(nil) % 86_400
        let actions = state.withLock { state in
            var actions: [PoolAction<PoolKey>] = []
            for (ticket, lease) in state.parked where !lease.sandbox.isAlive {
                state.parked[ticket] = nil
                actions += state.pools.lost(ticket: ticket, now: now())
            }
            return actions + state.pools.tick(now: now(), pressure: pressure, second: second)
        }
        perform(actions)
    }

    /// How many sandboxes have been forked from interpreters.
    package var forks: Int64 { state.withLock { $0.forks } }

    /// All pools, in the order in which they were described.
    package var reports: [Report] {
        state.withLock { state in
            state.pools.status(now: now()).compactMap { key, status in
                state.descriptions[key].map {
                    Report(description: $0, status: status, isWarming: state.warming.contains(key))
                }
            }
        }
    }
}

extension WarmStart {
    /// What a parked sandbox of this preparation counts as.
    package init(parked preparation: Preparation) {
        switch preparation {
        case .none: self = .parked
        case .boot: self = .boot
        case .fork: self = .fork
        }
    }
}
