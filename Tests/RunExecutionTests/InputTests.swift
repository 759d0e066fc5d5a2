import RunModel
import Testing

@testable import RunExecution

@Suite("Input")
struct InputTests {
    @Test("a queue is bounded, keeps order, and ends once")
    func queue() {
        let queue = InputQueue(Array("ab".utf8), capacity: 4)
        #expect(queue.offer(Array("cde".utf8)) == .full)
        #expect(queue.offer(Array("cd".utf8)) == .taken)
        #expect(queue.take() == .bytes(Array("abcd".utf8)))
        #expect(queue.take() == .nothing)
        #expect(queue.offer(Array("e".utf8), end: true) == .taken)
        #expect(queue.offer(Array("f".utf8)) == .closed)
        #expect(queue.take() == .bytes(Array("e".utf8)))
        #expect(queue.take() == .ended)
    }

    @Test("more initial input than the capacity is no overflow, and nothing more fits")
    func overfull() {
        let queue = InputQueue([UInt8](repeating: 1, count: 100), capacity: 10)
        #expect(queue.offer([1]) == .full)
        #expect(queue.offer([], end: true) == .taken)
    }

    @Test("a queue that is closed takes nothing")
    func closed() {
        let queue = InputQueue()
        queue.close()
        #expect(queue.offer([1]) == .closed)
    }

    @Test("a watch looks soon, then less and less often, and asks once per wait")
    func watch() {
        var watch = InputWatch(now: 0)
        #expect(watch.look(now: 1_000_000) == false)
        #expect(watch.look(now: 2_000_000) == true)
        #expect(watch.look(now: 3_000_000) == false)  // one question at a time
        #expect(watch.answer(waiting: false, now: 3_000_000) == false)
        #expect(watch.look(now: 6_000_000) == false)
        #expect(watch.look(now: 7_000_000) == true)
        #expect(watch.answer(waiting: true, now: 8_000_000) == true)
        #expect(watch.token == "i1")
        #expect(watch.deadline == nil)
        #expect(watch.answer(waiting: true, now: 9_000_000) == false)
        watch.fed(now: 10_000_000)
        #expect(watch.look(now: 12_000_000) == true)
        #expect(watch.answer(waiting: true, now: 12_500_000) == true)
        #expect(watch.token == "i2")
    }

    @Test("pauses grow to a quarter of a second and no further")
    func backoff() {
        var watch = InputWatch(now: 0)
        var now: Int64 = 0
        var pauses: [Int64] = []
        for _ in 0..<20 {
            let due = watch.deadline ?? 0
            pauses.append(due - now)
            now = due
            #expect(watch.look(now: now) == true)
            #expect(watch.answer(waiting: false, now: now) == false)
        }
        #expect(pauses.first == InputWatch.shortest)
        #expect(pauses.last == InputWatch.longest)
        #expect(pauses == pauses.sorted())
    }

    @Test("an answer that comes after new input or output is stale")
    func stale() {
        var watch = InputWatch(now: 0)
        #expect(watch.look(now: 2_000_000) == true)
        watch.fed(now: 2_500_000)
        #expect(watch.look(now: 4_500_000) == false)  // the old question is still out
        #expect(watch.answer(waiting: true, now: 4_600_000) == false)
        #expect(watch.look(now: 4_700_000) == true)
        watch.wrote(Array("x".utf8), now: 5_000_000)
        #expect(watch.answer(waiting: true, now: 5_100_000) == false)
    }

    @Test("an answer that never comes is asked for again")
    func lostAnswer() {
        var watch = InputWatch(now: 0)
        #expect(watch.look(now: 2_000_000) == true)
        #expect(watch.look(now: 900_000_000) == false)
        #expect(watch.look(now: 1_002_000_000) == true)
    }

    @Test("the prompt is what stands after the last newline, and bounded")
    func prompt() {
        var watch = InputWatch(now: 0)
        watch.wrote(Array("one\ntwo\nyour ".utf8), now: 1)
        watch.wrote(Array("name? ".utf8), now: 2)
        #expect(watch.prompt == Array("your name? ".utf8))
        watch.wrote(Array("done\n".utf8), now: 3)
        #expect(watch.prompt == [])
        watch.wrote([UInt8](repeating: 65, count: 100_000), now: 4)
        #expect(watch.prompt.count == InputWatch.maximumPrompt)
    }
}
