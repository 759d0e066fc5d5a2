import Glibc
import LinuxSystem
import RunExecution
import RunModel
import RunPlanning
import RunTestSupport
import SandboxSpec
import Testing
import WardenClient
import WardenProtocol

@Suite struct CompileStepTests {
    private func plan(output: Int64 = 1_048_576) throws -> RunPlan {
        let limits = try Limits { $0 == .disk ? 1_048_576 : $0 == .output ? output : $0.range.upperBound }
        let spec = SandboxSpec(root: .host, limits: limits, warnAt: 80, network: .none, syscalls: ["read"])
        let compile = Job(arguments: ["cc"], environment: [], artifacts: ArtifactRequest(patterns: ["main"]))
        let run = Job(arguments: ["./main"], environment: [])
        return RunPlan(
            runID: RunID(),
            files: [RunPlan.File(path: try BoxPath("main.c"), content: [1], executable: false)],
            steps: [
                RunPlan.Step(name: .compile, spec: spec, job: compile),
                RunPlan.Step(name: .run, spec: spec, job: run),
            ])
    }

    private static func product(_ program: ScriptedSandbox.Program, _ content: [UInt8]) {
        let file = memfd(content, mode: 0o755)
        guard let path = try? BoxPath("main") else { return }
        program.sandbox.tell(.artifact(path, bytes: Int64(content.count), SharedDescriptor(file)))
    }

    private static func memfd(_ content: [UInt8], mode: mode_t) -> OwnedDescriptor {
        var name = Array("/tmp/nestbox-test-XXXXXX\0".utf8CString.dropLast())
        let number = mkstemp(&name)
        unlink(name)
        _ = write(number, content, content.count)
        lseek(number, 0, SEEK_SET)
        fchmod(number, mode)
        return OwnedDescriptor(owning: number)
    }

    @Test func productsGoIntoTheSandboxOfTheRun() async throws {
        let source = ScriptedSource(
            { program in
                program.write("warning: hm\n", to: program.stderr)
                Self.product(program, [9, 8, 7])
                return .exit(0)
            },
            { program in
                program.write("hello", to: program.stdout)
                return .exit(0)
            })
        let sink = RecordingSink()
        let outcome = await RunExecutor(source: source).execute(try plan(), sink: sink)
        #expect(outcome.verdict == .ok)
        #expect(outcome.steps.map(\.step) == [.compile, .run])
        #expect(sink.output == Array("warning: hm\nhello".utf8))
        let second = try #require(source.sandboxes.last)
        #expect(second.uploads == ["main.c": [1], "main": [9, 8, 7]])
        #expect(outcome.artifacts.files.isEmpty)
    }

    @Test func aFailedCompilerIsACompileErrorAndNothingRuns() async throws {
        let source = ScriptedSource(
            { program in
                program.write("main.c:1: no", to: program.stderr)
                return .exit(1)
            }, { _ in .exit(0) })
        let sink = RecordingSink()
        let outcome = await RunExecutor(source: source).execute(try plan(), sink: sink)
        #expect(outcome.verdict == .compileError)
        #expect(outcome.status == .exited(1))
        #expect(outcome.steps.map(\.verdict) == [.compileError])
        #expect(source.sandboxes.count == 1)
    }

    @Test(arguments: [
        (Verdict.cpuLimit, LimitName.cpu), (.wallLimit, .wall), (.idleLimit, .idle), (.memoryLimit, .memory),
        (.diskLimit, .disk),
    ])
    func aLimitInTheCompileStepIsACompileErrorThatNamesIt(verdict: Verdict, name: LimitName) async throws {
        let source = ScriptedSource(
            { _ in
                SandboxOutcome(
                    verdict: verdict, status: .signaled(9), limit: LimitHit(name: name, used: 2, allowed: 1),
                    usage: Usage())
            }, { _ in .exit(0) })
        let sink = RecordingSink()
        let outcome = await RunExecutor(source: source).execute(try plan(), sink: sink)
        #expect(outcome.verdict == .compileError)
        #expect(outcome.steps.map(\.step) == [.compile] && outcome.steps.map(\.verdict) == [.compileError])
        #expect(outcome.limit?.name == name.rawValue && outcome.limit?.step == .compile)
    }

    @Test func aCompilerThatSaysTooMuchIsHeardOutAndCut() async throws {
        for (status, verdict) in [(0, Verdict.ok), (1, .compileError)] as [(UInt8, Verdict)] {
            let source = ScriptedSource(
                { program in
                    program.write([UInt8](repeating: 0x65, count: 3000), to: program.stderr)
                    Self.product(program, [9])
                    return .exit(status)
                }, { _ in .exit(0) })
            let sink = RecordingSink()
            let outcome = await RunExecutor(source: source).execute(try plan(output: 1000), sink: sink)
            #expect(outcome.verdict == verdict)
            #expect(source.sandboxes.first?.killed == nil)
            #expect(outcome.truncated)
            #expect(
                sink.output
                    == [UInt8](repeating: 0x65, count: 1000) + Array("\n[cut off: the first 1000 of 3000 bytes]\n".utf8)
            )
            #expect(outcome.limit?.name == (verdict == .ok ? nil : "output"))
            #expect(outcome.steps.count == (verdict == .ok ? 2 : 1))
        }
    }

    @Test func aSourceThatDoesNotFitIsACompileError() async throws {
        var plan = try plan()
        plan.files[0].content = [UInt8](repeating: 0, count: 1_048_577)
        let outcome = await RunExecutor(source: ScriptedSource({ _ in .exit(0) })).execute(plan, sink: RecordingSink())
        #expect(outcome.verdict == .compileError && outcome.limit?.name == "disk" && outcome.limit?.step == .compile)
    }

    @Test func aCompilerThatLeavesNothingIsACompileError() async throws {
        let source = ScriptedSource({ _ in .exit(0) }, { _ in .exit(0) })
        let sink = RecordingSink()
        let outcome = await RunExecutor(source: source).execute(try plan(), sink: sink)
        #expect(outcome.verdict == .compileError)
        #expect(
            sink.events.contains {
                if case .error(let error) = $0.kind { error.code == .programNotFound } else { false }
            })
    }

    @Test(arguments: [ENOENT, EACCES, ENOEXEC])
    func aProductThatIsNoProgramIsTheSourcesFault(number: Int32) async throws {
        let source = ScriptedSource(
            { program in
                Self.product(program, [9])
                return .exit(0)
            },
            { _ in
                SandboxOutcome(
                    verdict: .internalError, usage: Usage(),
                    failure: StageFailure(stage: "exec", errno: number, object: "./main"))
            })
        let sink = RecordingSink()
        let outcome = await RunExecutor(source: source).execute(try plan(), sink: sink)
        #expect(outcome.verdict == .compileError)
        #expect(outcome.steps.map(\.verdict) == [.ok, .compileError])
        let errors = sink.events.compactMap { if case .error(let error) = $0.kind { error } else { nil } }
        #expect(errors.map(\.code) == [.programNotFound])
        #expect(errors.first?.message.contains("./main") == true)
        #expect(errors.first?.retryable == false)
    }
}
