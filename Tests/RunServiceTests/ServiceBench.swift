import FairQueue
import Foundation
import Images
import Reactor
import RunExecution
import RunModel
import RunPlanning
import RunTestSupport
import SandboxSpec
import SandboxSupply
import Synchronization
import TestSupport
import Testing

@testable import RunService

/// A service whose clock stands still until it is moved, with one image and one policy.
final class ServiceBench: Sendable {
    static let second: Int64 = 1_000_000_000

    /// What the service told.
    final class Observer: RunObserver {
        let overdue = Mutex<[RunDeadlines.Stage]>([])
        let health = Mutex<[String?]>([])
        func accepted(_ run: RunRecord) {}
        func finished(_ run: RunRecord) {}
        func refused(_ error: APIError) {}
        func overdue(_ run: RunRecord, stage: RunDeadlines.Stage) { overdue.withLock { $0.append(stage) } }
        func health(_ lastError: String?) { health.withLock { $0.append(lastError) } }
    }

    let directory: TemporaryDirectory
    let service: RunService
    let observer = Observer()
    private let time: Clock

    private final class Clock: Sendable {
        let now = Mutex<Int64>(1_000 * ServiceBench.second)
    }

    convenience init(
        _ source: any SandboxSource, running: Int = 1, buffer: Int = 1_000_000, testEvery: Int64? = nil,
        repository: (any RunRepository)? = nil
    ) throws {
        try self.init(
            executor: RunExecutor(source: source, reactor: try Reactor()), running: running, buffer: buffer,
            testEvery: testEvery,
            repository: repository)
    }

    init(
        executor: any RunExecuting, running: Int = 1, buffer: Int = 1_000_000, testEvery: Int64? = nil,
        repository: (any RunRepository)? = nil
    ) throws {
        directory = try TemporaryDirectory()
        for name in ["images/toy", "policies", "state"] {
            try FileManager.default.createDirectory(
                atPath: directory.path + "/" + name, withIntermediateDirectories: true)
        }
        try directory.write(
            """
            version: 1
            name: toy
            root: {host: true}
            file: main.toy
            run: [./main.toy]
            check: {code: x, stdout: y}

            """, to: "images/toy/image.yaml")
        try directory.write(SmallPolicy.yaml("toy", output: "16MiB"), to: "policies/toy.yaml")
        let catalog = try RunCatalog(
            images: directory.path + "/images", policies: directory.path + "/policies",
            store: ImageStore(state: directory.path + "/state"))
        var settings = RunService.Settings(
            admission: .init(running: running, queued: 300, runningPerClient: running, queuedPerClient: 300),
            finished: .init(count: 400, bytes: 100_000_000, age: .max), buffer: buffer, artifactBytes: 1_000_000)
        settings.health = HealthMonitor.Bounds(every: testEvery)
        let clock = Clock()
        time = clock
        service = RunService(
            catalog: catalog, executor: executor, settings: settings, observer: observer, repository: repository,
            now: { clock.now.withLock { $0 } })
    }

    func submit() async throws -> RunRecord {
        let submission = Submission(RunRequest(language: "toy", code: Array("x".utf8)))
        return try await service.submit(submission, owner: .anyone, isConnected: false)
    }

    /// Lets so many seconds pass, and has the service look.
    func pass(_ seconds: Int64) { pass(milliseconds: seconds * 1000) }

    func pass(milliseconds: Int64) {
        time.now.withLock { $0 += milliseconds * 1_000_000 }
        service.watch()
    }

    /// Waits, for real, until something is so.
    func until(_ what: String, _ isSo: () -> Bool) async throws {
        if await !eventually(isSo) { Issue.record("it never came to this: \(what)") }
    }

    func end(of record: RunRecord) async throws -> RunOutcome? {
        try await until("the run ends") { record.state == .finished && service.load.running == 0 }
        let events = record.log.snapshot
        #expect(events.filter(\.kind.isTerminal).count == 1)
        #expect(events.last?.kind.isTerminal == true)
        #expect(events.map(\.sequence) == Array((events.first?.sequence ?? 0)..<record.log.extent.next))
        return record.outcome
    }
}

/// Never answers; whether it listens to being given up is a choice.
final class DeafSource: SandboxSource {
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
