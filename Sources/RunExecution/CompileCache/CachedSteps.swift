internal import Images
internal import RunModel
internal import RunPlanning
internal import SandboxSpec

/// Replays compile steps whose result is in the cache, and has all other steps carried out.
struct CachedSteps: StepExecuting {
    let steps: any StepExecuting
    let cache: CompileCache

    func begin(_ step: RunPlan.Step, files: [RunPlan.File], control: RunControl) -> BegunStep? {
        step.name == .compile ? nil : steps.begin(step, files: files, control: control)
    }

    func execute(_ request: StepRequest) async -> StepOutcome {
        guard let key = await key(of: request) else { return await steps.execute(request) }
        if request.control.isCancelled { return StepOutcome(verdict: .cancelled) }
        if let kept = cache.find(key) { return await replay(kept, request) }
        let recorder = OutputRecorder()
        var recorded = request
        recorded.recorder = recorder
        let end = await steps.execute(recorded)
        // Who could reach into the step from outside may have changed what it left.
        if !request.control.wasDisturbed, let result = CompileResult(end, recorder.chunks) {
            cache.keep(result, for: key)
        }
        return end
    }

    /// - Returns: nil for a step that has to be carried out whatever has been compiled before.
    private func key(of request: StepRequest) async -> ContentDigest? {
        guard let scope = request.cacheScope, request.step.name == .compile else { return nil }
        let (cache, step, files) = (cache, request.step, request.files)
        let size = files.reduce(0) { $0 + $1.content.count }
        guard size > RunPump.quickBytes else { return cache.key(of: step, files: files, scope: scope) }
        return await request.pump.perform { cache.key(of: step, files: files, scope: scope) }
    }

    private func replay(_ kept: CompileResult, _ request: StepRequest) async -> StepOutcome {
        request.pump.emit(
            .started(step: request.step.name, warm: .cached, limits: LimitTable(request.step.spec.limits)))
        await request.pump.replay(kept.output)
        var end = StepOutcome(verdict: kept.report.verdict)
        end.report = kept.report
        end.products = kept.products
        end.warm = .cached
        return end
    }
}
