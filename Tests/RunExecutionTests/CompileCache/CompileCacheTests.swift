import Glibc
import RunModel
import RunPlanning
import RunTestSupport
import SandboxSpec
import Testing
import WardenClient
import WardenProtocol

@testable import RunExecution

@Suite("Compile cache")
struct CompileCacheTests {
    private let cache = CompileFixture.cache()

    private func execute(
        _ plan: RunPlan, _ source: ScriptedSource, cache: CompileCache? = nil, control: RunControl = RunControl()
    ) async -> (outcome: RunOutcome, sink: RecordingSink) {
        let sink = RecordingSink()
        let outcome = await RunExecutor(source: source, cache: cache ?? self.cache).execute(
            plan, control: control, sink: sink)
        return (outcome, sink)
    }

    /// What happened, without how warm and how costly it was.
    private func story(_ sink: RecordingSink) -> [RunEvent.Kind] {
        sink.events.map { event in
            switch event.kind {
            case .started(let step, _, let limits): return .started(step: step, warm: .cold, limits: limits)
            case .finished(var outcome):
                outcome.usage = UsageReport()
                for index in outcome.steps.indices {
                    outcome.steps[index].warm = .cold
                    outcome.steps[index].usage = UsageReport()
                }
                return .finished(outcome)
            case let kind: return kind
            }
        }
    }

    private func warmths(_ sink: RecordingSink) -> [WarmStart] {
        sink.events.compactMap { if case .started(_, let warm, _) = $0.kind { warm } else { nil } }
    }

    @Test("The second identical submission runs no compiler, and tells the same byte for byte")
    func hit() async throws {
        let noisy: ScriptedSandbox.Body = { program in
            program.write("one\n", to: program.stderr)
            usleep(5000)
            program.write([0xff, 0xfe, 0x0a], to: program.stdout)
            usleep(5000)
            return CompileFixture.compiler(program)
        }
        let source = ScriptedSource(noisy, CompileFixture.program, CompileFixture.program)
        let first = await execute(try CompileFixture.plan(), source)
        let second = await execute(try CompileFixture.plan(), source)
        #expect(source.sandboxes.count == 3)
        #expect(story(first.sink) == story(second.sink))
        #expect(first.sink.output == second.sink.output)
        #expect(warmths(first.sink) == [.cold, .cold])
        #expect(warmths(second.sink) == [.cached, .cold])
        #expect(second.outcome.steps.map(\.warm) == [.cached, .cold])
        #expect(second.outcome.steps.first?.usage == UsageReport())
        #expect(second.outcome.verdict == .nonzeroExit)
        let uploads = source.sandboxes.dropFirst().map(\.uploads)
        #expect(uploads == [["main.c": Array("int main;".utf8), "main": [7, 7, 7]]] + uploads.suffix(1))
        #expect(uploads.first == uploads.last)
        #expect(second.sink.events.map(\.sequence) == Array(0..<Int64(second.sink.events.count)))
        let counts = cache.counts
        #expect([counts.hits, counts.misses, Int64(counts.entries)] == [1, 1, 1])
        #expect(counts.bytes > 0)
    }

    @Test("The product keeps its executable bit")
    func executable() async throws {
        let source = ScriptedSource(CompileFixture.compiler, CompileFixture.program, CompileFixture.program)
        _ = await execute(try CompileFixture.plan(), source)
        _ = await execute(try CompileFixture.plan(), source)
        #expect(source.sandboxes.last?.executables == ["main"])
    }

    @Test("Another flag, source, name, bit, image or owner compiles")
    func differences() async throws {
        let others = [
            try CompileFixture.plan(), try CompileFixture.plan(cc: ["cc", "-O3"]),
            try CompileFixture.plan(source: "int main ;"), try CompileFixture.plan(path: "other.c"),
            try CompileFixture.plan(executable: true), try CompileFixture.plan(root: .tree("/roots/two")),
            try CompileFixture.plan(scope: "somebody else"),
        ]
        for plan in others {
            let source = ScriptedSource(CompileFixture.compiler, CompileFixture.program)
            #expect(await execute(plan, source).sink.events.count > 3)
            #expect(source.sandboxes.count == 2)
        }
        #expect(cache.counts.misses == Int64(others.count))
        #expect(cache.counts.entries == others.count)
    }

    @Test("Off compiles, and neither takes nor keeps; so does a service without a cache")
    func off() async throws {
        let bodies = [CompileFixture.compiler, CompileFixture.program]
        for scope in [nil, "somebody", nil] {
            let source = ScriptedSource(bodies[0], bodies[1])
            let run = await execute(try CompileFixture.plan(scope: scope), source)
            #expect(warmths(run.sink) == [.cold, .cold])
        }
        #expect(cache.counts.misses == 1)
        #expect(cache.counts.hits == 0)
        let source = ScriptedSource(bodies[0], bodies[1], bodies[0], bodies[1])
        for _ in 0..<2 {
            _ = await RunExecutor(source: source).execute(try CompileFixture.plan(), sink: RecordingSink())
        }
        #expect(source.sandboxes.count == 4)
    }

    @Test("Roots that may change unnoticed, and programs that ask for the time, are always compiled")
    func uncertain() async throws {
        let blind = CompileCache(bounds: .init(bytes: 1_000_000), stamp: { _ in nil })
        let source = ScriptedSource(
            CompileFixture.compiler, CompileFixture.program, CompileFixture.compiler, CompileFixture.program)
        for _ in 0..<2 { _ = await execute(try CompileFixture.plan(), source, cache: blind) }
        #expect(source.sandboxes.count == 4)
        let clock = try CompileFixture.plan(source: "char *when = __TIME__;")
        let again = ScriptedSource(
            CompileFixture.compiler, CompileFixture.program, CompileFixture.compiler, CompileFixture.program)
        for _ in 0..<2 { _ = await execute(clock, again) }
        #expect(again.sandboxes.count == 4)
        #expect(cache.counts == CompileCache.Counts())
    }

