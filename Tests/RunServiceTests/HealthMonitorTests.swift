import RunService
import Testing

@Suite("Health of runs")
struct HealthMonitorTests {
    private static let second: Int64 = 1_000_000_000

    private func monitor(every: Int64? = 60) -> HealthMonitor {
        HealthMonitor(bounds: .init(every: every.map { $0 * Self.second }))
    }

    @Test("a test run is made at first, and then only when no run has worked for a while")
    func testsWhenNothingIsKnown() {
        var monitor = monitor()
        #expect(monitor.beginsTest(now: 0) == true)
        #expect(monitor.beginsTest(now: 100 * Self.second) == false, "one at a time")
        monitor.tested(nil, now: Self.second)
        #expect(monitor.lastError == nil)
        #expect(monitor.beginsTest(now: 59 * Self.second) == false)
        monitor.worked(now: 59 * Self.second)
        #expect(monitor.beginsTest(now: 118 * Self.second) == false, "a real run has shown it")
        #expect(monitor.beginsTest(now: 119 * Self.second) == true)
        #expect(monitor.tests == 1)
    }

    @Test("test runs that fail are made ever more seldom, for each may leave something behind")
    func failuresSpreadOut() {
        var monitor = monitor()
        var (now, moments): (Int64, [Int64]) = (0, [])
        while moments.count < 10 {
            if monitor.beginsTest(now: now * Self.second) {
                moments.append(now)
                monitor.tested("no sandbox", now: now * Self.second)
            }
            now += 1
        }
        #expect(zip(moments.dropFirst(), moments).map { $0 - $1 } == [10, 20, 40, 80, 160, 320, 640, 640, 640])
        monitor.worked(now: now * Self.second)
        monitor.failed()
        #expect(monitor.beginsTest(now: now * Self.second + 10 * Self.second) == true)
    }

    @Test("a run that failed makes a test run due at once; only that says that runs do not work")
    func failureIsLookedInto() {
        var monitor = monitor()
        monitor.worked(now: 0)
        monitor.failed()
        #expect(monitor.lastError == nil)
        #expect(monitor.beginsTest(now: Self.second) == true)
        monitor.tested("no sandbox", now: 2 * Self.second)
        #expect(monitor.lastError == "no sandbox")
        #expect(monitor.failedTests == 1)
        #expect(monitor.beginsTest(now: 10 * Self.second) == false, "at a bounded pace")
        #expect(monitor.beginsTest(now: 11 * Self.second) == true)
        monitor.tested("still none", now: 12 * Self.second)
        #expect(!monitor.isHopeless(now: 121 * Self.second))
        #expect(monitor.isHopeless(now: 122 * Self.second), "since the first one")
        monitor.worked(now: 123 * Self.second)
        #expect(monitor.lastError == nil && !monitor.isHopeless(now: 500 * Self.second))
    }

    @Test("without an interval, and without anything to run, nothing is tested and nothing is claimed")
    func canBeOff() {
        var off = monitor(every: nil)
        off.failed()
        #expect(off.beginsTest(now: 1000 * Self.second) == false)
        var empty = monitor()
        #expect(empty.beginsTest(now: 0) == true)
        empty.couldNotTest()
        #expect(empty.lastError == nil)
        #expect(empty.beginsTest(now: Self.second) == false)
        #expect(empty.beginsTest(now: 10 * Self.second) == true)
    }
}
