package import NIOCore

/// One open WebSocket. Sending is safe from any task; only one task may read `messages`.
package final class WebSocket: Sendable {
    /// The negotiated subprotocol.
    package let subprotocol: String?
    private let channel: any Channel
    private let inbound: NIOAsyncChannelInboundStream<WebSocketMessage>
    private let outbound: NIOAsyncChannelOutboundWriter<WebSocketOutput>

    init(
        subprotocol: String?, channel: any Channel, inbound: NIOAsyncChannelInboundStream<WebSocketMessage>,
        outbound: NIOAsyncChannelOutboundWriter<WebSocketOutput>
    ) {
        self.subprotocol = subprotocol
        self.channel = channel
        self.inbound = inbound
        self.outbound = outbound
    }

    /// The messages of the peer, until either side closes. Bytes are read from the peer no faster than this is consumed.
    package var messages: WebSocketMessages { WebSocketMessages(inbound: inbound) }

    /// Sends text, which must be valid UTF-8. Waits while the peer reads slowly.
    ///
    /// - Throws: when the connection has ended.
    package func send(text: ByteBuffer) async throws {
        try await outbound.write(.text(text))
    }

    package func send(text: String) async throws {
        try await outbound.write(.text(ByteBuffer(string: text)))
    }

    package func send(binary: ByteBuffer) async throws {
        try await outbound.write(.binary(binary))
    }

    /// Sends several messages by one write. Waits while the peer reads slowly.
    ///
    /// - Throws: when the connection has ended.
    package func send(contentsOf messages: [WebSocketOutput]) async throws {
        try await outbound.write(contentsOf: messages)
    }

    /// Closes with a handshake; returns when the connection has ended, at the latest after the close timeout.
    package func close(_ code: WebSocketCloseCode, reason: String = "") async {
        do {
            try await outbound.write(.close(code, reason: reason))
        } catch {
            // The socket is closing already; or this task was cancelled, and the channel must be closed in another way.
            channel.triggerUserOutboundEvent(WebSocketAbandoned(), promise: nil)
        }
        // A close future never fails.
        try? await channel.closeFuture.get()
    }
}

/// The messages of a WebSocket; ends when the socket is closed, for any reason.
package struct WebSocketMessages: AsyncSequence, Sendable {
    package typealias Element = WebSocketMessage
    let inbound: NIOAsyncChannelInboundStream<WebSocketMessage>

    package struct AsyncIterator: AsyncIteratorProtocol {
        var base: NIOAsyncChannelInboundStream<WebSocketMessage>.AsyncIterator

        package mutating func next() async -> WebSocketMessage? {
            do { return try await base.next() } catch { return nil }
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: inbound.makeAsyncIterator())
    }
}
