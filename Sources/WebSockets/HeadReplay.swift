internal import NIOCore
internal import NIOHTTP1

/// Gives the responder the head of a request whose upgrade was refused: NIO's upgrade handler (2.101) takes it and, when
/// the refusal comes at once, passes on the rest of the request alone.
final class HeadReplay: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private let manners: HTTPGuard
    private var isFirst = true

    init(of manners: HTTPGuard) {
        self.manners = manners
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isFirst {
            isFirst = false
            if case .head = unwrapInboundIn(data) {
            } else if let head = manners.firstHead {
                context.fireChannelRead(wrapInboundOut(.head(head)))
            }
            manners.firstHead = nil
        }
        context.fireChannelRead(data)
    }
}
