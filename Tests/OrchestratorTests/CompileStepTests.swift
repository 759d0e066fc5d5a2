import Glibc
import LinuxSystem
import Orchestrator
import RunModel
import SandboxSpec
import Testing
import WardenClient
import WardenProtocol

@Suite struct CompileStepTests {
    private func plan() throws -> RunPlan {
        let limits = try Limits { $0 == .disk ? 1_048_576 : $0.range.upperBound }
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
        let ending = await RunExecutor(source: source).execute(try plan(), sink: sink)
        #expect(ending.verdict == .ok)
        #expect(ending.steps.map(\.step) == [.compile, .run])
        #expect(sink.output == Array("warning: hm\nhello".utf8))
        let second = try #require(source.sandboxes.last)
        #expect(second.uploads == ["main.c": [1], "main": [9, 8, 7]])
        #expect(ending.artifacts.files.isEmpty)
    }

    @Test func aFailedCompilerIsACompileErrorAndNothingRuns() async throws {
        let source = ScriptedSource(
            { program in
                program.write("main.c:1: no", to: program.stderr)
                return .exit(1)
            }, { _ in .exit(0) })
        let sink = RecordingSink()
        let ending = await RunExecutor(source: source).execute(try plan(), sink: sink)
        #expect(ending.verdict == .compileError)
        #expect(ending.status == .exited(1))
        #expect(ending.steps.map(\.verdict) == [.compileError])
        #expect(source.sandboxes.count == 1)
    }

    @Test func aLimitInTheCompileStepKeepsItsOwnVerdict() async throws {
        let source = ScriptedSource(
            { _ in
                Outcome(
                    verdict: .memoryLimit, status: .signaled(9), limit: LimitHit(name: .memory, used: 2, allowed: 1),
                    usage: Usage())
            }, { _ in .exit(0) })
        let sink = RecordingSink()
        let ending = await RunExecutor(source: source).execute(try plan(), sink: sink)
        #expect(ending.verdict == .memoryLimit)
        #expect(ending.steps.map(\.step) == [.compile])
        #expect(ending.limit?.name == "memory")
    }

    @Test func aCompilerThatLeavesNothingIsACompileError() async throws {
        let source = ScriptedSource({ _ in .exit(0) }, { _ in .exit(0) })
        let sink = RecordingSink()
        let ending = await RunExecutor(source: source).execute(try plan(), sink: sink)
        #expect(ending.verdict == .compileError)
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
                Outcome(
                    verdict: .internalError, usage: Usage(),
                    failure: StageFailure(stage: "exec", errno: number, object: "./main"))
            })
        let sink = RecordingSink()
        let ending = await RunExecutor(source: source).execute(try plan(), sink: sink)
        #expect(ending.verdict == .compileError)
        #expect(ending.steps.map(\.verdict) == [.ok, .compileError])
        let errors = sink.events.compactMap { if case .error(let error) = $0.kind { error } else { nil } }
        #expect(errors.map(\.code) == [.programNotFound])
        #expect(errors.first?.message.contains("./main") == true)
        #expect(errors.first?.retryable == false)
    }
}
