import RunModel
import RunService
import Testing

@Suite("Admission")
struct AdmissionQueueTests {
    private let a = RunClient("a")
    private let b = RunClient("b")
    private static let second: Int64 = 1_000_000_000

    private func queue(
        running: Int = 1, queued: Int = 4, runningPerClient: Int = 8, queuedPerClient: Int = 3, share: Int? = nil
    ) -> AdmissionQueue<RunID> {
        AdmissionQueue(
            bounds: .init(
                running: running, queued: queued, runningPerClient: runningPerClient,
                queuedPerClient: queuedPerClient, share: share))
    }

    @Test("a run starts at once while there is room, and the next one waits at place 1")
    func startsAndWaits() throws {
        var queue = queue()
        let (first, second) = (RunID(), RunID())
        #expect(try queue.enter(first, client: a, now: 0) == [.start(first)])
        #expect(try queue.enter(second, client: a, now: 0) == [.wait(second, position: 1)])
        #expect(queue.runningCount == 1)
        #expect(queue.waitingCount == 1)
        #expect(queue.leave(first) == [.start(second)])
        #expect(queue.leave(second) == [])
        #expect(queue.runningCount == 0)
        #expect(queue.clientCount == 0)
    }

    @Test("a full queue refuses, and a full line of one client refuses that client only")
    func refuses() throws {
        var queue = queue()
        _ = try queue.enter(RunID(), client: a, now: 0)
        for _ in 0..<3 { _ = try queue.enter(RunID(), client: a, now: 0) }
        #expect(throws: AdmissionRefusal.clientQueueFull) { try queue.enter(RunID(), client: a, now: 0) }
        _ = try queue.enter(RunID(), client: b, now: 0)
        #expect(throws: AdmissionRefusal.queueFull) { try queue.enter(RunID(), client: b, now: 0) }
        #expect(queue.waitingCount == 4)
        for _ in 0..<50 { _ = try? queue.enter(RunID(), client: RunClient("\(Int.random(in: 0..<1_000_000))"), now: 0) }
        #expect(queue.clientCount == 2, "whoever was refused is not remembered")
    }

    @Test("clients take turns: one who floods waits behind himself")
    func takesTurns() throws {
        var queue = queue()
        let running = RunID()
        let flood = [RunID(), RunID(), RunID()]
        let lone = RunID()
        _ = try queue.enter(running, client: a, now: 0)
        for (index, id) in flood.enumerated() {
            #expect(try queue.enter(id, client: a, now: 0) == [.wait(id, position: index + 1)])
        }
        #expect(try queue.enter(lone, client: b, now: 0) == [.wait(lone, position: 2)])
        // He holds the one place, which is his share: now it is the other one's turn.
        #expect(queue.leave(running) == [.start(flood[0])])
        #expect(queue.leave(flood[0]) == [.start(lone)])
        #expect(queue.leave(lone) == [.start(flood[1])])
    }

    @Test("while others wait nobody gets more than his share, and what nobody else wants is his")
    func sharesPlacesOut() throws {
        var queue = queue(running: 4, queued: 100, queuedPerClient: 100, share: 2)
        var hog: [RunID] = []
        for _ in 0..<20 {
            hog.append(RunID())
            _ = try queue.enter(hog.last ?? RunID(), client: a, now: 0)
        }
        #expect(queue.runningCount == 4, "nobody else is there")
        let victims = (0..<8).map { _ in RunID() }
        for id in victims { _ = try queue.enter(id, client: b, now: 0) }
        // Place by place: the ones that become free are the victim's until both hold half.
        #expect(queue.leave(hog[0]) == [.start(victims[0])])
        #expect(queue.leave(hog[1]) == [.start(victims[1])])
        #expect(queue.leave(hog[2]) == [.start(hog[4])], "one below his share, and it is his turn")
        #expect(queue.leave(victims[0]) == [.start(victims[2])])
    }

    @Test("a client bounded below the whole leaves a place that another one finds at once")
    func leavesAPlace() throws {
        var queue = queue(running: 4, queued: 100, runningPerClient: 3, queuedPerClient: 100, share: 2)
        for _ in 0..<20 { _ = try queue.enter(RunID(), client: a, now: 0) }
        #expect(queue.runningCount == 3)
        let victim = RunID()
        #expect(try queue.enter(victim, client: b, now: 0) == [.start(victim)])
    }

    @Test("a client at his bound of running runs waits, and others pass him")
    func boundsRunningPerClient() throws {
        var queue = queue(running: 4, runningPerClient: 1)
        let (first, second, other) = (RunID(), RunID(), RunID())
        _ = try queue.enter(first, client: a, now: 0)
        #expect(try queue.enter(second, client: a, now: 0) == [.wait(second, position: 1)])
        #expect(try queue.enter(other, client: b, now: 0) == [.start(other)])
        #expect(queue.leave(first) == [.start(second)])
    }

