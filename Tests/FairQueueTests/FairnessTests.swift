import FairQueue
import Testing

/// What the queue is for, with numbers.
@Suite("Fairness")
struct FairnessTests {
    private typealias Tenant = Simulation.Tenant

    @Test("equal tenants get equal shares, whatever their runs cost and however many they submit")
    func equals() throws {
        var simulation = Simulation(
            [
                Tenant(name: "long", backlog: 5) { Double.random(in: 5...15, using: &$0) },
                Tenant(name: "middle", backlog: 50) { Double.random(in: 0.5...1.5, using: &$0) },
                Tenant(name: "short", backlog: 100) { Double.random(in: 0.2...0.4, using: &$0) },
                Tenant(name: "mixed", backlog: 200) { Bool.random(using: &$0) ? 4 : 0.1 },
            ], places: 4)
        try simulation.run(seconds: 1000)
        #expect(simulation.fairness >= 0.99, "\(simulation.held)")
    }

    @Test("without costs, turns alone would be unfair: one tenth for nine runs of one second against one of nine")
    func costsCount() throws {
        var simulation = Simulation(
            [
                Tenant(name: "long", backlog: 10) { _ in 9 }, Tenant(name: "short", backlog: 10) { _ in 1 },
            ], places: 1)
        try simulation.run(seconds: 1000)
        let part = simulation.held[1] / (simulation.held[0] + simulation.held[1])
        #expect((0.48...0.52).contains(part), "\(part); turns would give 0.1")
    }

    @Test("weights 1, 2 and 4 give shares within 5 percent", arguments: [1, 4, 7, 16])
    func weights(places: Int) throws {
        var simulation = Simulation(
            [
                Tenant(name: "one", weight: 1, backlog: 60) { Double.random(in: 1...4, using: &$0) },
                Tenant(name: "two", weight: 2, backlog: 60) { Double.random(in: 2...6, using: &$0) },
                Tenant(name: "four", weight: 4, backlog: 60) { Double.random(in: 1...2, using: &$0) },
            ], places: places)
        try simulation.run(seconds: 1000)
        let whole = simulation.held.reduce(0, +)
        for (held, share) in zip(simulation.held, [1.0, 2, 4]) {
            #expect(abs(held / whole / (share / 7) - 1) < 0.05, "\(places) places: \(simulation.held)")
        }
    }

    @Test("a flood by one delays the runs of another by no more than one run that had started")
    func floodDoesNotDelay() throws {
        var simulation = Simulation(
            [
                Tenant(name: "flood", backlog: 400) { Double.random(in: 0.5...1, using: &$0) },
                // One at a time, the next when the last has ended: less than its share.
                Tenant(name: "victim", backlog: 1) { _ in 0.5 },
            ], places: 4)
        try simulation.run(seconds: 600)
        let waits = simulation.waits[1].sorted()
        #expect(waits.count > 300)
        #expect(try #require(waits.last) <= 1, "the longest run that can be in its way")
        #expect(waits[waits.count / 2] <= 0.3, "\(waits[waits.count / 2]): one of four places is free every 0.19 s")
        #expect(simulation.waits[0].max() ?? 0 > 50, "the flood waits behind itself")
    }

    @Test("a tenant whose runs turn out a hundred times longer than estimated does not keep what it took")
    func estimatesAreCorrected() throws {
        nonisolated(unsafe) var count = 0
        var simulation = Simulation(
            [
                Tenant(name: "liar", backlog: 100) { _ in
                    count += 1
                    return count.isMultiple(of: 50) ? 100 : 0.05
                }, Tenant(name: "honest", backlog: 100) { _ in 1 },
            ], places: 4)
        try simulation.run(seconds: 3000)
        #expect(simulation.fairness >= 0.98, "\(simulation.held)")
    }

    @Test("the keys of one tenant take turns too, and its weight does not grow with them")
    func keysOfATenant() throws {
        var simulation = Simulation(
            [
                Tenant(name: "many", backlog: 100, clients: 20) { _ in 0.5 },
                Tenant(name: "few", backlog: 20, clients: 1) { _ in 0.5 },
            ], places: 4)
        try simulation.run(seconds: 600)
        #expect(simulation.fairness >= 0.999, "\(simulation.held)")
    }

    @Test("a tenant that was idle has saved up nothing, and one that had free places owes nothing")
    func noCredit() throws {
        var queue = FairQueue<Int>(
            bounds: .init(running: 1, queued: 100, runningPerClient: 1, queuedPerClient: 100))
        let (a, b) = (QueueRequest(tenant: "a", client: "a"), QueueRequest(tenant: "b", client: "b"))
        var now: Int64 = 0
        // A hundred seconds alone, and nobody waits.
        for id in 0..<100 {
            #expect(try queue.enter(id, a, now: now) == [.start(id)])
            now += 1_000_000_000
            #expect(queue.leave(id, now: now) == [])
        }
        var order: [String] = []
        for id in 1000..<1020 { _ = try queue.enter(id, id.isMultiple(of: 2) ? a : b, now: now) }
        var running = 1000
        for _ in 0..<20 {
            order.append(running.isMultiple(of: 2) ? "a" : "b")
            now += 1_000_000_000
            for case .start(let id) in queue.leave(running, now: now) { running = id }
        }
        let half = order.prefix(10).count { $0 == "a" }
        #expect((4...6).contains(half), "\(order)")
    }
}
