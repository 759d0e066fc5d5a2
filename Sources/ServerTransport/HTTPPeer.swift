package import NIOCore

/// The client at the other end of a request's connection.
package struct HTTPPeer: Sendable {
    /// Of the connection; nil for a Unix socket.
    package let address: SocketAddress?
    /// Whether the client is still there.
    package let presence: ClientPresence

    package init(address: SocketAddress?, presence: ClientPresence) {
        self.address = address
        self.presence = presence
    }
}
