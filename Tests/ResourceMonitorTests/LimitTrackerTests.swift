import SandboxSpec
import Testing

@testable import ResourceMonitor

@Suite struct LimitTrackerTests {
    @Test func cpuToTheNanosecond() throws {
        var tracker = try tracker([.cpu: 1000 * ms], warnAt: 80)
        #expect(tracker.record(sample(cpu: 800 * ms - 1), at: 900 * ms) == [])
        let warning = LimitHit(name: .cpu, used: 800 * ms, allowed: 1000 * ms)
        #expect(tracker.record(sample(cpu: 800 * ms), at: 901 * ms) == [.warn(warning)])
        #expect(tracker.record(sample(cpu: 1000 * ms - 1), at: 1100 * ms) == [], "each limit is warned about once")
        let kill = LimitHit(name: .cpu, used: 1000 * ms, allowed: 1000 * ms)
        #expect(tracker.record(sample(cpu: 1000 * ms), at: 1101 * ms) == [.kill(kill)])
        #expect(tracker.record(sample(cpu: 2000 * ms), at: 1200 * ms) == [], "nothing follows a kill")
        #expect(tracker.nextCheck(after: 1200 * ms) == nil)
    }

    @Test func wallToTheNanosecond() throws {
        let start = 77 * second
        var tracker = try tracker([.wall: 1000 * ms], warnAt: 50, startedAt: start)
        #expect(tracker.record(sample(), at: start + 500 * ms - 1) == [])
        #expect(
            tracker.record(sample(), at: start + 500 * ms)
                == [.warn(LimitHit(name: .wall, used: 500 * ms, allowed: 1000 * ms))])
        #expect(tracker.record(sample(), at: start + 1000 * ms - 1) == [])
        #expect(
            tracker.record(sample(), at: start + 1000 * ms)
                == [.kill(LimitHit(name: .wall, used: 1000 * ms, allowed: 1000 * ms))])
    }

    @Test func anIdleLimitThatFollowsWallIsNotWarnedAboutBesideIt() throws {
        var tracker = try tracker([.wall: 1000 * ms, .idle: 1000 * ms], warnAt: 50)
        #expect(
            tracker.record(sample(), at: 500 * ms)
                == [.warn(LimitHit(name: .wall, used: 500 * ms, allowed: 1000 * ms))])
        #expect(tracker.record(sample(), at: 600 * ms) == [])
        // And nobody looks every millisecond for a warning that will not come.
        #expect(try #require(tracker.nextCheck(after: 600 * ms)) - 600 * ms > 200 * ms)
        #expect(
            tracker.record(sample(), at: 1000 * ms)
                == [.kill(LimitHit(name: .wall, used: 1000 * ms, allowed: 1000 * ms))])
    }

    @Test func memoryProcessesDiskAndInodesAreWarnedAbout() throws {
        var tracker = try tracker(
            [.memory: 100 * 1_048_576, .processes: 10, .disk: 1_000_000, .inodes: 100], warnAt: 80)
        #expect(
            tracker.record(sample(memory: 80 * 1_048_576 - 1, processes: 7, disk: 799_999, inodes: 79), at: ms) == [])
        let actions = tracker.record(
            sample(memory: 80 * 1_048_576, processes: 8, disk: 800_000, inodes: 80), at: 2 * ms)
        #expect(
            actions == [
                .warn(LimitHit(name: .memory, used: 80 * 1_048_576, allowed: 100 * 1_048_576)),
                .warn(LimitHit(name: .processes, used: 8, allowed: 10)),
                .warn(LimitHit(name: .disk, used: 800_000, allowed: 1_000_000)),
                .warn(LimitHit(name: .inodes, used: 80, allowed: 100)),
            ])
        // Full is the kernel's business: no kill.
        #expect(
            tracker.record(
                sample(memory: 100 * 1_048_576, processes: 10, disk: 1_000_000, inodes: 100), at: 3 * ms) == [])
    }

    @Test func aMemoryKillEndsTheWholeSandbox() throws {
        var tracker = try tracker([.memory: 100 * 1_048_576])
        _ = tracker.record(sample(memory: 99 * 1_048_576), at: ms)
        // The one that used it all is gone; the tracker remembers.
        let hit = LimitHit(name: .memory, used: 99 * 1_048_576, allowed: 100 * 1_048_576)
        #expect(tracker.record(sample(memory: 4096, oomKills: 1), at: 2 * ms) == [.kill(hit)])
    }

    @Test func aShortageIsWatchedClosely() throws {
        var tracker = try tracker([:])
        #expect(tracker.nextCheck(after: 0) == 250 * ms)
        tracker.memoryPressure(at: 10 * ms)
        #expect(tracker.nextCheck(after: 10 * ms) == 11 * ms)
        #expect(tracker.nextCheck(after: 59 * ms) == 60 * ms)
        #expect(tracker.nextCheck(after: 60 * ms) == 310 * ms)
    }

    @Test func theFirstOfSeveralIsNamed() throws {
        let all: [LimitName: Int64] = [.cpu: 100 * ms, .wall: 100 * ms, .idle: 100 * ms]
        func killed(_ sample: ResourceSample) throws -> LimitName? {
            var tracker = try tracker(all)
            guard case .kill(let hit) = tracker.record(sample, at: 200 * ms).first else { return nil }
            return hit.name
        }
        #expect(try killed(sample(cpu: 100 * ms, oomKills: 1)) == .memory)
        #expect(try killed(sample(cpu: 100 * ms)) == .cpu)
        #expect(try killed(sample()) == .wall)
    }

    @Test(
        arguments: [
            // warn_at, limit, first value warned about
            (1, 10, 1), (50, 11, 6), (80, 10, 8), (99, 10, 10), (100, 10, 10), (80, 1, 1), (33, 100, 33), (255, 10, 10),
        ] as [(UInt8, Int64, Int64)])
    func warningsStartAtTheWholeNumber(percent: UInt8, limit: Int64, first: Int64) throws {
        var below = try tracker([.processes: limit], warnAt: percent)
        #expect(below.record(sample(processes: first - 1), at: ms) == [])
        #expect(below.record(sample(processes: first), at: ms).count == 1)
    }

    @Test func nextChecksToTheMillisecond() throws {
        // Wall is near, at its warning and at its end.
        var tracker = try tracker([.wall: 100 * ms], warnAt: 80)
        #expect(tracker.nextCheck(after: 0) == 80 * ms)
        #expect(tracker.nextCheck(after: 79 * ms + 500_000) == 80 * ms + 500_000, "no two looks within 1 ms")
        #expect(tracker.record(sample(), at: 80 * ms).count == 1)
        #expect(tracker.nextCheck(after: 80 * ms) == 100 * ms)
        // CPU: 1 s left, two quotas of 20 ms may come at once, then one processor's worth.
        var second = try self.tracker([.cpu: 10 * 1000 * ms], warnAt: 100)
        _ = second.record(sample(cpu: 9800 * ms), at: 20_000 * ms)
        #expect(second.nextCheck(after: 20_000 * ms) == 20_160 * ms)
        _ = second.record(sample(cpu: 9970 * ms), at: 20_100 * ms)
        #expect(second.nextCheck(after: 20_100 * ms) == 20_115 * ms, "within the quotas two processors count")
        _ = second.record(sample(cpu: 9999 * ms), at: 20_200 * ms)
        #expect(second.nextCheck(after: 20_200 * ms) == 20_202 * ms, "two processors need 2 ms for 4 ms")
    }

    private func tracker(
        _ changes: [LimitName: Int64], warnAt: UInt8 = 80, startedAt: Int64 = 0
    ) throws -> LimitTracker {
        try ResourceMonitorTests.tracker(changes, warnAt: warnAt, startedAt: startedAt)
    }
}
