import Foundation
import Images
import LinuxSystem
import RunModel
import SandboxSpec
import Synchronization
import Testing
import WardenClient
import WardenProtocol

@testable import Orchestrator

/// A service whose clock stands still until it is moved, with one image and one policy.
private final class Bench {
    static let second: Int64 = 1_000_000_000

    /// What the service told.
    final class Observer: RunObserver {
        let overdue = Mutex<[RunDeadlines.Stage]>([])
        let health = Mutex<[String?]>([])
        func accepted(_ run: RunRecord) {}
        func finished(_ run: RunRecord) {}
        func refused(_ error: APIError) {}
        func overdue(_ run: RunRecord, stage: RunDeadlines.Stage) { overdue.withLock { $0.append(stage) } }
        func health(_ trouble: String?) { health.withLock { $0.append(trouble) } }
    }

    let folder: TemporaryFolder
    let service: RunService
    let observer = Observer()
    private let time: Clock

    private final class Clock: Sendable {
        let now = Mutex<Int64>(1_000 * Bench.second)
    }

    init(_ source: any SandboxSource, running: Int = 1, buffer: Int = 1_000_000, testEvery: Int64? = nil) throws {
        folder = try TemporaryFolder()
        for name in ["images/toy", "policies", "state"] {
            try FileManager.default.createDirectory(
                atPath: folder.path + "/" + name, withIntermediateDirectories: true)
        }
        try folder.write(
            """
            version: 1
            name: toy
            root: {host: true}
            file: main.toy
            run: [./main.toy]
            check: {code: x, stdout: y}

            """, to: "images/toy/image.yaml")
        try folder.write(
            """
            version: 1
            name: toy
            image: toy
            limits: {cpu: 5s, wall: 15s, idle: 10s, memory: 256MiB, processes: 64, output: 16MiB, disk: 1MiB,
              inodes: 512, file_size: 1MiB, open_files: 64, cpus: 1.0}
            warn_at: 80%
            network: none
            syscalls: {allow: [read, write]}
            pool: {min: 0, max: 4, warm: none}

            """, to: "policies/toy.yaml")
        let catalog = try RunCatalog(
            images: folder.path + "/images", policies: folder.path + "/policies",
            store: ImageStore(state: folder.path + "/state"))
        var settings = RunService.Settings(
            admission: .init(running: running, queued: 300, runningPerClient: running, queuedPerClient: 300),
            finished: .init(count: 400, bytes: 100_000_000, age: .max), buffer: buffer, artifactBytes: 1_000_000)
        settings.health = HealthMonitor.Bounds(every: testEvery)
        let clock = Clock()
        time = clock
        service = RunService(
            catalog: catalog, source: source, settings: settings, observer: observer,
            now: { clock.now.withLock { $0 } })
    }

    func submit() throws -> RunRecord {
        var submission = Submission()
        submission.language = "toy"
        submission.code = Array("x".utf8)
        return try service.submit(submission, owner: .anyone, isConnected: false)
    }

    /// Lets so many seconds pass, and has the service look.
    func pass(_ seconds: Int64) {
        time.now.withLock { $0 += seconds * Self.second }
        service.watch()
    }

    /// Waits, for real, until something is so.
    func until(_ what: String, _ isSo: () -> Bool) async throws {
        for _ in 0..<2000 {
            if isSo() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("it never came to this: \(what)")
    }

    func end(of record: RunRecord) async throws -> RunEvent.Ending? {
        try await until("the run ends") { record.phase == .finished && service.load.running == 0 }
        let events = record.log.snapshot
        #expect(events.filter(\.kind.isTerminal).count == 1)
        #expect(events.last?.kind.isTerminal == true)
        #expect(events.map(\.sequence) == Array((events.first?.sequence ?? 0)..<record.log.extent.next))
        return record.ending
    }
}

/// Never answers; whether it listens to being given up is a choice.
private final class DeafSource: SandboxSource {
    private let gate = AsyncStream.makeStream(of: Void.self)
    private let obeys: Bool
    /// Whether it has been asked for a sandbox.
    let isAsked = Mutex(false)

    init(obeysCancellation: Bool) {
        obeys = obeysCancellation
    }

    func open() { gate.continuation.finish() }

    func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        isAsked.withLock { $0 = true }
        if obeys {
            do { try await Task.sleep(for: .seconds(600)) } catch {}
        } else {
            let stream = gate.stream
            await Task.detached { for await _ in stream {} }.value
        }
        throw APIError(.sandboxFailed, "too late")
    }
}

@Suite("Every state of a run has a deadline", .enabled(if: geteuid() == 0, "image roots belong to root"))
struct RunServiceDeadlineTests {
    @Test("a sandbox that is never made ends its run, and the next one has its place")
    func leaseIsGivenUp() async throws {
        let source = DeafSource(obeysCancellation: true)
        let bench = try Bench(source)
        let record = try bench.submit()
        let next = try bench.submit()
        try await bench.until("it waits for a sandbox") { source.isAsked.withLock { $0 } }
        #expect(next.phase == .queued)
        bench.pass(59)
        #expect(record.phase == .running)
        #expect(bench.service.vitals.oldestStarting == 59 * Bench.second)
        #expect(bench.service.vitals.isStartOverdue)
        #expect(bench.service.vitals.oldestQueued == 59 * Bench.second)
        bench.pass(1)
        try await bench.until("the first ends") { record.phase == .finished }
        #expect(record.ending?.verdict == .internalError)
        #expect(record.result?.error?.details["stage"] == "lease")
        try await bench.until("the second starts") { next.phase == .running }
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
        let bench = try Bench(source)
        let record = try bench.submit()
        try await bench.until("it waits for a sandbox") { source.isAsked.withLock { $0 } }
        bench.pass(60)
        #expect(record.phase == .running)
        bench.pass(10)
        #expect(record.phase == .finished && bench.service.load.running == 0, "at once: nobody is asked")
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
        let bench = try Bench(source)
        let record = try bench.submit()
        try await bench.until("it runs") { record.timings.started != nil }
        bench.pass(34)
        #expect(source.sandboxes.first?.killed == nil, "its warden has time to see to that")
        bench.pass(1)
        #expect(source.sandboxes.first?.killed == .cancelled)
        bench.pass(19)
        #expect(record.phase == .running)
        bench.pass(1)
        let ending = try await bench.end(of: record)
        #expect(ending?.verdict == .internalError)
        #expect(record.result?.error?.details["stage"] == "kill")
        #expect(bench.observer.overdue.withLock { $0 } == [.running, .running])
        release.withLock { $0 = true }
    }