    @Test("No failure is kept: errors, signals, limits, missing products")
    func failures() async throws {
        let bodies: [ScriptedSandbox.Body] = [
            { program in
                CompileFixture.leave("main", [1], of: program)
                return .exit(1)
            },
            { program in
                CompileFixture.leave("main", [1], of: program)
                return SandboxOutcome(verdict: .signaled, status: .signaled(11), usage: Usage())
            },
            { program in
                CompileFixture.leave("main", [1], of: program)
                return SandboxOutcome(
                    verdict: .memoryLimit, status: .exited(0), limit: LimitHit(name: .memory, used: 2, allowed: 1),
                    usage: Usage())
            },
            { _ in .exit(0) },
        ]
        for (index, body) in bodies.enumerated() {
            let source = ScriptedSource(body, body)
            for _ in 0..<2 {
                let run = await execute(try CompileFixture.plan(), source)
                #expect(run.outcome.verdict != .ok && run.outcome.steps.count == 1, "\(index)")
            }
            #expect(source.sandboxes.count == 2, "\(index)")
        }
        #expect(cache.counts.entries == 0)
    }

    @Test("A success whose output was cut is not kept")
    func cutOutput() async throws {
        let wordy: ScriptedSandbox.Body = { program in
            CompileFixture.leave("main", [1], of: program)
            program.write([UInt8](repeating: 0x61, count: 100_001), to: program.stdout)
            return .exit(0)
        }
        let source = ScriptedSource(wordy, CompileFixture.program, wordy, CompileFixture.program)
        for _ in 0..<2 {
            let run = await execute(try CompileFixture.plan(), source)
            #expect(run.outcome.status == .exited(3) && run.outcome.truncated && run.outcome.steps.count == 2)
        }
        #expect(source.sandboxes.count == 4 && cache.counts.entries == 0)
    }

    @Test("A compiler that was sent a signal leaves nothing to others, though it succeeded")
    func signalled() async throws {
        let control = RunControl()
        let source = ScriptedSource(
            { program in
                control.signal(10)
                return CompileFixture.compiler(program)
            }, CompileFixture.program)
        let run = await execute(try CompileFixture.plan(), source, control: control)
        #expect(run.outcome.steps.count == 2)
        #expect(cache.counts.entries == 0)
    }

    @Test("A run that was cancelled beforehand is told nothing")
    func cancelled() async throws {
        let source = ScriptedSource(CompileFixture.compiler, CompileFixture.program)
        _ = await execute(try CompileFixture.plan(), source)
        let control = RunControl()
        control.cancel()
        let run = await execute(try CompileFixture.plan(), source, control: control)
        #expect(run.outcome.verdict == .cancelled)
        #expect(run.sink.events.map(\.kind.name) == ["accepted", "finished"])
        #expect(cache.counts.hits == 0)
    }

    @Test("Whoever stops listening to what is replayed ends the run")
    func deaf() async throws {
        let source = ScriptedSource(CompileFixture.compiler, CompileFixture.program)
        _ = await execute(try CompileFixture.plan(), source)
        let again = ScriptedSource({ program in
            program.waitForKill()
            return .exit(0)
        })
        let outcome = await RunExecutor(source: again, cache: cache).execute(
            try CompileFixture.plan(), sink: RecordingSink(limit: 3))
        #expect(outcome.verdict == .cancelled)
    }

    @Test("One result takes at most a quarter; what is used least recently makes room")
    func bounds() async throws {
        let small = CompileFixture.cache(bytes: 100_000)
        func product(_ bytes: Int) -> ScriptedSandbox.Body {
            { program in
                CompileFixture.leave("main", [UInt8](repeating: 1, count: bytes), of: program)
                return .exit(0)
            }
        }
        func compile(_ name: String, _ bytes: Int) async throws -> Int {
            let source = ScriptedSource(product(bytes), CompileFixture.program)
            _ = await execute(try CompileFixture.plan(source: name), source, cache: small)
            return source.sandboxes.count
        }
        #expect(try await compile("huge", 30_000) == 2)
        #expect(small.counts.entries == 0)
        for name in ["a", "b", "c", "d"] { #expect(try await compile(name, 20_000) == 2) }
        #expect(small.counts.entries == 4)
        // A hit takes the program's place in the script: one sandbox, whatever it does.
        #expect(try await compile("a", 20_000) == 1)
        #expect(try await compile("e", 20_000) == 2)
        #expect(try await compile("b", 20_000) == 2)
        #expect(try await compile("a", 20_000) == 1)
        #expect(small.counts.bytes <= 100_000)
    }

    @Test("The same from many at once: all succeed, one result stays")
    func concurrent() async throws {
        let plan = try CompileFixture.plan()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let source = ScriptedSource(CompileFixture.compiler, CompileFixture.program)
                    let run = await execute(plan, source)
                    // Whether the first sandbox was the compiler's or the program's, something ran to its end.
                    return run.outcome.steps.count == 2
                }
            }
            for await isComplete in group { #expect(isComplete) }
        }
        #expect(cache.counts.entries == 1)
        #expect(cache.counts.hits + cache.counts.misses == 8)
    }
}
