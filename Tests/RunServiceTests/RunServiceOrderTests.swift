import Foundation
import RunExecution
import RunModel
import RunTestSupport
import SandboxSpec
import SandboxSupply
import Synchronization
import Testing

@testable import RunService

/// Lets runs in when it is told to.
private final class SlowRepository: RunRepository {
    private let memory = RunMemory(bounds: .init(count: 10, bytes: 1_000_000, age: .max))
    private let gate = AsyncStream.makeStream(of: Void.self)
    private let runs = Mutex<[RunRecord]>([])
    private let failure: APIError?

    init(failure: APIError? = nil) {
        self.failure = failure
    }

    /// The runs it was given.
    var asked: [RunRecord] { runs.withLock { $0 } }

    func open() { gate.continuation.finish() }

    func put(_ run: RunRecord) async throws(APIError) {
        runs.withLock { $0.append(run) }
        let stream = gate.stream
        // A store that writes does not stop in the middle because somebody has lost patience.
        await Task.detached { for await _ in stream {} }.value
        if let failure { throw failure }
        await memory.put(run)
    }

    func append(_ event: RunEvent, to run: RunRecord) { memory.append(event, to: run) }
    func finish(_ run: RunRecord, bytes: Int, now: Int64) -> [RunID] { memory.finish(run, bytes: bytes, now: now) }
    func purge(now: Int64) -> [RunID] { memory.purge(now: now) }
    func lookup(_ id: RunID) -> RunRecord? { memory.lookup(id) }
    func page(_ query: RunQuery) -> RunQuery.Page { memory.page(query) }
    var finished: (count: Int, bytes: Int) { memory.finished }
}

@Suite("Order of a run's events", .enabled(if: geteuid() == 0, "image roots belong to root"))
struct RunServiceOrderTests {
    @Test("a run neither starts nor is accepted before its repository has it")
    func waitsForTheRepository() async throws {
        let repository = SlowRepository()
        let source = ScriptedSource({ _ in .exit(0) })
        let bench = try ServiceBench(source, repository: repository)
        async let submitted = bench.submit()
        try await bench.until("the repository is asked") { !repository.asked.isEmpty }
        bench.pass(1)
        try await Task.sleep(for: .milliseconds(50))
        #expect(source.sandboxes.isEmpty)
        #expect(bench.service.load.running == 1, "its place is taken")
        repository.open()
        let record = try await submitted
        #expect(try await bench.end(of: record)?.verdict == .ok)
        #expect(record.log.snapshot.first?.kind == .accepted(position: 0))
    }

    @Test("a run that the repository does not take is refused, and its place is free")
    func refusesWhatIsNotKept() async throws {
        let repository = SlowRepository(failure: APIError(.internalError, "the disk is full"))
        repository.open()
        let bench = try ServiceBench(ScriptedSource(), repository: repository)
        await #expect(throws: APIError(.internalError, "the disk is full")) { try await bench.submit() }
        #expect(bench.service.load.running == 0 && bench.service.load.waiting == 0)
        await bench.service.idle()
    }

    @Test("a repository that does not answer in time has its run refused, and one that it keeps later is no open run")
    func repositoryIsLate() async throws {
        let repository = SlowRepository()
        let source = ScriptedSource()
        let bench = try ServiceBench(source, repository: repository)
        let submitted = Task { try await bench.submit() }
        try await bench.until("the repository is asked") { !repository.asked.isEmpty }
        // The service learns of the wait right after that; its clock stands still meanwhile.
        try await bench.until("it is given up") {
            bench.pass(milliseconds: 100)
            return bench.service.load.running == 0
        }
        let error = await #expect(throws: APIError.self) { try await submitted.value }
        #expect(error?.code == .overloaded && error?.retryable == true)
        #expect(source.sandboxes.isEmpty)
        // As long as it is late, no others wait for it: there are as many as there are places.
        await #expect(throws: APIError.self) { try await bench.submit() }
        #expect(repository.asked.count == 1)
        let record = try #require(repository.asked.first)
        #expect(repository.lookup(record.id) == nil)
        repository.open()
        try await bench.until("the run is kept") { repository.finished.count == 1 }
        #expect(repository.lookup(record.id)?.state == .finished)
        #expect(record.outcome?.verdict == .internalError)
        #expect(record.log.snapshot.last?.kind.isTerminal == true)
        await bench.service.idle()
    }

