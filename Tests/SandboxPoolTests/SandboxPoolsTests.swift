import Testing

@testable import SandboxPool

private let second: Int64 = 1_000_000_000

/// Pools that are told what happens, with a clock that is set by hand.
private struct Scene {
    var pools: SandboxPools<String>
    var now: Int64 = 0
    /// Tickets of builds that have not ended.
    var building: [(key: String, ticket: UInt64)] = []
    var discarded: [UInt64] = []

    init(_ sizes: [String: PoolSize]) { self.init(PoolBounds(builds: 4), sizes) }

    init(_ bounds: PoolBounds, _ sizes: [String: PoolSize]) {
        pools = SandboxPools(bounds: bounds)
        configure(sizes)
    }

    mutating func configure(_ sizes: [String: PoolSize]) {
        obey(pools.configure(sizes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, now: now))
    }

    mutating func obey(_ actions: [PoolAction<String>]) {
        for action in actions {
            switch action {
            case .build(let key, let ticket): building.append((key, ticket))
            case .discard(let ticket): discarded.append(ticket)
            }
        }
    }

    mutating func lease(_ key: String) -> SandboxPools<String>.Answer {
        let (answer, actions) = pools.lease(key, now: now)
        obey(actions)
        return answer
    }

    /// Ends the oldest build well, after some time.
    mutating func finishBuild(after time: Int64 = 1_000_000) -> UInt64? {
        guard !building.isEmpty else { return nil }
        now += time
        let ticket = building.removeFirst().ticket
        obey(pools.built(ticket: ticket, now: now))
        return ticket
    }

    mutating func failBuild(_ lastError: String = "no") {
        guard !building.isEmpty else { return }
        let ticket = building.removeFirst().ticket
        obey(pools.failed(ticket: ticket, because: lastError, now: now))
    }

    /// Lets builds succeed until none is wanted, at most a thousand.
    mutating func settle() {
        for _ in 0..<1000 where !building.isEmpty { _ = finishBuild() }
    }

    mutating func tick(after time: Int64 = second, pressure: Double = 0) {
        now += time
        obey(pools.tick(now: now, pressure: pressure, second: Int(now / second) % 86_400))
    }

    func status(_ key: String) -> PoolStatus {
        pools.status(now: now).first { $0.key == key }?.status ?? PoolStatus(size: size(0, 0))
    }
}

private func size(_ minimum: Int, _ maximum: Int, weight: Int64 = 1) -> PoolSize {
    PoolSize(minimum: minimum, maximum: maximum, weight: weight)
}

@Suite("Pools") struct SandboxPoolsTests {
    @Test func theMinimumIsBuiltAtOnceAndKept() {
        var scene = Scene(["a": size(3, 8)])
        scene.settle()
        #expect(scene.status("a").parked == 3)
        guard case .hit = scene.lease("a") else {
            Issue.record("nothing was parked")
            return
        }
        #expect(scene.status("a").leased == 1)
        #expect(scene.status("a").hits == 1)
        scene.obey(scene.pools.release("a", now: scene.now))
        scene.settle()
        #expect(scene.status("a").parked >= 3)
    }

    @Test func aMissIsAnAnswerAndSaysWhetherABuildWouldSucceed() {
        var scene = Scene(["a": size(0, 4)])
        #expect(scene.lease("a") == .miss(isBuildable: false))
        _ = scene.finishBuild()
        guard case .hit = scene.lease("a") else {
            Issue.record("what was built is not handed out")
            return
        }
        #expect(scene.lease("a") == .miss(isBuildable: true))
        #expect(scene.lease("b") == .unknown)
    }

    @Test func noTicketIsHandedOutTwice() {
        var scene = Scene(["a": size(8, 8)])
        scene.settle()
        var seen: Set<UInt64> = []
        for _ in 0..<50 {
            if case .hit(let ticket) = scene.lease("a") {
                let isNew = seen.insert(ticket).inserted
                #expect(isNew)
            }
            if scene.building.count > 1 { _ = scene.finishBuild() }
        }
        #expect(seen.count >= 8)
    }

