import Glibc
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

/// Has one sandbox parked, and makes others.
private final class ParkedSource: SandboxSource {
    private let parked: Mutex<ScriptedSandbox?>

    init(_ sandbox: ScriptedSandbox) {
        parked = Mutex(sandbox)
    }

    func claim(_ spec: SandboxSpec) -> SandboxLease? {
        parked.withLock { $0.take() }.map { SandboxLease(sandbox: $0, warmth: .fork) }
    }

    func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        #expect(spec.preparation == .none)
        do {
            let sandbox = try ScriptedSandbox { program in
                program.write("made", to: program.stdout)
                return .exit(0)
            }
            return SandboxLease(sandbox: sandbox, warmth: .cold)
        } catch {
            throw APIError(.internalError, "\(error)")
        }
    }
}

@Suite struct RunExecutorTests {
    private func step(
        _ name: StepName = .run, output: Int64 = 1_000_000, disk: Int64 = 1_048_576, idle: Int64 = 60_000_000_000
    ) throws -> RunPlan.Step {
        let limits = try Limits {
            switch $0 {
            case .output: output
            case .disk: disk
            case .idle: idle
            default: $0.range.upperBound
            }
        }
        let spec = SandboxSpec(root: .host, limits: limits, warnAt: 80, network: .none, syscalls: ["read"])
        let artifacts = ArtifactRequest(patterns: name == .compile ? ["main"] : [])
        return RunPlan.Step(name: name, spec: spec, job: Job(arguments: ["x"], environment: [], artifacts: artifacts))
    }

    private func plan(_ steps: RunPlan.Step..., source: String = "print(1)") throws -> RunPlan {
        RunPlan(
            runID: RunID(),
            files: [RunPlan.File(path: try BoxPath("main.py"), content: Array(source.utf8), executable: false)],
            steps: steps)
    }

    private func check(_ sink: RecordingSink) {
        #expect(sink.events.map(\.sequence) == Array(0..<Int64(sink.events.count)))
        #expect(zip(sink.events, sink.events.dropFirst()).allSatisfy { $0.at <= $1.at })
        #expect(sink.events.filter(\.kind.isTerminal).count == 1)
        #expect(sink.events.last?.kind.isTerminal == true)
    }

    @Test func bytesGoBothWaysAndEndInOneVerdict() async throws {
        let source = ScriptedSource({ program in
            let input = program.readToEnd()
            program.write(input, to: program.stdout)
            program.write("héllo", to: program.stderr)
            return .exit(7)
        })
        let sink = RecordingSink()
        let input: [UInt8] = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let outcome = await RunExecutor(source: source).execute(
            try plan(try step()), input: .bytes(input), sink: sink)
        #expect(outcome.verdict == .nonzeroExit)
        #expect(outcome.status == .exited(7))
        #expect(outcome.truncated == false)
        #expect(sink.output == input + Array("héllo".utf8))
        #expect(source.sandboxes.first?.uploads["main.py"] == Array("print(1)".utf8))
        check(sink)
        guard case .accepted = sink.events.first?.kind, case .started(.run, .cold, _) = sink.events[1].kind else {
            Issue.record("the run does not begin with accepted and started")
            return
        }
    }

    @Test func aParkedSandboxIsStartedByWhoeverBeginsTheRun() async throws {
        let started = Gate()
        let sandbox = try ScriptedSandbox { program in
            started.wait()
            program.write("from \(program.job.files.count) file", to: program.stdout)
            return .exit(0)
        }
        let source = ParkedSource(sandbox)
        let sink = RecordingSink()
        let outcome = await withCheckedContinuation { continuation in
            let log = RunEventEmitter(runID: RunID(), sink: sink, now: { monotonicNow() }, onSinkGone: {})
            do {
                let run = AcceptedRun(plan: try plan(try step()), control: RunControl(), log: log)
                RunExecutor(source: source).begin(run) { continuation.resume(returning: $0) }
            } catch {
                Issue.record(error)
            }
            #expect(sandbox.uploads["main.py"] == Array("print(1)".utf8), "it has been sent when `begin` returns")
            started.open()
        }
        #expect(outcome.verdict == .ok && outcome.warm == .fork)
        #expect(sink.output == Array("from 1 file".utf8))
        check(sink)
    }

