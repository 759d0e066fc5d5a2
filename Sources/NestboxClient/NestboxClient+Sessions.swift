internal import WebSockets

extension NestboxClient {
    /// Opens a session, or attaches to one. A new one ends soon after its connection.
    ///
    /// - Parameter body: what to do with it; the connection ends when this returns.
    /// - Throws: `NestboxError` when the service refused, or the connection was lost; what `body` throws.
    public func session<Value: Sendable>(
        _ choice: NestboxSessionChoice, _ body: @escaping @Sendable (NestboxSession) async throws -> Value
    ) async throws -> Value {
        var subprotocols = ["nestbox.v1.json"]
        if let key { subprotocols.append("nestbox.key.\(key)") }
        do {
            return try await WebSocketClient.withConnection(to: target, subprotocols: subprotocols) { socket in
                try await NestboxSession.open(choice, socket, body)
            }
        } catch let error as WebSocketClient.Failure {
            throw NestboxError(refused: error)
        } catch let error as NestboxError {
            throw error
        } catch {
            throw NestboxError(
                code: "CONNECTION_LOST", message: ConnectionTrouble.words(error, target), retryable: true, details: [:])
        }
    }
}