    @Test func demandRaisesTheTargetAndQuietLowersIt() {
        var scene = Scene(PoolBounds(builds: 8), ["a": size(1, 32)])
        scene.settle()
        for _ in 0..<500 {
            scene.now += 5_000_000
            _ = scene.lease("a")
            for _ in scene.building { _ = scene.finishBuild(after: 0) }
        }
        let busy = scene.status("a").target
        #expect(busy > 8)
        #expect(busy <= 32)
        // The burst of 200 within a second is remembered the longest: 300 s × ln 100.
        for _ in 0..<1_500 { scene.tick() }
        #expect(scene.status("a").target == 1)
        #expect(scene.status("a").parked == 1)
        #expect(!scene.discarded.isEmpty)
    }

    @Test func neverMoreThanTheMaximumNorMoreBuildsThanAllowed() {
        var scene = Scene(PoolBounds(builds: 3), ["a": size(0, 5)])
        for _ in 0..<1000 {
            _ = scene.lease("a")
            scene.now += 1000
            #expect(scene.building.count <= 3)
            #expect(scene.status("a").parked + scene.status("a").building <= 5)
        }
        scene.settle()
        #expect(scene.status("a").parked == 5)
    }

    @Test func failingBuildsAreTriedLessAndLessAndSaidSo() {
        var scene = Scene(["a": size(2, 4)])
        var attempts = 0
        for _ in 0..<600 {
            if !scene.building.isEmpty {
                attempts += 1
                // One at a time, until one succeeds.
                #expect(scene.building.count == 1)
                scene.failBuild("stage zygote_boot")
            }
            scene.tick()
        }
        #expect((8...20).contains(attempts))
        #expect(scene.status("a").lastError == "stage zygote_boot")
        #expect(scene.lease("a") == .miss(isBuildable: false))
        for _ in 0..<70 where scene.building.isEmpty { scene.tick() }
        scene.settle()
        #expect(scene.status("a").lastError == nil)
        #expect(scene.status("a").parked == 2)
    }

    @Test func theLeastUsefulGivesWay() {
        var scene = Scene(PoolBounds(parked: 4, builds: 2), ["busy": size(0, 4), "idle": size(3, 3)])
        scene.settle()
        #expect(scene.status("idle").parked == 3)
        for _ in 0..<200 {
            scene.now += 10_000_000
            _ = scene.lease("busy")
            while !scene.building.isEmpty { _ = scene.finishBuild(after: 0) }
        }
        #expect(scene.status("idle").evicted >= 1)
        #expect(scene.status("busy").hits > 100)
        let all = scene.status("idle").parked + scene.status("busy").parked
        #expect(all <= 4)
    }

    @Test func memoryIsBoundedByWeight() {
        var scene = Scene(PoolBounds(memory: 100, builds: 8), ["heavy": size(5, 5, weight: 40)])
        scene.settle()
        #expect(scene.status("heavy").parked == 2)
    }

    @Test func pressureLetsRunsGoFirst() {
        var scene = Scene(PoolBounds(builds: 4, buildsUnderPressure: 1), ["a": size(8, 8)])
        scene.settle()
        scene.tick(pressure: 90)
        for _ in 0..<8 { _ = scene.lease("a") }
        #expect(scene.building.count == 1)
        scene.tick(pressure: 10)
        #expect(scene.building.count == 4)
    }

