package import HummingbirdCore
package import Logging
package import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Connections that begin with a TLS handshake, each with the certificates that are current when it is accepted.
package struct TLSServerChannel<Base: ServerChildChannel>: ServerChildChannel {
    package typealias Value = Base.Value

    private let base: Base
    private let certificates: ReloadingCertificates
    private let handshakeTimeout: TimeAmount

    /// - Parameter handshakeTimeout: from the connection to the end of the handshake, however busily the client sends.
    package init(
        _ base: Base, certificates: ReloadingCertificates, handshakeTimeout: TimeAmount = .seconds(10)
    ) {
        self.base = base
        self.certificates = certificates
        self.handshakeTimeout = handshakeTimeout
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(NIOSSLServerHandler(context: certificates.current))
            try pipeline.addHandler(HandshakeDeadline(handshakeTimeout))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    package func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

/// Ends a connection whose handshake takes too long. Is added directly after the TLS handler and removes itself when its work is
/// done.
final class HandshakeDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let timeout: TimeAmount
    private var timer: Scheduled<Void>?

    init(_ timeout: TimeAmount) {
        self.timeout = timeout
    }

    /// Accepted connections are set up before they are active, so the time starts here and not then.
    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: timeout) { Self.expire(bound.value) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        let isDone = if case .some(.handshakeCompleted) = event as? TLSUserEvent { true } else { false }
        context.fireUserInboundEventTriggered(event)
        guard isDone else { return }
        timer?.cancel()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Closes below TLS, which would send a close alert to a client that has not completed the handshake.
    private static func expire(_ context: ChannelHandlerContext) {
        do {
            try context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self).close(promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }
}
