import Orchestrator
import RunModel
import Testing

@Suite("Admission")
struct AdmissionQueueTests {
    private let a = RunOwner("a")
    private let b = RunOwner("b")

    private func queue(
        running: Int = 1, queued: Int = 4, runningPerOwner: Int = 8, queuedPerOwner: Int = 3
    ) -> AdmissionQueue {
        AdmissionQueue(
            bounds: .init(
                running: running, queued: queued, runningPerOwner: runningPerOwner, queuedPerOwner: queuedPerOwner))
    }

    @Test("a run starts at once while there is room, and the next one waits at place 1")
    func startsAndWaits() throws {
        var queue = queue()
        let (first, second) = (RunID(), RunID())
        #expect(try queue.enter(first, owner: a) == [.start(first)])
        #expect(try queue.enter(second, owner: a) == [.wait(second, position: 1)])
        #expect(queue.runningCount == 1)
        #expect(queue.waitingCount == 1)
        #expect(queue.leave(first) == [.start(second)])
        #expect(queue.leave(second) == [])
        #expect(queue.runningCount == 0)
    }

    @Test("a full queue refuses, and a full line of one owner refuses that owner only")
    func refuses() throws {
        var queue = queue()
        _ = try queue.enter(RunID(), owner: a)
        for _ in 0..<3 { _ = try queue.enter(RunID(), owner: a) }
        #expect(throws: AdmissionQueue.Refusal.ownerQueueFull) { try queue.enter(RunID(), owner: a) }
        _ = try queue.enter(RunID(), owner: b)
        #expect(throws: AdmissionQueue.Refusal.queueFull) { try queue.enter(RunID(), owner: b) }
        #expect(queue.waitingCount == 4)
    }

    @Test("owners take turns: one who floods waits behind himself")
    func takesTurns() throws {
        var queue = queue()
        let running = RunID()
        let flood = [RunID(), RunID(), RunID()]
        let lone = RunID()
        _ = try queue.enter(running, owner: a)
        for id in flood { _ = try queue.enter(id, owner: a) }
        let actions = try queue.enter(lone, owner: b)
        #expect(actions.contains(.wait(lone, position: 2)))
        #expect(queue.leave(running).first == .start(flood[0]))
        #expect(queue.leave(flood[0]).first == .start(lone))
        #expect(queue.leave(lone).first == .start(flood[1]))
    }

    @Test("an owner at his bound of running runs waits, and others pass him")
    func boundsRunningPerOwner() throws {
        var queue = queue(running: 4, runningPerOwner: 1)
        let (first, second, other) = (RunID(), RunID(), RunID())
        _ = try queue.enter(first, owner: a)
        #expect(try queue.enter(second, owner: a) == [.wait(second, position: 1)])
        #expect(try queue.enter(other, owner: b) == [.start(other)])
        #expect(queue.leave(first) == [.start(second)])
    }

    @Test("a key's own bound replaces the common one")
    func takesOwnersBound() throws {
        var queue = queue(running: 4, runningPerOwner: 1)
        _ = try queue.enter(RunID(), owner: a, concurrent: 2)
        let second = RunID()
        #expect(try queue.enter(second, owner: a, concurrent: 2) == [.start(second)])
    }

    @Test("a waiter that leaves makes the others move up and is told nothing more")
    func waiterLeaves() throws {
        var queue = queue()
        let ids = [RunID(), RunID(), RunID()]
        for id in ids { _ = try queue.enter(id, owner: a) }
        #expect(queue.leave(ids[1]) == [.wait(ids[2], position: 1)])
        #expect(queue.leave(ids[1]) == [])
        #expect(queue.leave(ids[0]) == [.start(ids[2])])
    }

    @Test("after closing nobody comes in, and those who wait still get their turn")
    func closes() throws {
        var queue = queue()
        let (first, second) = (RunID(), RunID())
        _ = try queue.enter(first, owner: a)
        _ = try queue.enter(second, owner: a)
        queue.close()
        #expect(throws: AdmissionQueue.Refusal.closed) { try queue.enter(RunID(), owner: b) }
        #expect(queue.leave(first) == [.start(second)])
    }

    @Test("whatever comes, nothing is lost, nothing runs twice, and no bound is passed")
    func holdsInvariants() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var queue = queue(running: 3, queued: 6, runningPerOwner: 2, queuedPerOwner: 4)
            let owners = (0..<4).map { RunOwner("o\($0)") }
            var waiting: Set<RunID> = []
            var running: Set<RunID> = []
            func apply(_ actions: [AdmissionQueue.Action]) {
                for case .start(let id) in actions {
                    #expect(waiting.remove(id) != nil)
                    #expect(running.insert(id).inserted)
                }
            }
            for _ in 0..<60 {
                if Bool.random(using: &generator), let owner = owners.randomElement(using: &generator) {
                    let id = RunID()
                    waiting.insert(id)
                    do { apply(try queue.enter(id, owner: owner)) } catch { waiting.remove(id) }
                } else if let id = (running.randomElement() ?? waiting.randomElement()) {
                    running.remove(id)
                    waiting.remove(id)
                    apply(queue.leave(id))
                }
                #expect(queue.runningCount == running.count)
                #expect(queue.waitingCount == waiting.count)
                #expect(running.count <= 3)
                #expect(waiting.count <= 6)
            }
        }
    }
}
