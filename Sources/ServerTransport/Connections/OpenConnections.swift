internal import NIOCore
internal import Synchronization

/// The listening sockets and the connections of a listener, and how they end. Safe from any thread.
final class OpenConnections: Sendable {
    private enum Stage: Int, Comparable {
        case serving
        /// No more connections; each that there is answers what it has been asked.
        case leaving
        case stopping

        static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var stage = Stage.serving
        var sockets: [any Channel] = []
        var connections: [ObjectIdentifier: any Channel] = [:]
    }

    private let state = Mutex(State())

    /// - Returns: false when it is too late; the sockets are then the caller's to close.
    func listen(on sockets: [any Channel]) -> Bool {
        state.withLock { state in
            guard state.stage == .serving else { return false }
            state.sockets = sockets
            return true
        }
    }

    /// A connection has been accepted; called on its event loop, before its handlers are there.
    func add(_ connection: any Channel) {
        let id = ObjectIdentifier(connection)
        let stage = state.withLock { state in
            state.connections[id] = connection
            return state.stage
        }
        connection.closeFuture.whenComplete { _ in self.state.withLock { _ = $0.connections.removeValue(forKey: id) } }
        // Accepted just before the socket was closed. The handlers will be there by then.
        if stage != .serving { connection.eventLoop.execute { Self.tell(connection, stage) } }
    }

    /// Accepts nothing more, so that whoever else holds the sockets gets all new connections. Requests that have arrived are answered, and
    /// their connections end; WebSockets stay.
    func leave() { advance(to: .leaving) }

    var hasLeft: Bool { state.withLock { $0.stage >= .leaving } }

    /// Accepts nothing more, and ends all connections as soon as they have answered what they have been asked.
    func stop() { advance(to: .stopping) }

    private func advance(to stage: Stage) {
        let (sockets, connections) = state.withLock { state in
            guard state.stage < stage else { return ([any Channel](), [any Channel]()) }
            state.stage = stage
            defer { state.sockets = [] }
            return (state.sockets, Array(state.connections.values))
        }
        for socket in sockets {
            if stage == .leaving { Self.pauseAndClose(socket) } else { socket.close(promise: nil) }
        }
        for connection in connections { Self.tell(connection, stage) }
    }

    /// NIO drops connections that it has accepted and not yet set up when the socket is closed: so first it accepts nothing more.
    private static func pauseAndClose(_ socket: any Channel) {
        socket.setOption(.autoRead, value: false).whenComplete { _ in
            socket.eventLoop.scheduleTask(in: setUpTime) { socket.close(promise: nil) }
        }
    }

    /// Much longer than a connection takes to be set up.
    private static let setUpTime = TimeAmount.milliseconds(100)

    private static func tell(_ connection: any Channel, _ stage: Stage) {
        if stage == .leaving {
            connection.pipeline.fireUserInboundEventTriggered(LastRequestEvent())
        } else {
            connection.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }
}

/// The event that a connection serves one request more at most, if it comes soon.
struct LastRequestEvent: Sendable {}
