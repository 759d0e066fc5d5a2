internal import LinuxSystem
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

    /// Counts a message that counts as a request.
    ///
    /// - Throws: `rateLimited`.
    package func countRequest() throws(InterfaceError) {
        try access.count(admission, now: monotonicNow())
    }
}
