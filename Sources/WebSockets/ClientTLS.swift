internal import NIOCore
internal import NIOSSL

/// TLS as a client speaks it: with the machine's certificate authorities, and the server's name checked.
struct ClientTLS: Sendable {
    private let context: NIOSSLContext
    /// What the server is asked for; nil for an address, which SNI has no place for.
    private let name: String?

    /// nil where the target is to be spoken to in the clear.
    ///
    /// - Throws: what reading the authorities throws.
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
