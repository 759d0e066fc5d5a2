internal import LinuxSystem
package import RunModel
package import RunPlanning
internal import SandboxSpec
package import SandboxSupply

/// Carries out plans: one sandbox per step, bytes both ways, and one ending whatever happens.
package struct RunExecutor: Sendable {
    private let source: any SandboxSource
    private let cache: CompileCache?

    /// - Parameter cache: what has been compiled before; without it every compile step is carried out.
    package init(source: any SandboxSource, cache: CompileCache? = nil) {
        self.source = source
        self.cache = cache
    }

    /// Runs a plan to its end. `sink` has received exactly one `finished` when this returns, and nothing after it.
    ///
    /// Cancelling the task cancels the run; it still ends in order.
    ///
    /// - Parameters:
    ///   - input: what the program of the last step reads; a compile step reads nothing.
    ///   - artifacts: where the files go that the run step hands out; without it they are listed and dropped.
    package func execute(
        _ plan: RunPlan, input: RunInput = .empty, artifacts: (any ArtifactSink)? = nil,
        control: RunControl = RunControl(), sink: any EventSink
    ) async -> RunEvent.Ending {
        var log = RunEventEmitter(
            runID: plan.runID, sink: sink, now: { monotonicNow() }, onSinkGone: { control.cancel() })
        log.emit(.accepted(position: 0))
        let begun = log
        let watchdog = Task {
            // A cancelled sleep ends the loop: the run is over.
            while (try? await Task.sleep(for: .milliseconds(500))) != nil { _ = control.check(now: monotonicNow()) }
        }
        defer { watchdog.cancel() }
        return await withTaskCancellationHandler {
            // Begun on its own and waited for right here: cancellation ends the sandbox through `control`, and must not
            // end the wait for what became of it.
            await withCheckedContinuation { continuation in
                begin(plan, input: input, artifacts: artifacts, control: control, log: begun) {
                    continuation.resume(returning: $0)
                }
            }
        } onCancel: {
            control.cancel()
        }
    }

    /// Begins to run a plan whose acceptance has been told already, on a thread of its own. Returns at once.
    ///
    /// - Parameters:
    ///   - log: goes on from where it stands.
    ///   - whenDone: called once, on that thread, after the last event.
    package func begin(
        _ plan: RunPlan, input: RunInput, artifacts: (any ArtifactSink)?, control: RunControl, log: RunEventEmitter,
        whenDone: @escaping @Sendable (RunEvent.Ending) -> Void
    ) {
        do {
            let pump = try RunPump(log: log, now: { monotonicNow() })
            Task(executorPreference: pump) {
                let ending = await steps(of: plan, input: input, artifacts: artifacts, control: control, pump: pump)
                control.attach(nil)
                pump.emit(.finished(ending))
                await pump.perform { whenDone(ending) }
                pump.close()
            }
        } catch {
            // Not on this stack: `whenDone` may begin the next run, which would fail in the same way.
            Task { whenDone(failWithoutPump(error, log)) }
        }
    }

    private func steps(
        of plan: RunPlan, input: RunInput, artifacts: (any ArtifactSink)?, control: RunControl, pump: RunPump
    ) async -> RunEvent.Ending {
        var ending = RunEvent.Ending(verdict: .internalError)
        var files = plan.files
        for (index, step) in plan.steps.enumerated() {
            let isLast = index == plan.steps.count - 1
            let isRun = step.name == .run
            var run = StepRun(step: step, files: files, control: control, pump: pump)
            let end: StepRun.End
            if !isLast, let reuse = await CompileReuse(run, of: plan, cache: cache) {
                end = await reuse.execute(&run, from: source)
            } else {
                end = await run.execute(
                    from: source, input: isRun ? input : .empty,
                    destination: isLast ? .store(artifacts) : .nextStep)
            }
            ending.verdict = end.verdict
            ending.status = end.report?.status
            ending.limit = end.limit
            ending.truncated = ending.truncated || end.truncated
            ending.warm = end.warm ?? ending.warm
            if let report = end.report {
                ending.usage = ending.steps.isEmpty ? report.usage : ending.usage.followed(by: report.usage)
                ending.steps.append(report)
            }
            if isLast { ending.artifacts = end.artifacts }
            if let error = end.error { pump.emit(.error(error)) }
            guard end.verdict == .ok else {
                ending.hints = plan.aids.hints(after: end.tail)
                ending.syntaxError = await isUnparsable(plan, files, end, control: control, pump: pump)
                break
            }
            // A product takes the place of an uploaded file of the same name.
            let made = Set(end.products.map(\.path))
            files = files.filter { !made.contains($0.path) } + end.products
        }
        return ending
    }

    /// Whether the program does not parse. Its own words are taken for a reason to ask the language's parser, and for no more.
    private func isUnparsable(
        _ plan: RunPlan, _ files: [RunPlan.File], _ end: StepRun.End, control: RunControl, pump: RunPump
    ) async -> Bool {
        if plan.aids.isLookOnly { return end.verdict == .compileError }
        guard let step = plan.aids.syntax, end.verdict == .nonzeroExit, plan.aids.isWorthALook(after: end.tail) else {
            return false
        }
        var look = StepRun(step: step, files: files, control: control, pump: pump)
        look.isSilent = true
        return await look.execute(from: source, input: .empty, destination: .nextStep).verdict == .compileError
    }

    /// Even a run that never got a thread has its ending.
    private func failWithoutPump(_ error: APIError, _ log: RunEventEmitter) -> RunEvent.Ending {
        let ending = RunEvent.Ending(verdict: .internalError)
        var log = log
        log.emit(.error(error))
        log.emit(.finished(ending))
        return ending
    }
}