    @Test("a key's own bound replaces the common one")
    func takesClientsBound() throws {
        var queue = queue(running: 4, runningPerClient: 1)
        _ = try queue.enter(RunID(), client: a, concurrent: 2, now: 0)
        let second = RunID()
        #expect(try queue.enter(second, client: a, concurrent: 2, now: 0) == [.start(second)])
    }

    @Test("a waiter that leaves makes the others move up, which they are told in time")
    func waiterLeaves() throws {
        var queue = queue()
        let ids = [RunID(), RunID(), RunID()]
        for id in ids { _ = try queue.enter(id, client: a, now: 0) }
        #expect(queue.leave(ids[1]) == [])
        #expect(queue.report(now: AdmissionQueue<RunID>.shortestPause - 1) == [], "not that soon")
        #expect(queue.report(now: AdmissionQueue<RunID>.shortestPause) == [.wait(ids[2], position: 1)])
        #expect(queue.position(of: ids[2]) == 1)
        #expect(queue.report(now: 10 * Self.second) == [], "nothing has changed")
        #expect(queue.leave(ids[1]) == [])
        #expect(queue.leave(ids[0]) == [.start(ids[2])])
    }

    @Test("however long the queue and the wait, a run is told its place a few dozen times")
    func tellsSeldom() throws {
        var queue = queue(queued: 300, queuedPerClient: 300)
        var ids: [RunID] = []
        for _ in 0..<260 {
            ids.append(RunID())
            _ = try queue.enter(ids.last ?? RunID(), client: a, now: 0)
        }
        let last = try #require(ids.last)
        var places: [Int] = []
        // Ten minutes in which one run ends every other second.
        for half in 1...1200 {
            if half.isMultiple(of: 5), let first = ids.first, first != last {
                _ = queue.leave(first)
                ids.removeFirst()
            }
            for case .wait(last, let place) in queue.report(now: Int64(half) * Self.second / 2) { places.append(place) }
        }
        #expect((5...40).contains(places.count), "\(places.count)")
        #expect(places == places.sorted(by: >))
    }

    @Test("who waits longest is known, and who has waited too long")
    func knowsTheOldest() throws {
        var queue = queue()
        #expect(queue.oldestSince == nil)
        let ids = [RunID(), RunID(), RunID()]
        for (index, id) in ids.enumerated() { _ = try queue.enter(id, client: a, now: Int64(index) * Self.second) }
        #expect(queue.oldestSince == Self.second)
        #expect(queue.waiting(since: Self.second) == [])
        #expect(queue.waiting(since: 2 * Self.second) == [ids[1]])
        _ = queue.leave(ids[1])
        #expect(queue.oldestSince == 2 * Self.second)
    }

    @Test("after closing nobody comes in, and those who wait still get their turn")
    func closes() throws {
        var queue = queue()
        let (first, second) = (RunID(), RunID())
        _ = try queue.enter(first, client: a, now: 0)
        _ = try queue.enter(second, client: a, now: 0)
        queue.close()
        #expect(throws: AdmissionRefusal.closed) { try queue.enter(RunID(), client: b, now: 0) }
        #expect(queue.leave(first) == [.start(second)])
    }

    @Test("whatever comes, nothing is lost, nothing runs twice, and no bound is passed")
    func holdsInvariants() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var queue = queue(running: 3, queued: 6, runningPerClient: 2, queuedPerClient: 4)
            let clients = (0..<4).map { RunClient("o\($0)") }
            var waiting: Set<RunID> = []
            var running: Set<RunID> = []
            func apply(_ actions: [AdmissionQueue<RunID>.Action]) {
                for case .start(let id) in actions {
                    #expect(waiting.remove(id) != nil)
                    #expect(running.insert(id).inserted)
                }
                for case .wait(let id, let place) in actions {
                    #expect(waiting.contains(id))
                    #expect((1...waiting.count).contains(place))
                }
            }
            for step in 0..<60 {
                if Bool.random(using: &generator), let client = clients.randomElement(using: &generator) {
                    let id = RunID()
                    waiting.insert(id)
                    do {
                        apply(try queue.enter(id, client: client, now: Int64(step) * Self.second))
                    } catch {
                        waiting.remove(id)
                    }
                } else if let id = (running.randomElement() ?? waiting.randomElement()) {
                    running.remove(id)
                    waiting.remove(id)
                    apply(queue.leave(id))
                }
                apply(queue.report(now: Int64(step) * Self.second))
                #expect(queue.runningCount == running.count)
                #expect(queue.waitingCount == waiting.count)
                #expect(running.count <= 3)
                #expect(waiting.count <= 6)
                #expect(queue.clientCount <= running.count + waiting.count)
            }
        }
    }
}