    @Test("a program that its warden forgot, and that can be ended, ends by its wall clock")
    func wallHolds() async throws {
        let bench = try Bench(
            ScriptedSource({ program in
                program.waitForKill()
                return .exit(0)
            }))
        let record = try bench.submit()
        try await bench.until("it runs") { record.timings.started != nil }
        bench.pass(35)
        let ending = try await bench.end(of: record)
        #expect(ending?.verdict == .wallLimit)
        #expect(ending?.limit?.name == "wall")
        #expect(record.error == nil)
    }

    @Test("a reader that never reads holds a run up no longer than its wall clock and a while")
    func readerIsNotWaitedForForEver() async throws {
        let bench = try Bench(
            ScriptedSource({ program in
                program.write([UInt8](repeating: 0x78, count: 2_000_000), to: program.stdout)
                return .exit(0)
            }), buffer: 65_536)
        let record = try bench.submit()
        let reader = record.log.subscribe(patient: true)
        defer { reader.cancel() }
        try await bench.until("it writes") { record.timings.firstOutput != nil }
        try await Task.sleep(for: .milliseconds(50))
        #expect(record.phase == .running)
        bench.pass(35)
        bench.pass(20)
        _ = try await bench.end(of: record)
        #expect(await reader.next() != .ended, "it is told what it missed")
    }

    @Test("nobody waits for a place for ever")
    func queueHasADeadline() async throws {
        let bench = try Bench(DeafSource(obeysCancellation: true))
        let first = try bench.submit()
        let waiting = try bench.submit()
        bench.pass(50)
        bench.service.cancel(first)
        try await bench.until("the second starts") { waiting.phase == .running }
        let third = try bench.submit()
        for _ in 0..<601 {
            bench.pass(1)
            if third.phase != .queued { break }
        }
        // Its place came before its deadline, as the one before it was given up.
        #expect(third.phase == .running)
        let late = try bench.submit()
        let other = try Bench(DeafSource(obeysCancellation: false))
        _ = try other.submit()
        let expired = try other.submit()
        other.pass(601)
        #expect(expired.phase == .finished)
        #expect(expired.ending?.verdict == .internalError)
        #expect(expired.result?.error?.code == .queueTimeout)
        bench.service.cancel(late)
        bench.service.cancel(third)
    }

    @Test("a waiting run is told its place a bounded number of times, however many wait before it")
    func placesAreToldSeldom() async throws {
        let bench = try Bench(ScriptedSource(), running: 1)
        // Every run ends at once: there are no sandboxes. So nobody gets one until all are there.
        let source = DeafSource(obeysCancellation: true)
        let held = try Bench(source, running: 1)
        let first = try held.submit()
        let runs = try (0..<260).map { _ in try held.submit() }
        for run in runs.prefix(200) {
            held.service.cancel(run)
            held.pass(1)
        }
        let last = try #require(runs.last)
        let places = last.log.snapshot.compactMap { event -> Int? in
            if case .queued(let place) = event.kind { place } else { nil }
        }
        #expect(places.first == 260)
        #expect((2...40).contains(places.count), "\(places)")
        for run in runs { held.service.cancel(run) }
        held.service.cancel(first)
        _ = bench
    }

    @Test("a test run shows that runs work, or why they do not")
    func testRuns() async throws {
        let well = try Bench(ScriptedSource({ _ in .exit(0) }), testEvery: 60 * Bench.second)
        well.pass(1)
        try await well.until("it has worked") { well.service.vitals.worked != nil }
        #expect(well.service.vitals.tests == 1)
        #expect(well.service.load.finished == 0 && well.service.load.running == 0, "it is nobody's run")
        let broken = try Bench(ScriptedSource(), testEvery: 60 * Bench.second)
        broken.pass(1)
        try await broken.until("it has failed") { broken.service.vitals.trouble != nil }
        #expect(broken.service.vitals.trouble?.contains("no more sandboxes") == true)
        #expect(broken.observer.health.withLock { $0.count } == 1)
        broken.pass(5)
        #expect(broken.service.vitals.tests == 1, "not so soon")
        let source = DeafSource(obeysCancellation: false)
        let deaf = try Bench(source, testEvery: 60 * Bench.second)
        deaf.pass(1)
        try await deaf.until("it waits for a sandbox") { source.isAsked.withLock { $0 } }
        #expect(deaf.service.vitals.trouble == nil)
        deaf.pass(15)
        deaf.pass(2)
        #expect(deaf.service.vitals.trouble == "a test run did not end")
        deaf.pass(120)
        #expect(deaf.service.vitals.isHopeless)
    }
}
