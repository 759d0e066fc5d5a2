package import Instrumentation
internal import TraceContexts
package import Tracing

/// Makes the spans of this process, and hands those that are over, and wanted, to an exporter. Safe from any thread; never waits.
package final class RecordingTracer: Tracer {
    private let sampler: TraceSampler
    private let onEnd: @Sendable (FinishedSpan) -> Void

    /// - Parameter onEnd: gets spans that are over; must not wait.
    package init(sampler: TraceSampler, onEnd: @escaping @Sendable (FinishedSpan) -> Void) {
        self.sampler = sampler
        self.onEnd = onEnd
    }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> RecordingSpan {
        let before = context()
        let parent = before.trace
        var random = SystemRandomNumberGenerator()
        let id = parent?.traceID ?? TraceID(using: &random)
        var own = before
        let trace = TraceContext(
            traceID: id, spanID: .random(in: 1 ... .max), isSampled: sampler.wants(id, parent: parent),
            state: parent?.state ?? "")
        own.trace = trace
        return RecordingSpan(
            operationName, own, trace, parent: parent, kind: FinishedSpan.Kind(kind),
            start: instant().nanosecondsSinceEpoch, onEnd: onEnd)
    }

    /// Spans are not looked up here: whoever started one has it.
    package func activeSpan(identifiedBy context: InstrumentationContext) -> RecordingSpan? { nil }

    /// Without effect: the exporter sends what there is soon.
    package func forceFlush() {}

    package func extract<Carrier, Extract>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract: Extractor, Extract.Carrier == Carrier {
        guard let parent = extractor.extract(key: "traceparent", from: carrier) else { return }
        let state = extractor.extract(key: "tracestate", from: carrier)
        if let trace = TraceContext(parents: [parent], states: state.map { [$0] } ?? []) { context.trace = trace }
    }

    package func inject<Carrier, Inject>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject: Injector, Inject.Carrier == Carrier {
        guard let trace = context.trace else { return }
        injector.inject(trace.parent, forKey: "traceparent", into: &carrier)
        if !trace.state.isEmpty { injector.inject(trace.state, forKey: "tracestate", into: &carrier) }
    }
}

extension FinishedSpan.Kind {
    init(_ kind: SpanKind) {
        switch kind {
        case .server: self = .server
        case .client: self = .client
        case .producer: self = .producer
        case .consumer: self = .consumer
        case .internal: self = .internal
        @unknown default: self = .internal
        }
    }
}
