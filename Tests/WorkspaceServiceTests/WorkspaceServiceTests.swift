import Glibc
import RunModel
import RunService
import SandboxSpec
import TestSupport
import Testing
import WardenClient
import WardenProtocol
import WorkspaceModel
import WorkspaceService

@Suite("Workspaces of a service")
struct WorkspaceServiceTests {
    @Test("started, stopped and started again: each state is told once, and numbers go on")
    func states() async throws {
        let fixture = try Fixture()
        let workspace = try await fixture.make()
        #expect(workspace.currentState == .running && fixture.service.vitals.states[.running] == 1)
        try await workspace.start()
        try await workspace.stop()
        try await workspace.stop()
        #expect(workspace.currentState == .stopped)
        try await workspace.start()
        #expect(
            fixture.events(workspace) == [
                "starting", "running", "stopping", "stored", "stopped", "starting", "running",
            ])
        #expect(workspace.log.kept.first == 1 && workspace.log.next == 8)
        await fixture.service.delete(workspace)
        #expect(fixture.service.vitals.states == [:])
        #expect(fixture.source.sandboxes.allSatisfy { !$0.isAlive })
    }

    @Test("nobody finds the workspace of another owner, and each has its places")
    func owners() async throws {
        let fixture = try Fixture(workspaces: 3, perOwner: 2, known: 3)
        let first = try await fixture.make("one")
        #expect(throws: APIError.self) { try fixture.service.find(first.id, owner: RunOwner("two")) }
        #expect(try fixture.service.find(first.id, owner: RunOwner("one")) === first)
        #expect(fixture.service.list(owner: RunOwner("two")).isEmpty)
        _ = try await fixture.make("one")
        await #expect(throws: APIError.self) { try await fixture.make("one") }
        // It does not run, and counts as known.
        _ = try await fixture.make("one", starts: false)
        let error = await #expect(throws: APIError.self) { try await fixture.make("one", starts: false) }
        #expect(error?.code == .tooManyWorkspaces)
        _ = try await fixture.make("two")
        let full = await #expect(throws: APIError.self) { try await fixture.make("three") }
        #expect(full?.code == .tooManyWorkspaces && full?.retryable == true)
        #expect(fixture.service.list(owner: RunOwner("three")).isEmpty)
    }

    @Test("one that nobody uses is announced, then stopped; use puts that off")
    func idle() async throws {
        let fixture = try Fixture()
        let workspace = try await fixture.make()
        fixture.now.move(545)
        fixture.service.tick()
        #expect(fixture.events(workspace).last == "closing")
        workspace.events(from: 1).cancel()
        _ = try await workspace.start(ProcessRequest(command: "x"), captures: false)
        fixture.now.move(500)
        fixture.service.tick()
        #expect(workspace.currentState == .running, "its process runs")
        let sandbox = try #require(fixture.source.sandboxes.first)
        #expect(await eventually { sandbox.started.count == 1 })
        sandbox.exit(sandbox.started[0], .exited(0))
        #expect(await eventually { workspace.processes.allSatisfy(\.isOver) })
        fixture.now.move(601)
        fixture.service.tick()
        #expect(await eventually { workspace.currentState == .stopped })
        #expect(workspace.log.kept.entries.last?.event.kind == .state(.stopped, reason: "idle"))
    }

    @Test("its time ends it even while something runs, unless it gets more")
    func ttl() async throws {
        let fixture = try Fixture()
        let workspace = try await fixture.make()
        _ = try await workspace.start(ProcessRequest(command: "x"), captures: false)
        fixture.now.move(3000)
        try await workspace.change(name: "new", tags: ["a"], ttl: "30m", idle: nil)
        fixture.now.move(1000)
        fixture.service.tick()
        #expect(workspace.currentState == .running && workspace.summary.tags == ["a"])
        await #expect(throws: APIError.self) {
            try await workspace.change(name: nil, tags: nil, ttl: "100h", idle: nil)
        }
        fixture.now.move(801)
        fixture.service.tick()
        #expect(await eventually { workspace.currentState == .stopped })
        #expect(workspace.log.kept.entries.last?.event.kind == .state(.stopped, reason: "ttl"))
    }

    @Test("a sandbox that ends by itself stops its workspace, and frees its place")
    func lost() async throws {
        let fixture = try Fixture(workspaces: 1, perOwner: 1)
        let workspace = try await fixture.make()
        let process = try await workspace.start(ProcessRequest(command: "x"), captures: true)
        let hit = LimitHit(name: .memory, used: 2, allowed: 1)
        let outcome = SandboxOutcome(verdict: .memoryLimit, limit: hit, usage: Usage())
        fixture.source.sandboxes.first?.tell(.finished(outcome))
        #expect(await process.ended().signal == "KILL")
        #expect(await eventually { workspace.currentState == .stopped })
        #expect(workspace.log.kept.entries.last?.event.kind == .state(.stopped, reason: "limit memory"))
        _ = try await fixture.make("two")
    }

    @Test("a process that does not heed TERM is left behind by a stop, which freezes it")
    func stubborn() async throws {
        let fixture = try Fixture()
        let workspace = try await fixture.make()
        let sandbox = try #require(fixture.source.sandboxes.first)
        sandbox.obey([])
        let process = try await workspace.start(ProcessRequest(command: "x"), captures: false)
        #expect(await eventually { sandbox.started.count == 1 })
        try await workspace.stop()
        #expect(sandbox.signals == [UInt8(SIGTERM)] && !sandbox.isAlive)
        #expect(
            sandbox.orders.contains {
                if case .pack(nil, let packing) = $0 { packing.freezes } else { false }
            })
        #expect(process.report.signal == "KILL")
    }

    @Test("files that cannot be stored are a warning, and the stop goes on")
    func packFails() async throws {
        let fixture = try Fixture()
        let workspace = try await fixture.make()
        fixture.source.sandboxes.first?.pack([], errno: ENOSPC)
        try await workspace.stop()
        #expect(fixture.events(workspace).suffix(3) == ["stopping", "warning", "stopped"])
    }

    @Test("processes: at most as many as the policy says, names once, restarts as asked")
    func processes() async throws {
        let fixture = try Fixture()
        let workspace = try await fixture.make()
        let sandbox = try #require(fixture.source.sandboxes.first)
        var request = ProcessRequest(command: "x")
        request.name = "web"
        request.restart = .onFailure
        let web = try await workspace.start(request, captures: false)
        let twice = await #expect(throws: APIError.self) { try await workspace.start(request, captures: false) }
        #expect(twice?.code == .processExists)
        for _ in 0..<2 { _ = try await workspace.start(ProcessRequest(command: "y"), captures: false) }
        let many = await #expect(throws: APIError.self) {
            try await workspace.start(ProcessRequest(command: "z"), captures: false)
        }
        #expect(many?.code == .tooManyProcesses)
        #expect(await eventually { sandbox.started.count == 3 })
        sandbox.exit(sandbox.started[0], .exited(1))
        #expect(await eventually { web.report.restarts == 1 && sandbox.started.count == 4 })
        sandbox.exit(sandbox.started[3], .exited(0))
        #expect(await web.ended().exitCode == 0)
        #expect(try workspace.process("web") === web && workspace.process("p1") === web)
        #expect(throws: APIError.self) { try workspace.process("none") }
    }

    @Test("what a process writes is kept within its bound, and a slow reader is told what it missed")
    func logs() async throws {
        let log = RingLog<ProcessLogEntry>(capacity: 10_000)
        for _ in 0..<100 { log.append { _ in .output(.stdout, [UInt8](repeating: 1, count: 1000)) } }
        #expect(log.bytes <= 10_000 && log.next == 101)
        let reader = LogReader(log, from: 1)
        guard case .lagged(let from, let to) = await reader.next() else {
            Issue.record("nothing was missed")
            return
        }
        #expect(from == 1 && to == log.kept.first)
        log.end()
        guard case .entries(let first, _) = await reader.next() else {
            Issue.record("nothing is left")
            return
        }
        #expect(first == to)
        guard case .ended = await reader.next() else {
            Issue.record("it goes on")
            return
        }
    }
}
