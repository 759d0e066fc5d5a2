package import WebSockets

/// The decision on a request for an upgrade.
package enum UpgradeDecision: Sendable {
    /// The handler owns the socket until it returns; then the socket is closed. It runs on the connection's event loop.
    case upgrade(subprotocol: String?, handler: @Sendable (WebSocket) async -> Void)
    /// The request is passed to the HTTP responder, which answers with the reason.
    case refuse
}
