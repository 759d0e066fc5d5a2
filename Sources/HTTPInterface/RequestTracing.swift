internal import HTTPTypes
internal import Instrumentation
internal import TraceContexts
internal import Tracing

/// The spans of requests. Without a tracer, what clients send is passed on, and nothing begins here.
struct RequestTracing: Sendable {
    let tracer: (any Tracer)?

    /// A request that is being traced, or is not.
    struct Traced: Sendable {
        fileprivate let context: InstrumentationContext?
        fileprivate let span: (any Span)?

        /// The trace, in hexadecimal; nil without one.
        var traceID: String? { context?.trace.map { "\($0.traceID)" } }

        /// Carries out a body whose tasks belong to the trace.
        func carryOut<Value, Failure: Error>(
            _ body: () async throws(Failure) -> Value
        ) async throws(Failure) -> Value {
            guard let context else { return try await body() }
            // The library's own function forgets the type of the error.
            let result = await InstrumentationContext.$current.withValue(context) {
                () async -> Result<Value, Failure> in
                do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
            }
            return try result.get()
        }

        /// - Parameter status: of HTTP.
        func end(status: Int, errorCode: String?) {
            guard let span else { return }
            span.attributes["http.response.status_code"] = Int64(status)
            if let errorCode { span.attributes["error.type"] = errorCode }
            // Errors of clients are none of the service (OpenTelemetry, semantic conventions for HTTP).
            if status >= 500 { span.setStatus(SpanStatus(code: .error, message: errorCode)) }
            span.end()
        }
    }

    static let none = Traced(context: nil, span: nil)

    /// The context that a client has sent; nil without one, or with a wrong one.
    static func context(_ headers: HTTPFields) -> TraceContext? {
        guard headers.contains(.traceparent) else { return nil }
        return TraceContext(parents: headers[values: .traceparent], states: headers[values: .tracestate])
    }

    /// Begins the span of a request.
    ///
    /// - Parameters:
    ///   - name: of bounded variety: the method and the pattern of the route, or the kind of a message.
    ///   - parent: what the client has sent.
    func begin(_ name: String, parent: TraceContext?, attributes: [String: String]) -> Traced {
        guard parent != nil || tracer != nil else { return Self.none }
        var context = InstrumentationContext.topLevel
        context.trace = parent
        guard let tracer else { return Traced(context: context, span: nil) }
        let span = tracer.startAnySpan(name, context: context, ofKind: .server)
        if span.isRecording {
            span.updateAttributes { all in for (name, value) in attributes { all[name] = SpanAttribute.string(value) } }
        }
        return Traced(context: span.context, span: span)
    }
}
