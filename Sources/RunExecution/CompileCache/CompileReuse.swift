internal import Images
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply

/// A compile step whose result may be there already.
struct CompileReuse {
    /// Above this many bytes the digest is made on the run's thread, which costs two wake-ups and holds up nobody.
    private static let quickBytes = 262_144

    private let cache: CompileCache
    private let key: ContentDigest

    /// - Returns: nil for a step that has to be carried out whatever has been compiled before.
    init?(_ run: StepRun, of plan: RunPlan, cache: CompileCache?) async {
        guard let cache, let scope = plan.cacheScope, run.step.name == .compile else { return nil }
        let (step, files) = (run.step, run.files)
        let size = files.reduce(0) { $0 + $1.content.count }
        let key =
            if size <= Self.quickBytes {
                cache.key(of: step, files: files, scope: scope)
            } else {
                await run.pump.perform { cache.key(of: step, files: files, scope: scope) }
            }
        guard let key else { return nil }
        self.cache = cache
        self.key = key
    }

    /// Tells what the step told before, or carries it out and keeps what it left.
    func execute(_ run: inout StepRun, from source: any SandboxSource) async -> StepRun.End {
        if run.control.isCancelled { return StepRun.End(verdict: .cancelled) }
        if let kept = cache.find(key) { return replay(kept, run) }
        let recorder = OutputRecorder()
        run.recorder = recorder
        let end = await run.execute(from: source, input: .empty, destination: .nextStep)
        // Who could reach into the step from outside may have changed what it left.
        if !run.control.wasDisturbed, let result = CompileResult(end, recorder.chunks) {
            cache.keep(result, for: key)
        }
        return end
    }

    private func replay(_ kept: CompileResult, _ run: StepRun) -> StepRun.End {
        run.pump.emit(
            .started(step: run.step.name, warm: .cached, limits: LimitTable(run.step.spec.limits)))
        for chunk in kept.output { run.pump.emit(.output(chunk.stream, chunk.text)) }
        var end = StepRun.End(verdict: kept.report.verdict)
        end.report = kept.report
        end.products = kept.products
        end.warm = .cached
        return end
    }
}
