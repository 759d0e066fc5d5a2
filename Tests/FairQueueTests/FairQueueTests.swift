import FairQueue
import Testing

@Suite("Fair queue")
struct FairQueueTests {
    private let a = QueueRequest(tenant: "t", client: "a")
    private let b = QueueRequest(tenant: "t", client: "b")
    private static let second: Int64 = 1_000_000_000

    private func queue(
        running: Int = 1, queued: Int = 4, runningPerClient: Int = 8, queuedPerClient: Int = 3, share: Int? = nil
    ) -> FairQueue<Int> {
        FairQueue(
            bounds: .init(
                running: running, queued: queued, runningPerClient: runningPerClient,
                queuedPerClient: queuedPerClient, share: share))
    }

    private func started(_ actions: [FairQueue<Int>.Action]) -> [Int] {
        actions.compactMap { if case .start(let id) = $0 { id } else { nil } }
    }

    private func position(_ actions: [FairQueue<Int>.Action]) -> Int? {
        actions.compactMap { if case .wait(_, let place) = $0 { place.position } else { nil } }.first
    }

    @Test("a run starts at once while there is room, and the next one waits at place 1")
    func startsAndWaits() throws {
        var queue = queue()
        #expect(try queue.enter(1, a, now: 0) == [.start(1)])
        #expect(try queue.enter(2, a, now: 0) == [.wait(2, QueuePlace(position: 1))])
        #expect(queue.runningCount == 1)
        #expect(queue.waitingCount == 1)
        #expect(queue.loads.map { "\($0.tenant) \($0.client) \($0.running) \($0.waiting)" } == ["t a 1 1"])
        #expect(queue.leave(1, now: Self.second) == [.start(2)])
        #expect(queue.leave(2, now: 2 * Self.second) == [])
        #expect(queue.runningCount == 0)
        #expect(queue.clientCount == 0)
    }

    @Test("a full queue refuses, and a full line of one client, or of one tenant, refuses that one only")
    func refuses() throws {
        var queue = queue(queued: 6)
        for id in 0...3 { _ = try queue.enter(id, a, now: 0) }
        #expect(throws: AdmissionRefusal.clientQueueFull) { try queue.enter(9, a, now: 0) }
        let small = QueueRequest(tenant: "small", terms: QueueTerms(queued: 1), client: "c")
        _ = try queue.enter(4, small, now: 0)
        #expect(throws: AdmissionRefusal.tenantQueueFull(1)) { try queue.enter(9, small, now: 0) }
        _ = try queue.enter(5, b, now: 0)
        _ = try queue.enter(6, b, now: 0)
        #expect(throws: AdmissionRefusal.queueFull) { try queue.enter(9, b, now: 0) }
        #expect(queue.waitingCount == 6)
        for id in 100..<150 {
            _ = try? queue.enter(id, QueueRequest(tenant: "t\(id)", client: "c\(id)"), now: 0)
        }
        #expect(queue.clientCount == 3, "whoever was refused is not remembered")
    }

