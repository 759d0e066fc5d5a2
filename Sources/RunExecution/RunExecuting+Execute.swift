internal import LinuxSystem
package import RunModel
package import RunPlanning

extension RunExecuting {
    /// Runs a plan to its end. `sink` has received exactly one `finished` when this returns, and nothing after it.
    ///
    /// Cancelling the task cancels the run; it still ends in order.
    ///
    /// - Parameters:
    ///   - input: what the program of the last step reads; a compile step reads nothing.
    ///   - artifacts: where the files go that the run step exports; without it they are listed and dropped.
    package func execute(
        _ plan: RunPlan, input: RunInput = .empty, artifacts: (any ArtifactSink)? = nil,
        control: RunControl = RunControl(), sink: any EventSink
    ) async -> RunOutcome {
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
                begin(AcceptedRun(plan: plan, input: input, artifacts: artifacts, control: control, log: begun)) {
                    continuation.resume(returning: $0)
                }
            }
        } onCancel: {
            control.cancel()
        }
    }
}
