internal import LinuxSystem
internal import TraceContexts
package import WebSockets

/// An open WebSocket and its caller.
package struct SocketRequest: Sendable {
    package let socket: WebSocket
    /// The negotiated subprotocol; nil when the client offered none.
    package let subprotocol: String?
    /// Of the path.
    package let parameters: [String]
    /// Nil for a query that is invalid, or repeats a name.
    package let query: [String: String]?
    /// The id of the opening request, for logs.
    package let id: String
    package var caller: Caller { admission.caller }
    let admission: Admission
    let access: AccessControl
    let pattern: String
    let tracing: RequestTracing
    /// The span of the client that has opened it; nil when it has sent none.
    let parent: TraceContext?

    /// Carries out what a message asks for as a span of its own: a socket may last for hours, and its messages are its requests.
    ///
    /// - Parameter name: the kind of message.
    package func traced<Value, Failure: Error>(
        _ name: String, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let traced = tracing.begin(
            "\(name) \(pattern)", parent: parent,
            attributes: ["http.route": pattern, "nestbox.message": name, "nestbox.request_id": id])
        do throws(Failure) {
            let value = try await traced.carryOut(body)
            traced.end(status: 200, errorCode: nil)
            return value
        } catch {
            traced.end(status: 400, errorCode: nil)
            throw error
        }
    }

    /// Counts a message that counts as a request.
    ///
    /// - Throws: `rateLimited`.
    package func countRequest() throws(InterfaceError) {
        try access.count(admission, now: monotonicNow())
    }
}
