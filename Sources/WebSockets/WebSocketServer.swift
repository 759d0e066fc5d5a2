package import NIOCore

/// The server's side of a WebSocket, once its request has been answered.
package enum WebSocketServer {
    /// Messages of one WebSocket in both directions.
    package typealias Stream = NIOAsyncChannel<WebSocketMessage, WebSocketOutput>

    /// Puts the protocol on top of a connection's pipeline. To be called on the connection's event loop.
    ///
    /// - Parameter deflate: the compression that was agreed on; nil for none.
    package static func open(
        on channel: any Channel, limits: WebSocketLimits, deflate: PermessageDeflate?
    ) throws -> Stream {
        try channel.pipeline.syncOperations.addHandler(
            WebSocketHandler(limits: limits, isServer: true, deflate: deflate))
        return try Stream(wrappingChannelSynchronously: channel)
    }

    /// Carries an open WebSocket to its end: the handler has it until it returns; then it is closed.
    package static func run(
        _ stream: Stream, subprotocol: String?, handler: (WebSocket) async -> Void
    ) async {
        do {
            try await stream.executeThenClose { inbound, outbound in
                let socket = WebSocket(
                    subprotocol: subprotocol, channel: stream.channel, inbound: inbound, outbound: outbound)
                await handler(socket)
                await socket.close(.normal)
            }
        } catch {
            // Nothing is left to be said to a connection that is gone.
        }
    }
}
