internal import NIOCore
internal import NIOSSL

/// TLS for clients: with the machine's certificate authorities, and a check of the server's name.
struct ClientTLS: Sendable {
    private let context: NIOSSLContext
    /// The server name for SNI; nil for an address, which SNI does not support.
    private let name: String?

    /// nil for a target without TLS.
    ///
    /// - Throws: errors of reading the authorities.
    init?(_ target: WebSocketClient.Target) throws {
        guard target.isTLS else { return nil }
        context = try NIOSSLContext(configuration: .makeClientConfiguration())
        name = (try? SocketAddress(ipAddress: target.host, port: 0)) == nil ? target.host : nil
    }

    /// To be called on the channel's event loop, before anything else is added.
    func add(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
    }
}
