import Glibc
import LinuxSystem
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
import WardenClient
import WardenProtocol

/// Takes only so many bytes of output before it is let go.
private final class HoldingSink: EventSink {
    private struct State {
        var events: [RunEvent] = []
        var bytes = 0
        var room: Int
        var isAsked = false
        var onRoom: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>
    private let reactor: Reactor

    init(room: Int, on reactor: Reactor) {
        state = Mutex(State(room: room))
        self.reactor = reactor
    }

    var events: [RunEvent] { state.withLock { $0.events } }
    var bytes: Int { state.withLock { $0.bytes } }
    /// It has said no.
    var isHolding: Bool { state.withLock { $0.onRoom != nil } }

    func letGo() {
        let onRoom = state.withLock { state in
            state.room = .max
            return state.onRoom.take()
        }
        onRoom?()
    }

    func receive(_ event: RunEvent) -> Bool {
        // The first one comes from whoever begins the run.
        if event.sequence > 0 { #expect(reactor.isCurrent) }
        state.withLock { state in
            state.events.append(event)
            if case .output(_, let text) = event.kind { state.bytes += text.bytes.count }
        }
        return true
    }

    func hasRoom(onRoom: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if state.bytes < state.room { return true }
            state.onRoom = onRoom
            return false
        }
    }
}

@Suite("Runs on one thread", .timeLimit(.minutes(1)))
struct SharedReactorTests {
    private let reactor: Reactor

    init() throws {
        reactor = try Reactor()
    }

    private func plan(output: Int64 = 10_000_000) throws -> RunPlan {
        let limits = try Limits { $0 == .output ? output : $0.range.upperBound }
        let spec = SandboxSpec(root: .host, limits: limits, warnAt: 80, network: .none, syscalls: ["read"])
        return RunPlan(
            runID: RunID(), files: [],
            steps: [RunPlan.Step(name: .run, spec: spec, job: Job(arguments: ["x"], environment: []))])
    }

    private func executor(_ bodies: [ScriptedSandbox.Body], cache: CompileCache? = nil) -> RunExecutor {
        RunExecutor(source: ScriptedSource(bodies: bodies), cache: cache, reactor: reactor)
    }

