import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// What a TLS client was shown.
struct Handshake: Sendable {
    var certificate: NIOSSLCertificate?
    var negotiatedProtocol: String?
}

/// A TLS connection that believes every certificate, for as long as the body takes, which begins after the handshake.
func withTLSConnection(
    to port: Int, protocols: [String] = [], versions: ClosedRange<Int> = 2...3,
    _ body: (inout Talk, Handshake) async throws -> Void
) async throws {
    let known: [TLSVersion] = [.tlsv1, .tlsv11, .tlsv12, .tlsv13]
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.applicationProtocols = protocols
    configuration.minimumTLSVersion = known[versions.lowerBound]
    configuration.maximumTLSVersion = known[versions.upperBound]
    let context = try NIOSSLContext(configuration: configuration)
    let shown = Shown()
    let stream = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(
                    NIOSSLClientHandler(
                        context: context, serverHostname: "localhost",
                        customVerificationCallback: { certificates, promise in
                            shown.handshake.withLock { $0.certificate = certificates.first }
                            promise.succeed(.certificateVerified)
                        }))
                let watcher = HandshakeWatcher(shown, channel.eventLoop.makePromise())
                try pipeline.addHandler(watcher)
                return (
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel),
                    watcher.done.futureResult
                )
            }
        }
    try await stream.0.executeThenClose { inbound, outbound in
        try await stream.1.get()
        var talk = Talk(inbound, outbound)
        try await body(&talk, shown.handshake.withLock { $0 })
    }
}

private final class Shown: Sendable {
    let handshake = Mutex(Handshake())
}

/// Says when a handshake is done, or that it never will be.
private final class HandshakeWatcher: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let done: EventLoopPromise<Void>
    private let shown: Shown

    init(_ shown: Shown, _ done: EventLoopPromise<Void>) {
        self.shown = shown
        self.done = done
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.handshakeCompleted(let name)) = event as? TLSUserEvent {
            shown.handshake.withLock { $0.negotiatedProtocol = name }
            done.succeed()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        done.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}
