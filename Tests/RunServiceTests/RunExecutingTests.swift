import RunExecution
import RunModel
import RunPlanning
import SandboxSpec
import Synchronization
import Testing

@testable import RunService

/// Carries out no plan: keeps the runs it is given until the test ends them.
private final class ScriptedExecutor: RunExecuting {
    private typealias Begun = (run: AcceptedRun, whenDone: @Sendable (RunOutcome) -> Void)
    private let begun = Mutex<[Begun]>([])

    var runs: [AcceptedRun] { begun.withLock { $0.map(\.run) } }

    func begin(_ run: AcceptedRun, whenDone: @escaping @Sendable (RunOutcome) -> Void) {
        begun.withLock { $0.append((run, whenDone)) }
    }

    func end(_ index: Int, _ verdict: Verdict) {
        let (run, whenDone) = begun.withLock { $0[index] }
        var log = run.log
        let outcome = RunOutcome(verdict: verdict)
        log.emit(.finished(outcome))
        whenDone(outcome)
    }
}

/// Counts what passes through, as an observer of all runs would.
private final class CountingExecutor: RunExecuting {
    private let base: any RunExecuting
    private let verdicts = Mutex<[Verdict]>([])

    init(_ base: any RunExecuting) {
        self.base = base
    }

    var ended: [Verdict] { verdicts.withLock { $0 } }

    func begin(_ run: AcceptedRun, whenDone: @escaping @Sendable (RunOutcome) -> Void) {
        base.begin(run) { outcome in
            self.verdicts.withLock { $0.append(outcome.verdict) }
            whenDone(outcome)
        }
    }
}

@Suite("The seam between service and execution")
struct RunExecutingTests {
    @Test("Any executor carries runs out; a place is free when it says that a run is done")
    func scripted() async throws {
        let executor = ScriptedExecutor()
        let bench = try ServiceBench(executor: executor)
        let first = try await bench.submit()
        let second = try await bench.submit()
        #expect(executor.runs.map(\.plan.runID) == [first.id])
        #expect(executor.runs.first?.plan.steps.map(\.name) == [.run])
        #expect(bench.service.load.running == 1 && bench.service.load.waiting == 1)
        executor.end(0, .ok)
        #expect(executor.runs.map(\.plan.runID) == [first.id, second.id])
        executor.end(1, .cpuLimit)
        #expect(try await bench.end(of: first)?.verdict == .ok)
        #expect(try await bench.end(of: second)?.verdict == .cpuLimit)
    }

    @Test("A decorator sees every run begin and end")
    func decorated() async throws {
        let scripted = ScriptedExecutor()
        let counting = CountingExecutor(scripted)
        let bench = try ServiceBench(executor: counting)
        let record = try await bench.submit()
        #expect(counting.ended.isEmpty)
        scripted.end(0, .memoryLimit)
        #expect(try await bench.end(of: record)?.verdict == .memoryLimit)
        #expect(counting.ended == [.memoryLimit])
    }
}