    private func check(_ events: [RunEvent]) {
        #expect(events.map(\.sequence) == Array(0..<Int64(events.count)))
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.at <= $1.at })
        #expect(events.filter(\.kind.isTerminal).count == 1)
        #expect(events.last?.kind.isTerminal == true)
    }

    /// What was written to one stream, or to both.
    private func output(_ events: [RunEvent], of wanted: OutputStream? = nil) -> [UInt8] {
        events.flatMap { event -> [UInt8] in
            guard case .output(let stream, let text) = event.kind, wanted == nil || stream == wanted else { return [] }
            return text.bytes
        }
    }

    @Test("a run whose reader has no room is not read, loses nothing, and holds up nobody")
    func held() async throws {
        let size = 2_000_000
        let held = HoldingSink(room: 100_000, on: reactor)
        let pattern = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) & 0x7f }
        let plan = try plan()
        let executor = executor([
            { program in
                program.write(pattern, to: program.stdout)
                return .exit(0)
            }
        ])
        async let outcome = executor.execute(plan, sink: held)
        #expect(await eventually { held.isHolding })
        let before = held.bytes
        // What was read before it said no, and what was read at once.
        #expect(before < 100_000 + 196_608)
        for index in 0..<5 {
            let sink = RecordingSink()
            let other = self.executor([
                { program in
                    program.write("run \(index)", to: program.stdout)
                    return .exit(0)
                }
            ])
            #expect(try await other.execute(self.plan(), sink: sink).verdict == .ok)
            #expect(sink.output == Array("run \(index)".utf8))
            check(sink.events)
        }
        #expect(held.bytes == before)
        held.letGo()
        #expect(await outcome.verdict == .ok)
        #expect(output(held.events) == pattern)
        check(held.events)
    }

    @Test("many runs at the same time keep their events apart, each in order")
    func many() async throws {
        let count = 12
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                let sink = RecordingSink()
                let line = "\(index) " + String(repeating: "x", count: 50) + "\n"
                let input = [UInt8](repeating: UInt8(index), count: 100_000)
                let executor = executor([
                    { program in
                        for _ in 0..<200 { program.write(line, to: program.stdout) }
                        program.write(program.readToEnd(), to: program.stderr)
                        return .exit(UInt8(index))
                    }
                ])
                let plan = try plan()
                group.addTask {
                    let outcome = await executor.execute(plan, input: .bytes(input), sink: sink)
                    #expect(outcome.status == .exited(UInt8(index)))
                    #expect(self.output(sink.events, of: .stdout) == Array(String(repeating: line, count: 200).utf8))
                    #expect(self.output(sink.events, of: .stderr) == input)
                    self.check(sink.events)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("samples that come while nobody reads do not pile up; the newest one is told")
    func samples() async throws {
        let held = HoldingSink(room: 0, on: reactor)
        let plan = try plan()
        let executor = executor([
            { program in
                for index in 1...500 {
                    var usage = Usage()
                    usage.cpu = Int64(index) * 1_000_000
                    program.sandbox.tell(.usage(usage))
                    if index % 50 == 0 { usleep(1000) }
                }
                program.write("x", to: program.stdout)
                return .exit(0)
            }
        ])
        let control = RunControl()
        async let outcome = executor.execute(plan, control: control, sink: held)
        // By then all samples have come, and its output is waited for.
        #expect(await eventually { control.standing.stage == .draining })
        #expect(held.isHolding && held.events.last?.kind.isTerminal == false)
        held.letGo()
        #expect(await outcome.verdict == .ok)
        let samples = held.events.compactMap { event -> Int64? in
            if case .resource(let cpu, _, _, _) = event.kind { return Int64(cpu) }
            return nil
        }
        #expect(samples == [500])
        check(held.events)
    }

    @Test("what a compile step wrote is replayed as fast as there is room for it, and before the program's output")
    func replay() async throws {
        let cache = CompileFixture.cache()
        let lines = (0..<20).map { "warning \($0) " + String(repeating: "w", count: 1000) + "\n" }
        let compiler: ScriptedSandbox.Body = { program in
            for line in lines {
                program.write(line, to: program.stderr)
                usleep(2000)
            }
            CompileFixture.leave("main", [7], of: program)
            return .exit(0)
        }
        let first = executor([compiler, CompileFixture.program], cache: cache)
        #expect(await first.execute(try CompileFixture.plan(), sink: RecordingSink()).verdict == .nonzeroExit)

        let held = HoldingSink(room: 1, on: reactor)
        let plan = try CompileFixture.plan()
        let second = executor([CompileFixture.program], cache: cache)
        async let outcome = second.execute(plan, sink: held)
        #expect(await eventually { held.isHolding })
        #expect(held.events.count < 2 + lines.count, "there is more to come")
        held.letGo()
        let ended = await outcome
        #expect(ended.steps.first?.warm == .cached)
        #expect(ended.status == .exited(3))
        #expect(output(held.events) == Array((lines.joined() + "ran").utf8))
        check(held.events)
    }

    @Test("many runs that are cancelled at the same time all end in order")
    func cancellation() async throws {
        let count = 20
        let started = Atomic<Int>(0)
        let sinks = (0..<count).map { _ in RecordingSink() }
        let controls = (0..<count).map { _ in RunControl() }
        try await withThrowingTaskGroup(of: Verdict.self) { group in
            for (sink, control) in zip(sinks, controls) {
                let executor = executor([
                    { program in
                        started.add(1, ordering: .relaxed)
                        program.waitForKill()
                        return .exit(0)
                    }
                ])
                let plan = try plan()
                group.addTask { await executor.execute(plan, control: control, sink: sink).verdict }
            }
            #expect(await eventually { started.load(ordering: .relaxed) == count })
            for control in controls { control.cancel() }
            for try await verdict in group { #expect(verdict == .cancelled) }
        }
        for sink in sinks { check(sink.events) }
    }

    @Test("steps and runs in a row, whose descriptors have the same numbers, are each read to their end")
    func reusedNumbers() async throws {
        for round in 0..<30 {
            let sink = RecordingSink()
            let executor = executor([
                CompileFixture.compiler,
                { program in
                    program.write("round \(round)", to: program.stdout)
                    return .exit(0)
                },
            ])
            var plan = try CompileFixture.plan()
            plan.cacheScope = nil
            #expect(await executor.execute(plan, sink: sink).verdict == .ok)
            #expect(sink.output == Array((CompileFixture.warnings + "round \(round)").utf8))
            check(sink.events)
        }
    }

    @Test("a sandbox that is given up while it writes ends its run, and the next one goes on")
    func givenUp() async throws {
        let isOver = Mutex(false)
        let source = ScriptedSource({ program in
            while !isOver.withLock({ $0 }) { program.write("more ", to: program.stdout) }
            return .exit(0)
        })
        let executor = RunExecutor(source: source, reactor: reactor)
        let sink = RecordingSink()
        let plan = try plan(output: 1_000_000_000)
        async let outcome = executor.execute(plan, sink: sink)
        #expect(await eventually { sink.output.count > 100_000 })
        source.sandboxes.first?.giveUp(StageFailure(stage: "kill", errno: 0))
        // Its pipe is not at its end, and is given up after some silence, or in any case after ten seconds.
        isOver.withLock { $0 = true }
        #expect(await outcome.verdict == .internalError)
        check(sink.events)
        let next = RecordingSink()
        #expect(await self.executor([CompileFixture.program]).execute(try self.plan(), sink: next).status == .exited(3))
        #expect(next.output == Array("ran".utf8))
    }

    @Test("whoever is told of the end of a run may block, and holds up no other run")
    func blockedEnd() async throws {
        let gate = Gate()
        let isTold = Atomic<Bool>(false)
        let log = RunEventEmitter(runID: RunID(), sink: RecordingSink(), now: { monotonicNow() }, onSinkGone: {})
        let run = AcceptedRun(plan: try plan(), control: RunControl(), log: log)
        executor([CompileFixture.program]).begin(run) { [reactor] _ in
            #expect(!reactor.isCurrent)
            isTold.store(true, ordering: .relaxed)
            gate.wait()
        }
        #expect(await eventually { isTold.load(ordering: .relaxed) })
        let sink = RecordingSink()
        #expect(await executor([CompileFixture.program]).execute(try plan(), sink: sink).status == .exited(3))
        gate.open()
    }
}
