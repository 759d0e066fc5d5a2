internal import Glibc
internal import Logging
internal import NIOCore

/// Stops a listener from accepting for a moment when there is no descriptor, or no memory, for another connection.
///
/// NIO then delays further reads, but stays registered for the one that failed, which the kernel reports as ready again
/// immediately: the loop would spin.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let pause: TimeAmount
    private let logger: Logger
    private var isPaused = false

    init(_ pause: TimeAmount = .milliseconds(500), logger: Logger) {
        self.pause = pause
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) {
            stop(context, String(cString: strerror(error.errnoCode)))
        }
        context.fireErrorCaught(error)
    }

    private func stop(_ context: ChannelHandlerContext, _ reason: String) {
        guard !isPaused else { return }
        isPaused = true
        logger.error("no connections are accepted for a moment", metadata: ["reason": "\(reason)"])
        let channel = context.channel
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        channel.setOption(.autoRead, value: false).whenComplete { [pause] _ in
            channel.eventLoop.scheduleTask(in: pause) {
                bound.value.isPaused = false
                channel.setOption(.autoRead, value: true).whenFailure { _ in }
            }
        }
    }
}
