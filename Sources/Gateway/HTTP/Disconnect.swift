internal import NIOCore
internal import Synchronization

/// Notices that a client has gone, also while its answer is being made.
///
/// A client that closes its sending side counts as gone: nobody who still wants an answer does that.
final class Disconnect: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    private struct State {
        var isGone = false
        var callbacks: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { fire() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fire()
        context.fireChannelInactive()
    }

    private func fire() {
        let callbacks = state.withLock { state in
            state.isGone = true
            defer { state.callbacks = [:] }
            return Array(state.callbacks.values)
        }
        for callback in callbacks { callback() }
    }

    /// Calls back once, at once if it has happened already. The number takes it back.
    private func watch(_ callback: @escaping @Sendable () -> Void) -> Int {
        let (number, isGone) = state.withLock { state -> (Int, Bool) in
            state.next += 1
            if !state.isGone { state.callbacks[state.next] = callback }
            return (state.next, state.isGone)
        }
        if isGone { callback() }
        return number
    }

    private func unwatch(_ number: Int) {
        state.withLock { $0.callbacks[number] = nil }
    }

    /// Does something for a client, and tells when that client goes away meanwhile.
    static func watching<Value>(
        _ channel: any Channel, onGone: @escaping @Sendable () -> Void, _ body: () async throws -> Value
    ) async throws -> Value {
        // Channels in memory (tests of the router) have no connection to lose.
        guard let handler = try? await channel.pipeline.handler(type: Disconnect.self).get() else {
            return try await body()
        }
        let number = handler.watch(onGone)
        defer { handler.unwatch(number) }
        return try await body()
    }
}
