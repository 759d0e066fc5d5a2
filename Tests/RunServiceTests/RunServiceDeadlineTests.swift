import Foundation
import Images
import LinuxSystem
import RunExecution
import RunModel
import RunPlanning
import RunTestSupport
import SandboxSpec
import SandboxSupply
import Synchronization
import Testing
import WardenClient
import WardenProtocol

@testable import RunService

@Suite("Every state of a run has a deadline", .enabled(if: geteuid() == 0, "image roots belong to root"))
struct RunServiceDeadlineTests {
    @Test("a sandbox that is never made ends its run, and the next one has its place")
    func leaseIsGivenUp() async throws {
        let source = DeafSource(obeysCancellation: true)
        let bench = try ServiceBench(source)
        let record = try await bench.submit()
        let next = try await bench.submit()
        try await bench.until("it waits for a sandbox") { source.isAsked.withLock { $0 } }
        #expect(next.state == .queued)
        bench.pass(59)
        #expect(record.state == .running)
        #expect(bench.service.vitals.oldestStarting == 59 * ServiceBench.second)
        #expect(bench.service.vitals.isStartOverdue)
        #expect(bench.service.vitals.oldestQueued == 59 * ServiceBench.second)
        bench.pass(1)
        try await bench.until("the first ends") { record.state == .finished }
        #expect(record.outcome?.verdict == .internalError)
        #expect(record.result?.error?.details["stage"] == "lease")
        try await bench.until("the second starts") { next.state == .running }
        #expect(bench.service.vitals.givenUp == 1)
        #expect(bench.observer.overdue.withLock { $0 } == [.starting])
        bench.service.cancel(next)
        #expect(
            try await bench.end(of: next)?.verdict == .cancelled,
            "a run whose sandbox is not there yet can be cancelled")
    }

    @Test("a run whose thread does not come back ends all the same, and its thread may come back later")
    func runIsEndedByForce() async throws {
        let source = DeafSource(obeysCancellation: false)
        let bench = try ServiceBench(source)
        let record = try await bench.submit()
        try await bench.until("it waits for a sandbox") { source.isAsked.withLock { $0 } }
        bench.pass(60)
        #expect(record.state == .running)
        bench.pass(10)
        #expect(record.state == .finished && bench.service.load.running == 0, "immediately: nobody is asked")
        #expect(record.result?.error?.details["stage"] == "start")
        let events = record.log.extent.next
        source.open()
        try await Task.sleep(for: .milliseconds(100))
        #expect(record.log.extent.next == events, "nothing comes behind the end")
        #expect(try await bench.end(of: record)?.verdict == .internalError)
        #expect(bench.service.load.finished == 1)
    }

    /// A program that runs for ever in a sandbox that does not listen.
    @Test("a program that cannot be ended is told to end after its wall clock, and then given up at stage kill")
    func killIsGivenUp() async throws {
        let release = Mutex(false)
        let source = ScriptedSource({ program in
            while !release.withLock({ $0 }) { usleep(1000) }
            return .exit(0)
        })
        let bench = try ServiceBench(source)
        let record = try await bench.submit()
        try await bench.until("it runs") { record.timings.started != nil }
        bench.pass(34)
        #expect(source.sandboxes.first?.killed == nil, "its warden has time to see to that")
        bench.pass(1)
        #expect(source.sandboxes.first?.killed == .cancelled)
        bench.pass(19)
        #expect(record.state == .running)
        bench.pass(1)
        let outcome = try await bench.end(of: record)
        #expect(outcome?.verdict == .internalError)
        #expect(record.result?.error?.details["stage"] == "kill")
        #expect(bench.observer.overdue.withLock { $0 } == [.running, .running])
        release.withLock { $0 = true }
    }

    @Test("a program that its warden forgot, and that can be ended, ends by its wall clock")
    func wallHolds() async throws {
        let bench = try ServiceBench(
            ScriptedSource({ program in
                program.waitForKill()
                return .exit(0)
            }))
        let record = try await bench.submit()
        try await bench.until("it runs") { record.timings.started != nil }
        bench.pass(35)
        let outcome = try await bench.end(of: record)
        #expect(outcome?.verdict == .wallLimit)
        #expect(outcome?.limit?.name == "wall")
        #expect(record.error == nil)
    }

    @Test("a reader that never reads holds a run up no longer than its wall clock and a while")
    func readerIsNotWaitedForForEver() async throws {
        let bench = try ServiceBench(
            ScriptedSource({ program in
                program.write([UInt8](repeating: 0x78, count: 2_000_000), to: program.stdout)
                return .exit(0)
            }), buffer: 65_536)
        let record = try await bench.submit()
        let reader = record.log.subscribe(lossless: true)
        defer { reader.cancel() }
        try await bench.until("it writes") { record.timings.firstOutput != nil }
        try await Task.sleep(for: .milliseconds(50))
        #expect(record.state == .running)
        bench.pass(35)
        bench.pass(20)
        _ = try await bench.end(of: record)
        #expect(await reader.next() != .ended, "it is told what it missed")
    }

    @Test("nobody waits for a place for ever")
    func queueHasADeadline() async throws {
        let bench = try ServiceBench(DeafSource(obeysCancellation: true))
        let first = try await bench.submit()
        let waiting = try await bench.submit()
        bench.pass(50)
        bench.service.cancel(first)
        try await bench.until("the second starts") { waiting.state == .running }
        let third = try await bench.submit()
        for _ in 0..<601 {
            bench.pass(1)
            if third.state != .queued { break }
        }
        // Its place came before its deadline, as the one before it was given up.
        #expect(third.state == .running)
        let late = try await bench.submit()
        let other = try ServiceBench(DeafSource(obeysCancellation: false))
        _ = try await other.submit()
        let expired = try await other.submit()
        other.pass(601)
        #expect(expired.state == .finished)
        #expect(expired.outcome?.verdict == .internalError)
        #expect(expired.result?.error?.code == .queueTimeout)
        bench.service.cancel(late)
        bench.service.cancel(third)
    }

    @Test("a waiting run is told its place a bounded number of times, however many wait before it")
    func placesAreToldSeldom() async throws {
        let bench = try ServiceBench(ScriptedSource(), running: 1)
        // Every run ends at once: there are no sandboxes. So nobody gets one until all are there.
        let source = DeafSource(obeysCancellation: true)
        let held = try ServiceBench(source, running: 1)
        let first = try await held.submit()
        var runs: [RunRecord] = []
        for _ in 0..<260 { runs.append(try await held.submit()) }
        for run in runs.prefix(200) {
            held.service.cancel(run)
            held.pass(1)
        }
        let last = try #require(runs.last)
        let places = last.log.snapshot.compactMap { event -> Int? in
            if case .queued(let place, _) = event.kind { place } else { nil }
        }
        #expect(places.first == 260)
        #expect((2...40).contains(places.count), "\(places)")
        for run in runs { held.service.cancel(run) }
        held.service.cancel(first)
        _ = bench
    }

    @Test("a test run shows that runs work, or why they do not")
    func testRuns() async throws {
        let well = try ServiceBench(ScriptedSource({ _ in .exit(0) }), testEvery: 60 * ServiceBench.second)
        well.pass(1)
        try await well.until("it has worked") { well.service.vitals.worked != nil }
        #expect(well.service.vitals.tests == 1)
        #expect(well.service.load.finished == 0 && well.service.load.running == 0, "it is nobody's run")
        let broken = try ServiceBench(ScriptedSource(), testEvery: 60 * ServiceBench.second)
        broken.pass(1)
        try await broken.until("it has failed") { broken.service.vitals.lastError != nil }
        #expect(broken.service.vitals.lastError?.contains("no more sandboxes") == true)
        #expect(broken.observer.health.withLock { $0.count } == 1)
        broken.pass(5)
        #expect(broken.service.vitals.tests == 1, "not so soon")
        let source = DeafSource(obeysCancellation: false)
        let deaf = try ServiceBench(source, testEvery: 60 * ServiceBench.second)
        deaf.pass(1)
        try await deaf.until("it waits for a sandbox") { source.isAsked.withLock { $0 } }
        #expect(deaf.service.vitals.lastError == nil)
        deaf.pass(15)
        deaf.pass(2)
        #expect(deaf.service.vitals.lastError == "a test run did not end")
        deaf.pass(120)
        #expect(deaf.service.vitals.isHopeless)
    }
}
