internal import LinuxSystem
package import RunModel
internal import SandboxSpec

/// Carries out plans: one sandbox per step, bytes both ways, and one ending whatever happens.
package struct RunExecutor: Sendable {
    private let source: any SandboxSource

    package init(source: any SandboxSource) {
        self.source = source
    }

    /// Runs a plan to its end. `sink` has received exactly one `finished` when this returns, and nothing after it.
    ///
    /// Cancelling the task cancels the run; it still ends in order.
    ///
    /// - Parameters:
    ///   - input: what the program of the last step reads; a compile step reads nothing.
    ///   - artifacts: where the files go that the run step hands out; without it they are listed and dropped.
    package func execute(
        _ plan: RunPlan, input: RunInput = .empty, artifacts: ArtifactFolder? = nil, control: RunControl = RunControl(),
        sink: any EventSink
    ) async -> RunEvent.Ending {
        let pump: RunPump
        do {
            pump = try RunPump(
                runID: plan.runID, sink: sink, now: { monotonicNow() }, onSinkGone: { control.cancel() })
        } catch {
            return failWithoutPump(plan, error, sink)
        }
        return await withTaskCancellationHandler {
            pump.emit(.accepted(position: 0))
            // A task of its own, waited for right here: cancellation ends the sandbox through `control`, and must not
            // end the wait for what became of it.
            let ending = await Task {
                await steps(of: plan, input: input, artifacts: artifacts, control: control, pump: pump)
            }.value
            control.attach(nil)
            pump.emit(.finished(ending))
            await pump.stop()
            return ending
        } onCancel: {
            control.cancel()
        }
    }

    private func steps(
        of plan: RunPlan, input: RunInput, artifacts: ArtifactFolder?, control: RunControl, pump: RunPump
    ) async -> RunEvent.Ending {
        var ending = RunEvent.Ending(verdict: .internalError)
        var files = plan.files
        for (index, step) in plan.steps.enumerated() {
            let isLast = index == plan.steps.count - 1
            var run = StepRun(step: step, files: files, control: control, pump: pump)
            let end = await run.execute(
                from: source, input: isLast ? input : .empty,
                destination: isLast ? .folder(artifacts) : .nextStep)
            ending.verdict = end.verdict
            ending.status = end.report?.status
            ending.limit = end.limit
            ending.truncated = ending.truncated || end.truncated
            if let report = end.report {
                ending.usage = ending.steps.isEmpty ? report.usage : ending.usage.followed(by: report.usage)
                ending.steps.append(report)
            }
            if isLast { ending.artifacts = end.artifacts }
            if let error = end.error { pump.emit(.error(error)) }
            guard end.verdict == .ok else { break }
            // A product takes the place of an uploaded file of the same name.
            let made = Set(end.products.map(\.path))
            files = files.filter { !made.contains($0.path) } + end.products
        }
        return ending
    }

    /// Even a run that never got a thread has its events.
    private func failWithoutPump(_ plan: RunPlan, _ error: APIError, _ sink: any EventSink) -> RunEvent.Ending {
        let ending = RunEvent.Ending(verdict: .internalError)
        var log = RunLog(runID: plan.runID, sink: sink, now: { 0 }, onSinkGone: {})
        log.emit(.accepted(position: 0))
        log.emit(.error(error))
        log.emit(.finished(ending))
        return ending
    }
}
