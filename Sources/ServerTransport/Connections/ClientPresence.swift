package import NIOCore
internal import Synchronization

/// Notices that a client has gone, also while its answer is being made. One for each connection; safe from any thread.
///
/// A client that closes its sending side counts as gone: nobody who still wants an answer does that.
package final class ClientPresence: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    package typealias InboundIn = NIOAny
    package typealias InboundOut = NIOAny

    private struct State {
        var isGone = false
        var callbacks: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Of a client that is there.
    package init() {}

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { end() }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    /// The client has gone: everybody who watches is called back, once.
    package func end() {
        let callbacks = state.withLock { state in
            state.isGone = true
            defer { state.callbacks = [:] }
            return Array(state.callbacks.values)
        }
        for callback in callbacks { callback() }
    }

    /// Calls back once, immediately if it has happened already. The number takes it back.
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

    /// Does something for the client, and calls back when it goes away meanwhile. The callback comes on the
    /// connection's event loop, or on the caller's thread when the client has gone already.
    package func watching<Value>(
        onGone: @escaping @Sendable () -> Void, _ body: () async throws -> Value
    ) async rethrows -> Value {
        let number = watch(onGone)
        defer { unwatch(number) }
        return try await body()
    }
}
