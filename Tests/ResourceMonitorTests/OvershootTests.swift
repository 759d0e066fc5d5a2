import ResourceMonitor
import SandboxSpec
import TestSupport
import Testing

/// Programs of every temper against a model of the kernel's bandwidth limit.
@Suite struct OvershootTests {
    static let period = 20 * ms

    /// CPU used by time t in steps of 0.1 ms: `processors` at most at once, the quota at most per period.
    private func history(
        _ generator: inout SeededGenerator, processors: Int64, quota: Int64, steps: Int, greedy: Bool
    ) -> [Int64] {
        let step = ms / 10
        var used: [Int64] = [0]
        var left = quota
        var width = processors
        for index in 0..<steps {
            if Int64(index) * step % Self.period == 0 { left = quota }
            if !greedy && generator.next() % 97 == 0 {
                width = Int64(generator.next() % UInt64(processors + 1))
            }
            // The greedy one sleeps through the first part of a period, to have two quotas in a row.
            let isAsleep = greedy && Int64(index) * step % (2 * Self.period) < Self.period - quota / processors
            let burn = isAsleep ? 0 : min(left, width * step)
            left -= burn
            used.append((used.last ?? 0) + burn)
        }
        return used
    }

    @Test func noCheckComesTooLate() throws {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<400 {
            let processors = Int64([1, 2, 4][round % 3])
            let cpus = Int64([200, 500, 1000, 2000, 4000][round % 5])
            let quota = min(cpus, processors * 1000) * Self.period / 1000
            let limit = Int64(generator.next() % 600 + 1) * ms
            let wall = Int64(generator.next() % 2000 + 1) * ms
            let start = Int64(generator.next() % 1_000_000) * ms
            let steps = 21_000
            let used = history(
                &generator, processors: processors, quota: quota, steps: steps, greedy: round % 4 == 0)
            var tracker = try tracker(
                [.cpu: limit, .wall: wall, .cpus: cpus], warnAt: 80, startedAt: start, processors: Int(processors),
                cpuQuota: cpus * Self.period / 1000)
            var now = start
            var looks = 0
            var ended: LimitHit?
            while ended == nil {
                let next = try #require(tracker.nextCheck(after: now))
                #expect(next - now >= ms && next - now <= 250 * ms)
                now = next
                looks += 1
                let at = Int((now - start) / (ms / 10))
                try #require(at < used.count)
                for case .kill(let hit) in tracker.record(sample(cpu: used[at]), at: now) { ended = hit }
            }
            let hit = try #require(ended)
            let over = hit.used - hit.allowed
            #expect(over >= 0)
            #expect(over <= (hit.name == .cpu ? 4 : 1) * ms + ms / 5, "\(hit) in round \(round)")
            if hit.name == .wall { #expect(used[Int(wall / (ms / 10))] < limit + 5 * ms) }
            // And no spinning.
            let shortest = 4 * ms / processors
            #expect(looks < 20 + Int((now - start) / shortest), "\(looks) looks in \((now - start) / ms) ms")
        }
    }

    /// A program that works flat out is looked at a few dozen times, not at every tick.
    @Test func looksAreFewOnTheWayToTheLimit() throws {
        var tracker = try tracker([.cpu: 5 * second, .wall: 100 * second])
        var now: Int64 = 0
        var looks = 0
        while let next = tracker.nextCheck(after: now) {
            now = next
            looks += 1
            _ = tracker.record(sample(cpu: now), at: now)
        }
        #expect(now - 5 * second <= 2 * ms)
        #expect(looks < 60)
    }

    /// The worst numbers there are: an answer in range, never a trap.
    @Test func extremesAreHarmless() throws {
        let extremes: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
        for start in extremes {
            for now in extremes {
                for value in extremes {
                    for processors in [Int.min, 0, 1, Int.max] {
                        var tracker = LimitTracker(
                            limits: .maximum, warnAt: UInt8(truncatingIfNeeded: value), startedAt: start,
                            processors: processors, cpuQuota: value)
                        tracker.activity(at: value)
                        tracker.memoryPressure(at: value)
                        let first = sample(
                            cpu: value, memory: value, processes: value, disk: value, inodes: value)
                        _ = tracker.record(first, at: now)
                        _ = tracker.record(sample(cpu: 0 &- value), at: value)
                        if let next = tracker.nextCheck(after: now) { #expect(next >= now) }
                    }
                }
            }
        }
    }
}
