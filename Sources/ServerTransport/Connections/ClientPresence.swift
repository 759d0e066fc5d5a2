package import NIOCore
internal import Synchronization

/// Notices that a client has gone, also while its response is being prepared. One for each connection; safe from any thread.
///
/// A client that closes its sending side counts as gone: clients that still wait for a response do not do that.
package final class ClientPresence: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    package typealias InboundIn = NIOAny
    package typealias InboundOut = NIOAny

    private struct State {
        var isGone = false
        var callbacks: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// The state of a connected client.
    package init() {}

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { end() }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    /// The client has gone: each registered callback is called once.
    package func end() {
        let callbacks = state.withLock { state in
            state.isGone = true
            defer { state.callbacks = [:] }
            return Array(state.callbacks.values)
        }
        for callback in callbacks { callback() }
    }

    /// Registers a callback; called once, immediately if the client has gone already. The number unregisters it.
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

    /// Runs an operation for the client, and calls back if the client goes away meanwhile. The callback runs on the
    /// connection's event loop, or on the caller's thread when the client has gone already.
    package func watching<Value>(
        onGone: @escaping @Sendable () -> Void, _ body: () async throws -> Value
    ) async rethrows -> Value {
        let number = watch(onGone)
        defer { unwatch(number) }
        return try await body()
    }
}
