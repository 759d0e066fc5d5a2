internal import SandboxSpec
internal import Testing
internal import WardenProtocol

@testable internal import WardenClient

@Suite("unread events are bounded")
struct SandboxEventQueueTests {
    @Test("at the bound all are kept, over it the outcome says so")
    func bound() async {
        let warning = SandboxEvent.warning(LimitHit(name: .cpu, used: 1, allowed: 1))
        for (count, overflows) in [(3, false), (4, true)] {
            let queue = SandboxEventQueue(limit: 3)
            let kept = (0..<count).map { _ in queue.append(warning) }
            #expect(kept == Array([true, true, true, false].prefix(count)))
            queue.finish(SandboxOutcome(verdict: .ok, usage: Usage()))
            queue.finish(SandboxOutcome(verdict: .cancelled, usage: Usage()))
            var events = 0
            while await queue.next() != nil { events += 1 }
            #expect(events == 4)
            let outcome = await queue.outcome.wait()
            #expect(outcome.verdict == (overflows ? .internalError : .ok))
            #expect(outcome.failure?.stage == (overflows ? "events" : nil))
        }
    }

    @Test("a reader that waits already gets the event at once")
    func waiting() async {
        let queue = SandboxEventQueue()
        async let first = queue.next()
        await Task.yield()
        _ = queue.append(.started)
        guard case .started = await first else {
            Issue.record("not started")
            return
        }
        queue.fail(StageFailure(stage: "warden", errno: 0))
        guard case .finished(let outcome) = await queue.next() else {
            Issue.record("not finished")
            return
        }
        #expect(outcome.failure?.stage == "warden")
        #expect(await queue.next() == nil)
    }
}
