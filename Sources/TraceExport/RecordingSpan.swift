package import Instrumentation
internal import Synchronization
internal import TraceContexts
package import Tracing

/// A span that lasts. Safe from any thread.
package final class RecordingSpan: Span {
    private struct State {
        var name: String
        var attributes = SpanAttributes()
        var events: [FinishedSpan.Event] = []
        var droppedEvents = 0
        var status = FinishedSpan.Status.unset
        var isOver = false
    }

    package let context: InstrumentationContext
    private let trace: TraceContext
    private let parent: TraceContext?
    private let kind: FinishedSpan.Kind
    private let start: UInt64
    private let onEnd: @Sendable (FinishedSpan) -> Void
    private let state: Mutex<State>

    init(
        _ name: String, _ context: InstrumentationContext, _ trace: TraceContext, parent: TraceContext?,
        kind: FinishedSpan.Kind, start: UInt64, onEnd: @escaping @Sendable (FinishedSpan) -> Void
    ) {
        self.context = context
        self.trace = trace
        self.parent = parent
        self.kind = kind
        self.start = start
        self.onEnd = onEnd
        state = Mutex(State(name: name))
    }

    package var isRecording: Bool { trace.isSampled }

    package var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) {
        state.withLock { state in
            state.status = status.code == .ok ? .ok : .error(Self.cut(status.message ?? ""))
        }
    }

    package func addEvent(_ event: SpanEvent) {
        let (attributes, _) = Self.values(event.attributes)
        let event = FinishedSpan.Event(
            name: Self.cut(event.name), time: event.nanosecondsSinceEpoch,
            attributes: attributes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        state.withLock { state in
            if state.events.count < FinishedSpan.maximumEvents {
                state.events.append(event)
            } else {
                state.droppedEvents += 1
            }
        }
    }

    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var attributes = attributes
        attributes["exception.type"] = "\(type(of: error))"
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    /// Links are not exported: no span here has more than its parent.
    package func addLink(_ link: SpanLink) {}

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let end = instant().nanosecondsSinceEpoch
        let finished = state.withLock { state -> FinishedSpan? in
            guard !state.isOver else { return nil }
            state.isOver = true
            guard trace.isSampled else { return nil }
            let (attributes, dropped) = Self.values(state.attributes)
            return FinishedSpan(
                context: trace, parent: parent, name: Self.cut(state.name), kind: kind, start: start,
                end: max(end, start), attributes: attributes, droppedAttributes: dropped, events: state.events,
                droppedEvents: state.droppedEvents, status: state.status)
        }
        if let finished { onEnd(finished) }
    }

    private static func values(_ attributes: SpanAttributes) -> (values: [String: FinishedSpan.Value], dropped: Int) {
        var values: [String: FinishedSpan.Value] = [:]
        var dropped = 0
        attributes.forEach { name, attribute in
            guard let value = FinishedSpan.Value(attribute), values.count < FinishedSpan.maximumAttributes else {
                dropped += 1
                return
            }
            values[cut(name)] = value
        }
        return (values, dropped)
    }

    static func cut(_ text: String) -> String {
        text.utf8.count <= FinishedSpan.maximumText ? text : String(text.prefix(FinishedSpan.maximumText / 4)) + "…"
    }
}

extension FinishedSpan.Value {
    /// Nil for lists, which nothing here has.
    init?(_ attribute: SpanAttribute) {
        switch attribute {
        case .int32(let value): self = .integer(Int64(value))
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .number(value)
        case .bool(let value): self = .bool(value)
        case .string(let value): self = .string(RecordingSpan.cut(value))
        case .stringConvertible(let value): self = .string(RecordingSpan.cut("\(value)"))
        default: return nil
        }
    }
}
