package import Egress
internal import LinuxSystem
package import Reactor
package import RunModel
internal import RunPlanning
internal import SandboxSpec
package import SandboxSupply

/// Carries out plans: one sandbox per step, bytes both ways, and one ending whatever happens.
package struct RunExecutor: RunExecuting {
    private let steps: any StepExecuting
    private let reactor: Reactor?

    /// - Parameters:
    ///   - source: where sandboxes come from.
    ///   - cache: what has been compiled before; without it every compile step is carried out.
    ///   - reactor: whose thread all runs share; then no sink may block. Nil for a thread for each run.
    ///   - egress: the way out of sandboxes; without it, runs with egress fail.
    package init(
        source: any SandboxSource, cache: CompileCache? = nil, reactor: Reactor? = nil, egress: EgressService? = nil
    ) {
        self.reactor = reactor
        let sandboxed = SandboxedSteps(source: source, egress: egress)
        steps = cache.map { CachedSteps(steps: sandboxed, cache: $0) } ?? sandboxed
    }

    /// A program for which a sandbox is parked has been told to start when this returns. `whenDone` is called on a thread where it may block.
    package func begin(_ run: AcceptedRun, whenDone: @escaping @Sendable (RunOutcome) -> Void) {
        let begun = run.plan.steps.first.flatMap { steps.begin($0, files: run.plan.files, control: run.control) }
        do {
            let pump = try RunPump(log: run.log, on: reactor, now: { monotonicNow() })
            Task(executorPreference: pump) {
                let outcome = await carryOut(run, begun, on: pump)
                run.control.attach(nil)
                pump.emit(.finished(outcome))
                // Accounts, stores and logs: nothing for the thread of all runs.
                pump.call { RunPump.aside { whenDone(outcome) } }
                pump.close()
            }
        } catch {
            // Ends the sandbox, where there is one.
            run.control.cancel()
            run.control.attach(nil)
            // Not on this stack: `whenDone` may begin the next run, which would fail in the same way.
            Task { whenDone(failWithoutPump(error, run.log)) }
        }
    }

    private func carryOut(_ run: AcceptedRun, _ begun: BegunStep?, on pump: RunPump) async -> RunOutcome {
        let plan = run.plan
        var outcome = RunOutcome(verdict: .internalError)
        var files = plan.files
        for (index, step) in plan.steps.enumerated() {
            let isLast = index == plan.steps.count - 1
            var request = StepRequest(step: step, files: files, control: run.control, pump: pump)
            if step.name == .run { request.input = run.input }
            if index == 0 { request.begun = begun }
            if isLast { request.destination = .store(run.artifacts) } else { request.cacheScope = plan.cacheScope }
            let end = await steps.execute(request)
            outcome.verdict = end.verdict
            outcome.status = end.report?.status
            outcome.limit = end.limit
            outcome.truncated = outcome.truncated || end.truncated
            outcome.warm = end.warm ?? outcome.warm
            outcome.network = end.network ?? outcome.network
            if let report = end.report {
                outcome.usage = outcome.steps.isEmpty ? report.usage : outcome.usage.followed(by: report.usage)
                outcome.steps.append(report)
            }
            if isLast { outcome.artifacts = end.artifacts }
            if let error = end.error { pump.emit(.error(error)) }
            guard end.verdict == .ok else {
                outcome.hints = plan.aids.hints(after: end.tail)
                outcome.syntaxError = await isUnparsable(plan, files, end, control: run.control, pump: pump)
                break
            }
            // A product takes the place of an uploaded file of the same name.
            let made = Set(end.products.map(\.path))
            files = files.filter { !made.contains($0.path) } + end.products
        }
        return outcome
    }

    /// Whether the program does not parse. What the program wrote is a reason to ask the language's parser, and no more.
    private func isUnparsable(
        _ plan: RunPlan, _ files: [RunPlan.File], _ end: StepOutcome, control: RunControl, pump: RunPump
    ) async -> Bool {
        if plan.aids.isLookOnly { return end.verdict == .compileError }
        guard let step = plan.aids.syntax, end.verdict == .nonzeroExit, plan.aids.isWorthALook(after: end.tail) else {
            return false
        }
        var look = StepRequest(step: step, files: files, control: control, pump: pump)
        look.isSilent = true
        return await steps.execute(look).verdict == .compileError
    }

    /// Even a run that never got a thread has its ending.
    private func failWithoutPump(_ error: APIError, _ log: RunEventEmitter) -> RunOutcome {
        let outcome = RunOutcome(verdict: .internalError)
        var log = log
        log.emit(.error(error))
        log.emit(.finished(outcome))
        return outcome
    }
}
