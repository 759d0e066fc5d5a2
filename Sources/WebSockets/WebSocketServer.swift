package import NIOCore

/// The server's side of a WebSocket, once its request has been answered.
package enum WebSocketServer {
    /// Messages of one WebSocket in both directions.
    package typealias Stream = NIOAsyncChannel<WebSocketMessage, WebSocketOutput>

    /// Adds the protocol to a connection's pipeline. Must be called on the connection's event loop.
    ///
    /// - Parameter deflate: the negotiated compression; nil for none.
    package static func open(
        on channel: any Channel, limits: WebSocketLimits, deflate: PermessageDeflate?
    ) throws -> Stream {
        try channel.pipeline.syncOperations.addHandler(
            WebSocketHandler(limits: limits, isServer: true, deflate: deflate))
        return try Stream(wrappingChannelSynchronously: channel)
    }

    /// Serves an open WebSocket: the handler owns it until it returns; then the socket is closed.
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
            // A connection that has ended needs no close.
        }
    }
}