    @Test("one who floods waits behind himself, and others pass him")
    func takesTurns() throws {
        var queue = queue()
        _ = try queue.enter(0, a, now: 0)
        for id in 1...3 { #expect(position(try queue.enter(id, a, now: 0)) == id) }
        #expect(position(try queue.enter(4, b, now: 0)) == 1, "b has had nothing yet")
        #expect(queue.leave(0, now: Self.second) == [.start(4)])
        #expect(started(queue.leave(4, now: 2 * Self.second)) == [1])
    }

    @Test("while others wait nobody gets more than his share, and what nobody else wants is his")
    func sharesPlacesOut() throws {
        var queue = queue(running: 4, queued: 100, queuedPerClient: 100, share: 2)
        for id in 0..<20 { _ = try queue.enter(id, a, now: 0) }
        #expect(queue.runningCount == 4, "nobody else is there")
        for id in 100..<108 { _ = try queue.enter(id, b, now: 0) }
        // Place by place: the ones that become free are the victim's until both hold half.
        #expect(started(queue.leave(0, now: 1)) == [100])
        #expect(started(queue.leave(1, now: 1)) == [101])
        let third = started(queue.leave(2, now: 1))
        #expect(third == [4], "the other one holds his share")
    }

    @Test("a client bounded below the whole leaves a place that another one finds at once")
    func leavesAPlace() throws {
        var queue = queue(running: 4, queued: 100, runningPerClient: 3, queuedPerClient: 100, share: 2)
        for id in 0..<20 { _ = try queue.enter(id, a, now: 0) }
        #expect(queue.runningCount == 3)
        #expect(try queue.enter(100, b, now: 0) == [.start(100)])
        #expect(started(queue.leave(0, now: 1)) == [3])
    }

    @Test(
        "a tenant at its bound waits, a key's own bound replaces the common one, and bounds that change count at once")
    func bounds() throws {
        var queue = queue(running: 4, runningPerClient: 1)
        var own = a
        own.concurrent = 3
        own.terms.concurrent = 2
        #expect(try queue.enter(1, own, now: 0) == [.start(1)])
        #expect(try queue.enter(2, own, now: 0) == [.start(2)])
        #expect(started(try queue.enter(3, own, now: 0)).isEmpty, "the tenant has two places")
        #expect(try queue.enter(4, QueueRequest(tenant: "u", client: "a"), now: 0) == [.start(4)])
        own.terms.concurrent = 3
        #expect(started(try queue.enter(5, own, now: 0)) == [3])
    }

    @Test("higher priorities of a tenant go first, but not for ever")
    func priorities() throws {
        var queue = queue(queued: 1000, queuedPerClient: 1000)
        var (low, high) = (a, a)
        (low.priority, high.priority) = (2, 4)
        _ = try queue.enter(0, a, now: 0)
        #expect(position(try queue.enter(1, low, now: 0)) == 1)
        #expect(position(try queue.enter(2, high, now: 0)) == 1)
        #expect(started(queue.leave(0, now: 1)) == [2])
        // A run of high priority comes each time one ends; the low one has waited two steps of priority more than they after a minute.
        var (running, now, id) = (2, Int64(0), 10)
        while running != 1, now < 200 * Self.second {
            now += Self.second
            _ = try queue.enter(id, high, now: now)
            id += 1
            if let next = started(queue.leave(running, now: now)).first { running = next }
        }
        #expect(running == 1)
        #expect((58...64).contains(now / Self.second), "\(now / Self.second) s")
        // Another tenant is not behind these.
        #expect(position(try queue.enter(5, QueueRequest(tenant: "u", client: "c", priority: 0), now: now)) == 1)
    }

    @Test("an address that floods has the turns of one, and does not stand in the way of others")
    func addresses() throws {
        var queue = queue(queued: 10_000, queuedPerClient: 10_000)
        let flood = QueueRequest(tenant: "anyone", client: "192.0.2.1", isSharded: true)
        _ = try queue.enter(0, flood, now: 0)
        for id in 1...500 { _ = try queue.enter(id, flood, now: 0) }
        // Ten others, with ten runs each.
        for id in 1000..<1100 {
            _ = try queue.enter(
                id, QueueRequest(tenant: "anyone", client: "198.51.100.\(id % 10)", isSharded: true), now: 0)
        }
        var (running, now, others) = (0, Int64(0), 0)
        for step in 1...110 {
            now += Self.second
            let next = try #require(started(queue.leave(running, now: now)).first)
            running = next
            if next >= 1000 { others += 1 }
            if step == 11 { #expect(others >= 10, "each of the ten has had a turn") }
        }
        #expect(others >= 95, "\(others) of 110; the flood has one turn in eleven")
    }

    @Test("a waiter that leaves makes the others move up, which they are told in time")
    func waiterLeaves() throws {
        var queue = queue()
        for id in 1...3 { _ = try queue.enter(id, a, now: 0) }
        #expect(queue.leave(2, now: 0) == [])
        let pause = FairQueue<Int>.shortestPause
        #expect(queue.report(now: pause - 1) == [], "not that soon")
        #expect(queue.report(now: pause) == [.wait(3, QueuePlace(position: 1))])
        #expect(queue.place(of: 3)?.position == 1)
        #expect(queue.report(now: 10 * Self.second) == [], "nothing has changed")
        #expect(queue.leave(2, now: 0) == [])
        #expect(queue.leave(1, now: 0) == [.start(3)])
    }

    @Test("how long a run will wait is estimated from what runs have cost")
    func estimatesWaits() throws {
        var queue = queue(running: 2, queued: 100, queuedPerClient: 100)
        for id in 0..<2 { _ = try queue.enter(id, a, now: 0) }
        _ = queue.leave(0, now: 4 * Self.second)
        _ = try queue.enter(2, a, now: 4 * Self.second)
        _ = try queue.enter(3, a, now: 4 * Self.second)
        let wait = try #require(queue.place(of: 3)?.wait)
        #expect(wait == 2 * Self.second, "one in front of it, two places, four seconds each")
        var bounded = QueueRequest(tenant: "u", terms: QueueTerms(concurrent: 1), client: "c")
        bounded.concurrent = 1
        for id in 10..<13 { _ = try queue.enter(id, bounded, now: 4 * Self.second) }
        #expect(try #require(queue.place(of: 12)?.wait) >= 8 * Self.second, "its tenant has one place")
    }

    @Test("however long the queue and the wait, a run is told its place a few dozen times")
    func tellsSeldom() throws {
        var queue = queue(queued: 300, queuedPerClient: 300)
        for id in 0..<260 { _ = try queue.enter(id, a, now: 0) }
        var places: [Int] = []
        var ended = 0
        // Ten minutes in which one run ends every other second.
        for half in 1...1200 {
            let now = Int64(half) * Self.second / 2
            if half.isMultiple(of: 5), ended < 259 {
                _ = queue.leave(ended, now: now)
                ended += 1
            }
            for case .wait(259, let place) in queue.report(now: now) { places.append(place.position) }
        }
        #expect((5...40).contains(places.count), "\(places.count)")
        #expect(places == places.sorted(by: >))
    }

    @Test("who waits longest is known, and who has waited too long")
    func knowsTheOldest() throws {
        var queue = queue()
        #expect(queue.oldestSince == nil)
        for id in 0..<3 { _ = try queue.enter(id, a, now: Int64(id) * Self.second) }
        #expect(queue.oldestSince == Self.second)
        #expect(queue.waiting(since: Self.second) == [])
        #expect(queue.waiting(since: 2 * Self.second) == [1])
        _ = queue.leave(1, now: 0)
        #expect(queue.oldestSince == 2 * Self.second)
    }

    @Test("after closing nobody comes in, and those who wait still get their turn")
    func closes() throws {
        var queue = queue()
        _ = try queue.enter(1, a, now: 0)
        _ = try queue.enter(2, a, now: 0)
        queue.close()
        #expect(throws: AdmissionRefusal.closed) { try queue.enter(3, b, now: 0) }
        #expect(queue.leave(1, now: 0) == [.start(2)])
    }

    @Test("whatever comes, nothing is lost, nothing runs twice, no bound is passed, and no place stays free")
    func holdsInvariants() throws {
        var random = SplitMix(state: 3)
        for _ in 0..<40 {
            var queue = queue(running: 3, queued: 12, runningPerClient: 2, queuedPerClient: 4)
            var (waiting, running): (Set<Int>, Set<Int>) = ([], [])
            var owners: [Int: QueueRequest] = [:]
            func apply(_ actions: [FairQueue<Int>.Action]) {
                for case .start(let id) in actions {
                    #expect(waiting.remove(id) != nil)
                    #expect(running.insert(id).inserted)
                }
                for case .wait(let id, let place) in actions {
                    #expect(waiting.contains(id))
                    #expect((1...waiting.count).contains(place.position))
                }
            }
            for step in 0..<100 {
                let now = Int64(step) * Self.second
                if Bool.random(using: &random) {
                    let tenant = Int.random(in: 0..<3, using: &random)
                    let request = QueueRequest(
                        tenant: "t\(tenant)", terms: QueueTerms(weight: tenant + 1, concurrent: tenant == 0 ? 1 : nil),
                        client: "c\(Int.random(in: 0..<4, using: &random))", isSharded: tenant == 2,
                        priority: Int.random(in: 0...9, using: &random))
                    waiting.insert(step)
                    owners[step] = request
                    do { apply(try queue.enter(step, request, now: now)) } catch { waiting.remove(step) }
                } else if let id = running.union(waiting).sorted().randomElement(using: &random) {
                    running.remove(id)
                    waiting.remove(id)
                    apply(queue.leave(id, now: now))
                }
                apply(queue.report(now: now))
                #expect(queue.runningCount == running.count)
                #expect(queue.waitingCount == waiting.count)
                #expect(running.count <= 3 && waiting.count <= 12)
                #expect(queue.clientCount <= running.count + waiting.count)
                func runs(_ matches: (QueueRequest) -> Bool) -> Int {
                    running.count { owners[$0].map(matches) ?? false }
                }
                #expect(runs { $0.tenant == "t0" } <= 1)
                guard running.count < 3 else { continue }
                for id in waiting {
                    let owner = try #require(owners[id])
                    let isBlocked =
                        owner.tenant == "t0" && runs { $0.tenant == "t0" } == 1
                        || runs { $0.tenant == owner.tenant && $0.client == owner.client } == 2
                    #expect(isBlocked, "a place is free, and \(id) could have it")
                }
            }
        }
    }

    @Test("ten times as many that wait do not make a turn ten times as slow")
    func isFast() throws {
        func time(_ count: Int) throws -> Duration {
            var queue = queue(running: 16, queued: 20_000, queuedPerClient: 20_000)
            for id in 0..<count {
                _ = try queue.enter(id, QueueRequest(tenant: "t\(id % 50)", client: "c\(id % 200)"), now: 0)
            }
            return ContinuousClock().measure {
                for id in 0..<800 { _ = queue.leave(id, now: Int64(id) * 1_000_000) }
            }
        }
        let (small, large) = (try time(1000), try time(10_000))
        #expect(large < small * 5, "\(small) and \(large)")
    }
}
