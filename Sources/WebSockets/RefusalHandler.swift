internal import NIOCore
internal import NIOWebSocket

/// Takes the error by which NIO says that there is no upgrade: the request goes on to the responder, and is answered there.
/// At the end of the pipeline such an error would close the connection.
final class RefusalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is UpgradeOnce.Refused || error is NIOWebSocketUpgradeError { return }
        context.fireErrorCaught(error)
    }
}
