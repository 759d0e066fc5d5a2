import TestSupport
import Testing

@testable import Reactor

@Suite("Deadline queues")
struct DeadlineQueueTests {
    @Test("give the earliest deadline first, and each once")
    func order() {
        var queue = DeadlineQueue<String>()
        #expect(queue.earliest() == nil)
        queue.set("b", to: 20)
        queue.set("a", to: 10)
        queue.set("c", to: 30)
        #expect(queue.earliest() == 10)
        #expect(queue.popDue(at: 9) == nil)
        #expect(queue.popDue(at: 25) == "a")
        #expect(queue.popDue(at: 25) == "b")
        #expect(queue.popDue(at: 25) == nil)
        #expect(queue.earliest() == 30)
        #expect(queue.count == 1)
    }

    @Test("forget a deadline that was moved or removed, also when it comes back")
    func changes() {
        var queue = DeadlineQueue<String>()
        queue.set("a", to: 10)
        queue.set("a", to: 50)
        #expect(queue.earliest() == 50)
        queue.set("a", to: 10)
        #expect(queue.popDue(at: 100) == "a")
        #expect(queue.popDue(at: 100) == nil)
        queue.set("a", to: 10)
        queue.set("a", to: nil)
        #expect(queue.earliest() == nil)
        #expect(queue.count == 0)
    }

    @Test("agree with a table in random use", arguments: [1, 2, 3])
    func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = DeadlineQueue<Int>()
        var table: [Int: Int64] = [:]
        var now: Int64 = 0
        for _ in 0..<20_000 {
            let key = Int.random(in: 0..<40, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                queue.set(key, to: nil)
                table[key] = nil
            case 1:
                now += Int64.random(in: 0..<30, using: &generator)
                var popped: [Int: Int64] = [:]
                while let due = queue.popDue(at: now) {
                    #expect(popped[due] == nil)
                    popped[due] = table[due]
                }
                #expect(popped == table.filter { $0.value <= now })
                table = table.filter { $0.value > now }
            default:
                let moment = now + Int64.random(in: -5..<200, using: &generator)
                queue.set(key, to: moment)
                table[key] = moment
            }
            #expect(queue.earliest() == table.values.min())
        }
    }
}