    @Test func aPoolThatIsNotWantedAnyMoreIsGivenUp() {
        var scene = Scene(PoolBounds(builds: 1), ["a": size(2, 4), "b": size(1, 1)])
        let first = scene.finishBuild()
        #expect(!scene.building.isEmpty)
        scene.configure(["c": size(1, 1)])
        // What was parked at once, what was being built when it is there.
        if let first { #expect(scene.discarded.contains(first)) }
        let late = scene.building.first?.ticket
        _ = scene.finishBuild()
        if let late { #expect(scene.discarded.contains(late)) }
        scene.settle()
        #expect(scene.lease("a") == .unknown)
        #expect(scene.status("c").parked == 1)
    }

    @Test func aSandboxThatDiedIsReplaced() throws {
        var scene = Scene(["a": size(1, 1)])
        let builtTicket = scene.finishBuild()
        let ticket = try #require(builtTicket)
        scene.obey(scene.pools.lost(ticket: ticket, now: scene.now))
        #expect(scene.status("a").parked == 0)
        #expect(scene.building.count == 1)
        // One that turned out dead when it was handed out is not held by anybody; a counter does not go back for it.
        scene.settle()
        _ = scene.lease("a")
        scene.pools.wasDead("a")
        #expect(scene.status("a").hits == 1)
        #expect(scene.status("a").leased == 0)
        // A pool that was changed meanwhile has nothing leased.
        scene.pools.wasDead("a")
        #expect(scene.status("a").leased == 0)
    }

    @Test func whatIsParkedForLongIsRenewed() throws {
        var scene = Scene(["a": size(1, 1)])
        let builtOld = scene.finishBuild()
        let old = try #require(builtOld)
        scene.tick(after: Pool.maximumAge + second)
        #expect(scene.discarded == [old])
        #expect(scene.building.count == 1)
    }

    @Test func theEndGivesEverythingUpAndBuildsNoMore() throws {
        var scene = Scene(PoolBounds(builds: 1), ["a": size(3, 3)])
        let builtFirst = scene.finishBuild()
        let first = try #require(builtFirst)
        scene.obey(scene.pools.close())
        #expect(scene.discarded == [first])
        let late = try #require(scene.building.first?.ticket)
        _ = scene.finishBuild()
        #expect(scene.discarded == [first, late])
        #expect(scene.building.isEmpty)
        scene.tick()
        #expect(scene.building.isEmpty)
    }

    @Test func whatIsTakenIsReplacedWhenItsRunIsOverWhileThereIsMore() {
        var scene = Scene(["a": size(2, 2)])
        scene.settle()
        _ = scene.lease("a")
        #expect(scene.building.isEmpty)
        scene.obey(scene.pools.release("a", now: scene.now))
        #expect(scene.building.count == 1)
        scene.settle()
        _ = scene.lease("a")
        scene.tick()
        #expect(scene.building.count == 1, "a long run was waited for")
        scene.settle()
        _ = scene.lease("a")
        _ = scene.lease("a")
        #expect(scene.building.count == 2, "nothing was left, and nothing was built")
    }

    @Test func twoThatWantTheSameShareWhatTheLargerOneWants() {
        var scene = Scene([:])
        scene.obey(scene.pools.configure([("a", size(1, 2)), ("a", size(3, 3)), ("a", size(0, 1))], now: 0))
        scene.settle()
        #expect(scene.status("a").size == size(3, 3))
        #expect(scene.status("a").parked == 3)
    }

    @Test func whatDoesNotFitKeepsNothingSmallerOut() {
        var scene = Scene(PoolBounds(memory: 10, builds: 4), ["a": size(1, 1, weight: 20), "b": size(1, 1, weight: 5)])
        scene.settle()
        #expect(scene.status("a").parked == 0)
        #expect(scene.status("b").parked == 1)
    }

    /// Whatever happens in whatever order: the books balance, and no bound is exceeded.
    @Test(arguments: 1...40)
    func randomHistoriesKeepTheBooks(seed: UInt64) {
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let sizes = ["a": size(2, 6, weight: 3), "b": size(0, 4, weight: 10), "c": size(1, 1)]
        var scene = Scene(PoolBounds(parked: 8, memory: 60, builds: 3), sizes)
        var parked: Set<UInt64> = []
        for _ in 0..<2000 {
            let key = ["a", "b", "c", "d"][random(4)]
            switch random(7) {
            case 0, 1:
                if case .hit(let ticket) = scene.lease(key) {
                    let wasParked = parked.remove(ticket) != nil
                    #expect(wasParked)
                }
            case 2, 3:
                if let ticket = scene.finishBuild(after: Int64(random(20_000_000))) { parked.insert(ticket) }
            case 4: scene.failBuild()
            case 5: scene.obey(scene.pools.release(key, now: scene.now))
            default: scene.tick(after: Int64(random(3)) * second, pressure: Double(random(100)))
            }
            parked.subtract(scene.discarded)
            #expect(Set(scene.pools.parked) == parked)
            let all = scene.pools.status(now: scene.now)
            #expect(all.reduce(0) { $0 + $1.status.building } == scene.building.count)
            #expect(all.reduce(0) { $0 + $1.status.parked + $1.status.building } <= 8)
            #expect(all.allSatisfy { $0.status.leased >= 0 && $0.status.parked <= $0.status.size.maximum })
        }
    }
}
