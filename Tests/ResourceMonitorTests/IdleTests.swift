import ResourceMonitor
import SandboxSpec
import Testing

@Suite struct IdleTests {
    private static let idle = 2 * second

    /// Runs a program that uses `use(t)` of CPU up to time t; says when it is ended for idleness, if within `until`.
    private func idleEnd(
        idle: Int64 = idle, cpus: Int64 = 1000, until: Int64 = 30 * second, output: Int64? = nil,
        use: (Int64) -> Int64
    ) throws -> Int64? {
        var tracker = try tracker([.idle: idle, .cpus: cpus], warnAt: 100)
        var now: Int64 = 0
        var nextOutput = output
        while now < until {
            guard let next = tracker.nextCheck(after: now) else { return nil }
            if let at = nextOutput, at <= next {
                tracker.activity(at: at)
                nextOutput = at + (output ?? 0)
            }
            now = next
            for action in tracker.record(sample(cpu: use(now)), at: now) {
                if case .kill(let hit) = action {
                    #expect(hit.name == .idle)
                    #expect(hit.used >= hit.allowed)
                    return now
                }
            }
        }
        return nil
    }

    @Test func aSleepingProgramIsIdle() throws {
        #expect(try idleEnd { _ in 0 } == Self.idle)
    }

    @Test func outputIsLife() throws {
        #expect(try idleEnd(output: second) { _ in 0 } == nil)
        #expect(try idleEnd(output: 3 * second) { _ in 0 } == Self.idle)
    }

    @Test func computingIsLife() throws {
        #expect(try idleEnd { $0 } == nil)
        #expect(try idleEnd { $0 / 10 } == nil)
        // A tenth of a processor is all it may have.
        #expect(try idleEnd(cpus: 100) { $0 / 10 } == nil)
        // A hundredth is all it may have.
        #expect(try idleEnd(cpus: 10) { $0 / 100 } == nil)
        // 20 ms of work once a second.
        #expect(try idleEnd { $0 / second * 20 * ms } == nil)
    }

    @Test func aSleepingRuntimeIsIdle() throws {
        // Timers: 50 us every 50 ms; 1 ms every 500 ms; a collection of 4 ms every 2 s.
        for (pulse, interval) in [(50_000, 50 * ms), (1 * ms, 500 * ms), (4 * ms, 2 * second)] as [(Int64, Int64)] {
            let end = try idleEnd(idle: 10 * second) { $0 / interval * pulse }
            #expect((end ?? .max) < 25 * second, "\(pulse) ns each \(interval) ns")
        }
    }

    @Test func sleepAfterWorkIsIdleInTime() throws {
        let end = try #require(try idleEnd { min($0, 3 * second) })
        #expect(end >= 5 * second && end <= 5 * second + 250 * ms)
    }

    @Test func theWarningComesOnce() throws {
        var tracker = try tracker([.idle: 1000 * ms], warnAt: 80)
        #expect(
            tracker.record(sample(), at: 800 * ms)
                == [.warn(LimitHit(name: .idle, used: 800 * ms, allowed: 1000 * ms))])
        tracker.activity(at: 900 * ms)
        #expect(tracker.record(sample(), at: 1750 * ms) == [])
        #expect(tracker.nextCheck(after: 1750 * ms) == 1900 * ms)
        #expect(
            tracker.record(sample(), at: 1900 * ms)
                == [.kill(LimitHit(name: .idle, used: 1000 * ms, allowed: 1000 * ms))])
    }

    @Test func anOldActivityDoesNotTurnTheClockBack() throws {
        var tracker = try tracker([.idle: 1000 * ms], warnAt: 100)
        tracker.activity(at: 900 * ms)
        tracker.activity(at: 100 * ms)
        #expect(tracker.record(sample(), at: 1899 * ms) == [])
    }
}