    @Test("a repository that answers just in time has its run carried out")
    func repositoryIsSlow() async throws {
        let repository = SlowRepository()
        let bench = try ServiceBench(ScriptedSource({ _ in .exit(0) }), repository: repository)
        let submitted = Task { try await bench.submit() }
        try await bench.until("the repository is asked") { !repository.asked.isEmpty }
        bench.pass(milliseconds: 4_900)
        repository.open()
        #expect(try await bench.end(of: submitted.value)?.verdict == .ok)
    }

    @Test("a run that is cancelled before it is accepted is accepted, and ends without having started")
    func cancelsBeforeAcceptance() async throws {
        let repository = SlowRepository()
        let source = ScriptedSource({ _ in .exit(0) })
        let bench = try ServiceBench(source, repository: repository)
        async let submitted = bench.submit()
        try await bench.until("the repository is asked") { !repository.asked.isEmpty }
        bench.service.cancel(try #require(repository.asked.first))
        repository.open()
        let record = try await submitted
        #expect(try await bench.end(of: record)?.verdict == .cancelled)
        #expect(record.log.snapshot.map(\.kind.name) == ["accepted", "finished"])
        #expect(source.sandboxes.isEmpty)
    }

    @Test("many submitters, cancellers and a watcher: each run has its events in order, and one end")
    func keepsOrderUnderLoad() async throws {
        let count = 120
        let source = EndlessSource()
        let bench = try ServiceBench(source, running: 4)
        let watcher = Task.detached {
            while !Task.isCancelled {
                bench.pass(milliseconds: 10)
                usleep(1000)
            }
        }
        let records = try await withThrowingTaskGroup(of: RunRecord.self) { group in
            for index in 0..<count {
                group.addTask {
                    let record = try await bench.submit()
                    if index.isMultiple(of: 7) { bench.service.cancel(record) }
                    return record
                }
            }
            return try await group.reduce(into: [RunRecord]()) { $0.append($1) }
        }
        try await bench.until("all have ended") { bench.service.load.running == 0 && bench.service.load.waiting == 0 }
        watcher.cancel()
        await watcher.value
        #expect(records.count == count)
        #expect(bench.service.load.finished == count)
        for record in records {
            let events = record.log.snapshot
            #expect(events.map(\.sequence) == Array(0..<Int64(events.count)))
            guard case .accepted? = events.first?.kind else {
                Issue.record("\(record.id) begins with \(events.first?.kind.name ?? "nothing")")
                continue
            }
            let names = events.map(\.kind.name)
            #expect(names.count { $0 == "accepted" } == 1)
            #expect(names.count { $0 == "finished" } == 1 && names.last == "finished")
            if let start = names.firstIndex(of: "started"), let place = names.lastIndex(of: "queued") {
                #expect(place < start, "\(names)")
            }
            #expect(record.position == nil)
        }
    }

    /// A sandbox for everybody.
    private struct EndlessSource: SandboxSource {
        func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
            do {
                let sandbox = try ScriptedSandbox { _ in .exit(0) }
                return SandboxLease(sandbox: sandbox, warmth: .cold)
            } catch {
                throw APIError(.internalError, "\(error)")
            }
        }
    }

    @Test("the emitter itself says accepted first, once, and nothing after the end")
    func emitterKeepsOrder() {
        let sink = RecordingSink()
        var log = RunEventEmitter(runID: RunID(), sink: sink, now: { 0 }, onSinkGone: {})
        log.emit(.queued(position: 2))
        log.emit(.accepted(position: 1))
        log.emit(.finished(.init(verdict: .ok)))
        log.emit(.queued(position: 1))
        #expect(sink.events.map(\.kind.name) == ["accepted", "queued", "finished"])
        #expect(sink.events.map(\.sequence) == [0, 1, 2])
    }
}
