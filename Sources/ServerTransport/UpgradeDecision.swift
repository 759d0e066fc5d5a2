package import WebSockets

/// What becomes of a request for an upgrade.
package enum UpgradeDecision: Sendable {
    /// The handler has the socket until it returns; then it is closed. It runs on the connection's event loop.
    case upgrade(subprotocol: String?, handler: @Sendable (WebSocket) async -> Void)
    /// The request goes on to the HTTP responder, which says why.
    case refuse
}
