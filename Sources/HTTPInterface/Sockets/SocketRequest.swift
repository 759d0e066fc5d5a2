internal import LinuxSystem
package import WebSockets

/// An open WebSocket, and whose it is.
package struct SocketRequest: Sendable {
    package let socket: WebSocket
    /// The one that was agreed on; nil when the client offered none.
    package let subprotocol: String?
    /// Of the path.
    package let parameters: [String]
    /// Nil for a query that is broken, or has a name twice.
    package let query: [String: String]?
    /// Names the request that opened it in logs.
    package let id: String
    package var caller: Caller { admission.caller }
    let admission: Admission
    let access: AccessControl

    /// Counts a message that is worth a request.
    ///
    /// - Throws: `rateLimited`.
    package func countRequest() throws(InterfaceError) {
        try access.count(admission, now: monotonicNow())
    }
}
