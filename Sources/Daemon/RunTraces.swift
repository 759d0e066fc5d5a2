internal import Instrumentation
internal import LinuxSystem
internal import RunExecution
internal import RunModel
internal import RunService
internal import SandboxSpec
internal import SessionModel
internal import SessionService
internal import TraceContexts
internal import TraceExport
internal import Tracing

/// Makes the spans of runs and of cells when they are over: their times are known then, and a run that lasts has none to send.
struct RunTraces: Sendable {
    private typealias Instant = DefaultTracerClock.Timestamp

    /// Nil where nothing is exported.
    let tracer: RecordingTracer?

    /// The span of a run, below that of the request that submitted it, and one for each of its stages.
    func finished(_ run: RunRecord) {
        guard let tracer, let parent = run.identity.origin.trace, parent.isSampled else { return }
        let times = run.control.stageTimes
        // From the clock of the run to that of the world: what happened between them is less than a microsecond.
        let (world, own) = (DefaultTracerClock.now.nanosecondsSinceEpoch, monotonicNow())
        func instant(_ time: Int64) -> Instant {
            Instant(nanosecondsSinceEpoch: world &- UInt64(clamping: max(own - time, 0)))
        }
        guard let first = times.stays.first, let last = times.stays.last else { return }
        var context = InstrumentationContext.topLevel
        context.trace = parent
        let span = tracer.startSpan(
            "run \(run.identity.language)", context: context, ofKind: .internal, at: instant(first.start))
        span.updateAttributes { attributes in
            attributes["nestbox.run_id"] = "\(run.id)"
            attributes["nestbox.language"] = run.identity.language
            attributes["nestbox.policy"] = run.identity.rules?.name ?? run.identity.policy
            if let warm = run.warm { attributes["nestbox.warm"] = warm.rawValue }
            if let outcome = run.outcome {
                attributes["nestbox.verdict"] = outcome.verdict.rawValue
                attributes["nestbox.cpu_ms"] = outcome.usage.cpuMilliseconds
                attributes["nestbox.memory_peak_bytes"] = outcome.usage.memoryPeakBytes
            }
            attributes["nestbox.output_bytes"] = run.outputBytes
        }
        for stay in times.stays {
            let stage = tracer.startSpan(
                stay.stage.rawValue, context: span.context, ofKind: .internal, at: instant(stay.start))
            stage.attributes["nestbox.run_id"] = "\(run.id)"
            stage.end(at: instant(stay.end))
        }
        // What a program does wrong is no error of the service.
        if run.outcome?.verdict == .internalError {
            span.setStatus(SpanStatus(code: .error, message: run.error?.code.rawValue ?? ""))
        }
        span.end(at: instant(last.end))
    }

    /// The span of a cell, below that of the request that submitted it.
    func finished(_ cell: TracedCell, in session: Session) {
        guard let tracer, let parent = cell.parent, parent.isSampled else { return }
        var context = InstrumentationContext.topLevel
        context.trace = parent
        let end = UInt64(max(cell.endedAt, 0)) &* 1_000_000
        let start = end &- UInt64(max(cell.seconds, 0) * 1e9)
        let span = tracer.startSpan(
            "cell \(session.identity.language)", context: context, ofKind: .internal,
            at: Instant(nanosecondsSinceEpoch: start))
        span.updateAttributes { attributes in
            attributes["nestbox.session_id"] = "\(session.id)"
            attributes["nestbox.execution_id"] = cell.id
            attributes["nestbox.language"] = session.identity.language
            attributes["nestbox.policy"] = session.identity.policy
            attributes["nestbox.status"] = cell.status.rawValue
        }
        span.end(at: Instant(nanosecondsSinceEpoch: end))
    }
}
