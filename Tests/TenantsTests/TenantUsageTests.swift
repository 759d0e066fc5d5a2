import Synchronization
import Tenants
import Testing

@Suite("What tenants use")
struct TenantUsageTests {
    /// Milliseconds since 1970.
    private final class Calendar: Sendable {
        private let time = Mutex<Int64>(20_000 * 86_400_000 + 1000)

        var now: Int64 { time.withLock { $0 } }

        func pass(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
        func pass(days: Int64) { pass(days * 86_400_000) }
    }

    private let calendar = Calendar()

    private func usage(_ record: TenantUsage.Record? = nil) -> TenantUsage {
        TenantUsage(record, date: { [calendar] in calendar.now })
    }

    @Test("counters add up within a day, and begin again the next")
    func counts() {
        let usage = usage()
        usage.add(.init(runs: 1, cpu: 20, bytes: 300), to: "a")
        usage.add(.init(runs: 1, cpu: 5), to: "a")
        usage.add(.init(runs: 1), to: "b")
        #expect(usage.today("a") == .init(runs: 2, cpu: 25, bytes: 300))
        #expect(usage.resetsAt - calendar.now == 86_400_000 - 1000)
        calendar.pass(days: 1)
        #expect(usage.today("a") == .init())
        #expect(usage.totals["a"] == .init(runs: 2, cpu: 25, bytes: 300), "counters of metrics never go back")
    }

    @Test("a clock that jumps neither locks a tenant out nor frees it again and again")
    func clockJumps() {
        let usage = usage()
        usage.add(.init(runs: 7), to: "a")
        // Back: what was used stays used.
        calendar.pass(days: -400)
        #expect(usage.today("a").runs == 7)
        // And midnight of that clock ends the day.
        calendar.pass(days: 1)
        #expect(usage.today("a").runs == 0)
        usage.add(.init(runs: 3), to: "a")
        // Far ahead, and back again.
        calendar.pass(days: 3650)
        #expect(usage.today("a").runs == 0)
        usage.add(.init(runs: 2), to: "a")
        calendar.pass(days: -3650)
        #expect(usage.today("a").runs == 2)
    }

    @Test("counters survive a restart on the same day, and only then")
    func restarts() throws {
        let first = usage()
        first.add(.init(runs: 4, cpu: 1.5, bytes: 9), to: "a")
        let record = try #require(first.takeChanges())
        #expect(first.takeChanges() == nil, "nothing has changed since")
        let read = try #require(TenantUsage.Record(text: record.text))
        #expect(read == record)
        #expect(usage(read).today("a") == .init(runs: 4, cpu: 1.5, bytes: 9))
        calendar.pass(days: 2)
        #expect(usage(read).today("a") == .init())
    }

    @Test(
        "what is no such file is not read",
        arguments: [
            "", "{}", "[]", #"{"version":2,"day":1,"tenants":{}}"#,
            #"{"version":1,"day":1,"tenants":{"a":{"runs":-1,"cpu_ms":0,"bytes":0}}}"#,
            #"{"version":1,"day":1,"tenants":{"a":{"runs":1,"cpu_ms":0}}}"#,
        ])
    func refuses(text: String) {
        #expect(TenantUsage.Record(text: Array(text.utf8)) == nil)
        #expect(TenantUsage.Record(text: [UInt8](repeating: 0x20, count: 2_000_000)) == nil)
    }

    @Test("however many names there are, a bounded number is counted")
    func isBounded() {
        let usage = usage()
        for name in 0..<5000 { usage.add(.init(runs: 1), to: "\(name)") }
        #expect(usage.totals.count <= 2000)
    }
}
