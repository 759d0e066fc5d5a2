import Glibc
import RunModel
import SandboxSpec
import Testing

@testable import nestbox

@Suite struct RunExitTests {
    private func status(_ outcome: RunOutcome) -> Int32 {
        RunExit.status(of: outcome)
    }

    @Test func everyVerdictHasItsStatus() {
        #expect(status(.init(verdict: .ok, status: .exited(0))) == 0)
        #expect(status(.init(verdict: .nonzeroExit, status: .exited(3))) == 3)
        #expect(status(.init(verdict: .nonzeroExit, status: .exited(255))) == 255)
        #expect(status(.init(verdict: .signaled, status: .signaled(11))) == 139)
        #expect(status(.init(verdict: .compileError, status: .exited(1))) == 126)
        #expect(status(.init(verdict: .cancelled)) == 130)
        #expect(status(.init(verdict: .internalError)) == 125)
        #expect(status(.init(verdict: .syscallDenied, status: .signaled(31))) == 159)
        // A verdict without the evidence it stands for is our error, never a success.
        #expect(status(.init(verdict: .ok)) == 125)
        for verdict: Verdict in [.cpuLimit, .wallLimit, .idleLimit, .memoryLimit, .outputLimit, .diskLimit] {
            #expect(status(.init(verdict: verdict, status: .signaled(9))) == 124)
        }
    }

    @Test func theSummaryIsOneLine() {
        var outcome = RunOutcome(verdict: .ok, status: .exited(0))
        var usage = Usage()
        usage.cpu = 12_000_000
        usage.wall = 20_400_000
        usage.memoryPeak = 9_542_041
        outcome.usage = UsageReport(usage)
        outcome.steps = [StepReport(step: .run, warm: .cold, verdict: .ok, status: .exited(0), usage: outcome.usage)]
        #expect(Summary.line(outcome, warm: .cold) == "nestbox: ok · cpu 12 ms · wall 20 ms · peak 9.1 MiB · cold")
        outcome.verdict = .cpuLimit
        outcome.limit = LimitReport(LimitHit(name: .cpu, used: 2_003_000_000, allowed: 2_000_000_000), in: .run)
        outcome.truncated = true
        #expect(
            Summary.line(outcome, warm: nil)
                == "nestbox: cpu_limit (2003 ms of 2000 ms) · cpu 12 ms · wall 20 ms · peak 9.1 MiB "
                + "· output cut off")
        #expect(
            Summary.line(RunOutcome(verdict: .signaled, status: .signaled(11)), warm: nil)
                == "nestbox: signaled (11, SIGSEGV)")
        let memory = LimitReport(LimitHit(name: .memory, used: 512 << 20, allowed: 512 << 20), in: .compile)
        let compiler = RunOutcome(verdict: .compileError, status: .signaled(9), limit: memory)
        #expect(
            Summary.line(compiler, warm: nil)
                == "nestbox: compile_error (signal 9, memory 512.0 MiB of 512.0 MiB)")
        #expect(RunExit.status(of: compiler) == 126)
        let file = LimitReport(LimitHit(name: .fileSize, used: 1024, allowed: 1024), in: .run)
        #expect(
            Summary.line(RunOutcome(verdict: .nonzeroExit, status: .exited(1), limit: file), warm: nil)
                == "nestbox: nonzero_exit (1, file_size 1.0 KiB of 1.0 KiB)")
    }
}