    @Test func aClaimedSandboxThatIsDeadIsReplaced() async throws {
        let sink = RecordingSink()
        let died = SandboxOutcome(
            verdict: .internalError, usage: Usage(), failure: StageFailure(stage: "init_died", errno: 0))
        let source = ParkedSource(try ScriptedSandbox(tellsStart: false) { _ in died })
        let outcome = await RunExecutor(source: source).execute(try plan(try step()), sink: sink)
        #expect(outcome.verdict == .ok && outcome.warm == .cold)
        #expect(sink.output == Array("made".utf8))
        check(sink)
    }

    @Test func endOfInputIsPassedOnFromADescriptor() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let reader = SharedDescriptor(OwnedDescriptor(owning: ends[0]))
        _ = Glibc.write(ends[1], "abc", 3)
        close(ends[1])
        let sink = RecordingSink()
        let source = ScriptedSource({ program in
            program.write(program.readToEnd(), to: program.stdout)
            return .exit(0)
        })
        let outcome = await RunExecutor(source: source).execute(
            try plan(try step()), input: .descriptor(reader), sink: sink)
        #expect(outcome.verdict == .ok)
        #expect(sink.output == Array("abc".utf8))
    }

    @Test func outputOverTheLimitIsCutThereAndEndsTheProgram() async throws {
        let sink = RecordingSink()
        let source = ScriptedSource({ program in
            for _ in 0..<100 where program.sandbox.killed == nil {
                program.write([UInt8](repeating: 0x61, count: 1000), to: program.stdout)
            }
            program.waitForKill()
            return .exit(0)
        })
        let outcome = await RunExecutor(source: source).execute(try plan(try step(output: 2500)), sink: sink)
        #expect(outcome.verdict == .outputLimit)
        #expect(outcome.truncated)
        #expect(sink.output == [UInt8](repeating: 0x61, count: 2500))
        guard case .output(let bytes)? = source.sandboxes.first?.killed else {
            Issue.record("the sandbox was not ended for its output")
            return
        }
        #expect(bytes > 2500)
        #expect(outcome.limit == LimitReport(LimitHit(name: .output, used: bytes, allowed: 2500), in: .run))
        check(sink)
    }

    @Test func outputNearItsLimitIsWarnedOfOnce() async throws {
        let sink = RecordingSink()
        let source = ScriptedSource({ program in
            for _ in 0..<10 {
                program.write([UInt8](repeating: 0x61, count: 95), to: program.stdout)
                usleep(1000)
            }
            return .exit(0)
        })
        let outcome = await RunExecutor(source: source).execute(try plan(try step(output: 1000)), sink: sink)
        #expect(outcome.verdict == .ok)
        let warnings = sink.events.filter { if case .warning("output", _, _) = $0.kind { true } else { false } }
        #expect(warnings.count == 1)
    }

    @Test func exactlyTheLimitIsFine() async throws {
        let sink = RecordingSink()
        let source = ScriptedSource({ program in
            program.write([UInt8](repeating: 0x61, count: 2500), to: program.stdout)
            return .exit(0)
        })
        let outcome = await RunExecutor(source: source).execute(try plan(try step(output: 2500)), sink: sink)
        #expect(outcome.verdict == .ok)
        #expect(!outcome.truncated)
        #expect(sink.output.count == 2500)
    }

    @Test func aProgramThatEndedBeforeTheKillStillHitItsOutputLimit() async throws {
        let sink = RecordingSink()
        // Ends at once; what it wrote is read after its end.
        let source = ScriptedSource({ program in
            program.write([UInt8](repeating: 0x61, count: 5000), to: program.stdout)
            return .exit(0)
        })
        let outcome = await RunExecutor(source: source).execute(try plan(try step(output: 100)), sink: sink)
        #expect(outcome.verdict == .outputLimit)
        #expect(outcome.truncated)
        #expect(sink.output.count == 100)
    }

    @Test func cancellingEndsTheSandboxAndTheRun() async throws {
        let control = RunControl()
        let sink = RecordingSink()
        let source = ScriptedSource({ program in
            control.signal(15)
            control.resize(TerminalSize(rows: 3, columns: 4))
            control.cancel()
            program.waitForKill()
            return .exit(0)
        })
        let outcome = await RunExecutor(source: source).execute(try plan(try step()), control: control, sink: sink)
        #expect(outcome.verdict == .cancelled)
        #expect(source.sandboxes.first?.signals == [15])
        #expect(source.sandboxes.first?.sizes == [TerminalSize(rows: 3, columns: 4)])
        check(sink)
    }

    @Test func aRunCancelledBeforehandNeedsNoSandbox() async throws {
        let control = RunControl()
        control.cancel()
        let sink = RecordingSink()
        let source = ScriptedSource({ _ in .exit(0) })
        let outcome = await RunExecutor(source: source).execute(try plan(try step()), control: control, sink: sink)
        #expect(outcome.verdict == .cancelled)
        #expect(source.sandboxes.isEmpty)
        check(sink)
    }

    @Test func cancellingTheTaskCancelsTheRun() async throws {
        let sink = RecordingSink()
        let source = ScriptedSource({ program in
            program.waitForKill()
            return .exit(0)
        })
        let plan = try plan(try step())
        let task = Task { await RunExecutor(source: source).execute(plan, sink: sink) }
        task.cancel()
        #expect(await task.value.verdict == .cancelled)
        check(sink)
    }

    @Test func nobodyListeningCancelsTheRun() async throws {
        let sink = RecordingSink(limit: 3)
        let source = ScriptedSource({ program in
            program.write("x", to: program.stdout)
            program.waitForKill()
            return .exit(0)
        })
        let outcome = await RunExecutor(source: source).execute(try plan(try step()), sink: sink)
        #expect(outcome.verdict == .cancelled)
        #expect(sink.events.count == 3)
    }

    @Test func noSandboxIsAnInternalErrorWithItsReason() async throws {
        let sink = RecordingSink()
        let failure = APIError(.wardenUnavailable, "the warden is gone", retryable: true)
        let outcome = await RunExecutor(source: ScriptedSource(failure: failure)).execute(
            try plan(try step()), sink: sink)
        #expect(outcome.verdict == .internalError)
        #expect(sink.events.contains { $0.kind == .error(failure) })
        check(sink)
    }

    @Test func aFailedStageIsNamed() async throws {
        let sink = RecordingSink()
        let source = ScriptedSource({ _ in
            SandboxOutcome(
                verdict: .internalError, usage: Usage(),
                failure: StageFailure(stage: "mount_proc", errno: EPERM, object: "/proc"))
        })
        let outcome = await RunExecutor(source: source).execute(try plan(try step()), sink: sink)
        #expect(outcome.verdict == .internalError)
        let errors = sink.events.compactMap { if case .error(let error) = $0.kind { error } else { nil } }
        #expect(errors.count == 1)
        #expect(errors.first?.message.contains("mount_proc") == true)
        #expect(errors.first?.message.contains("EPERM") == true)
        #expect(errors.first?.retryable == true)
    }

    @Test func aMissingProgramIsNotRetryable() async throws {
        let sink = RecordingSink()
        let source = ScriptedSource({ _ in
            SandboxOutcome(
                verdict: .internalError, usage: Usage(),
                failure: StageFailure(stage: "exec", errno: ENOENT, object: "x"))
        })
        _ = await RunExecutor(source: source).execute(try plan(try step()), sink: sink)
        let errors = sink.events.compactMap { if case .error(let error) = $0.kind { error } else { nil } }
        #expect(errors.first?.code == .programNotFound)
        #expect(errors.first?.retryable == false)
    }

    @Test func filesThatDoNotFitAreADiskLimit() async throws {
        let sink = RecordingSink()
        let source = ScriptedSource({ _ in .exit(0) })
        let plan = try plan(try step(disk: 65_536), source: String(repeating: "x", count: 70_000))
        let outcome = await RunExecutor(source: source).execute(plan, sink: sink)
        #expect(outcome.verdict == .diskLimit)
        #expect(outcome.limit?.name == "disk")
        #expect(source.sandboxes.isEmpty)
    }

    @Test func activityIsHintedSparinglyButNeverForgotten() async throws {
        let sink = RecordingSink()
        // An eighth of 400 ms is 50 ms: a hundred writes within 30 ms make one hint, or two.
        let source = ScriptedSource({ program in
            for _ in 0..<100 {
                program.write("x", to: program.stdout)
                usleep(300)
            }
            let deadline = monotonicNow() + 5_000_000_000
            while program.sandbox.hints == 0, monotonicNow() < deadline { usleep(500) }
            return .exit(0)
        })
        _ = await RunExecutor(source: source).execute(try plan(try step(idle: 400_000_000)), sink: sink)
        let hints = try #require(source.sandboxes.first).hints
        #expect((1...20).contains(hints))
    }
}
