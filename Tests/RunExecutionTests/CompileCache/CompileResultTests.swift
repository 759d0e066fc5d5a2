import RunModel
import RunPlanning
import SandboxSpec
import Testing

@testable import RunExecution

@Suite("Results of compile steps")
struct CompileResultTests {
    private func end() throws -> StepOutcome {
        var usage = UsageReport()
        usage.cpuMilliseconds = 800
        var end = StepOutcome(verdict: .ok)
        end.report = StepReport(step: .compile, warm: .cold, verdict: .ok, status: .exited(0), usage: usage)
        end.products = [RunPlan.File(path: try BoxPath("main"), content: [1, 2], executable: true)]
        return end
    }

    @Test("Success is kept: as something that was there and used nothing")
    func success() throws {
        let chunk = OutputRecorder.Chunk(stream: .stderr, text: OutputText([0xff]))
        let result = try #require(CompileResult(try end(), [chunk]))
        #expect(result.products == (try end().products))
        #expect(result.output == [chunk])
        #expect(result.report.warm == .cached)
        #expect(result.report.usage == UsageReport())
        #expect(result.report.status == .exited(0))
    }

    @Test("Nothing else is")
    func others() throws {
        typealias Change = (inout StepOutcome) -> Void
        let changes: [Change] = [
            { $0.verdict = .compileError }, { $0.report?.verdict = .compileError }, { $0.report = nil },
            { $0.report?.status = .exited(1) }, { $0.report?.status = .signaled(9) }, { $0.report?.status = nil },
            { $0.limit = LimitReport(LimitHit(name: .memory, used: 2, allowed: 1), in: .compile) },
            { $0.truncated = true },
            { $0.error = APIError(.internalError, "x") }, { $0.artifacts.skip("a", because: "b") },
            { $0.products = [] }, { $0.verdict = .cancelled },
        ]
        for (index, change) in changes.enumerated() {
            var end = try end()
            change(&end)
            #expect(CompileResult(end, []) == nil, "change \(index)")
        }
        #expect(CompileResult(try end(), nil) == nil)
    }

    @Test("What is kept counts with all it holds")
    func bytes() throws {
        var end = try end()
        end.products[0].content = [UInt8](repeating: 1, count: 50_000)
        let text = OutputText([UInt8](repeating: 2, count: 30_000))
        let result = try #require(
            CompileResult(end, [OutputRecorder.Chunk(stream: .stdout, text: text)]))
        #expect((80_000..<100_000).contains(result.bytes))
    }

    @Test("Output is recorded in order, and all of it or none")
    func recorder() {
        let recorder = OutputRecorder()
        recorder.add(.stdout, OutputText([1]))
        recorder.add(.stderr, OutputText([2]))
        #expect(recorder.chunks?.map(\.stream) == [.stdout, .stderr])
        recorder.abandon()
        recorder.add(.stdout, OutputText([3]))
        #expect(recorder.chunks == nil)

        let large = OutputRecorder()
        let part = OutputText([UInt8](repeating: 0, count: OutputRecorder.maximumBytes / 2))
        large.add(.stdout, part)
        large.add(.stdout, part)
        #expect(large.chunks?.count == 2)
        large.add(.stdout, OutputText([1]))
        #expect(large.chunks == nil)

        let many = OutputRecorder()
        for _ in 0..<OutputRecorder.maximumChunks { many.add(.stdout, OutputText([1])) }
        #expect(many.chunks?.count == OutputRecorder.maximumChunks)
        many.add(.stdout, OutputText([1]))
        #expect(many.chunks == nil)
    }

    @Test(
        "Sources that ask for the time of compiling are found, wherever the name stands",
        arguments: ["__DATE__", "x __TIME__", "puts(__TIMESTAMP__);", "a\n\n__DATE__b"])
    func time(source: String) {
        #expect(TimeMacros.appear(in: Array(source.utf8)))
    }

    @Test("Others are not", arguments: ["", "_", "__DATE_", "__FILE__ DATE", "time(0)"])
    func noTime(source: String) {
        #expect(!TimeMacros.appear(in: Array(source.utf8)))
    }
}
