package import Instrumentation

/// The place of a trace context among what a task carries along.
private enum TraceContextKey: InstrumentationContextKey {
    typealias Value = TraceContext
    static let nameOverride: String? = "nestbox-trace"
}

extension InstrumentationContext {
    package var trace: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }
}

extension TraceContext {
    /// That of the request that the present task answers; nil when it has none.
    package static var current: TraceContext? { InstrumentationContext.current?.trace }
}
