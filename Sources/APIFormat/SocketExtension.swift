package import HTTPInterface
package import StrictJSON

/// What another API adds to the socket at `/api/v1/ws`: messages of its own on the same connection.
///
/// The API that owns the socket knows only this; the composition of the service passes the extension to it.
package protocol SocketExtension: Sendable {
    /// Called once for each socket, when it opens.
    func open(_ host: SocketHost) -> any SocketPart

    /// The subprotocol of `serve`, for browsers, which must offer one to send a key.
    var subprotocol: String { get }

    /// Serves a socket at `/ws` that has negotiated no subprotocol, or the one above, until it ends.
    func serve(_ request: SocketRequest) async
}

/// What the owner of a socket offers to extensions.
package struct SocketHost: Sendable {
    package let request: SocketRequest
    /// Sends lines of JSON by one write; waits while the peer reads slowly. Returns whether the socket is still open.
    package let send: @Sendable ([[UInt8]]) async -> Bool

    package init(request: SocketRequest, send: @escaping @Sendable ([[UInt8]]) async -> Bool) {
        self.request = request
        self.send = send
    }
}

/// One extension's part of one open socket.
package protocol SocketPart: Sendable {
    /// Whether a message belongs to this part: asked for every message, first.
    func handles(_ message: JSONObject) -> Bool

    /// Carries out a message and answers it. Called for one message at a time; the next one waits.
    ///
    /// - Parameter group: of the socket, for tasks that send events. It is cancelled when the socket ends.
    func handle(_ message: JSONObject, _ group: inout DiscardingTaskGroup) async

    /// The socket has ended.
    func close()
}
