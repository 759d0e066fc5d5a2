internal import Synchronization
internal import WebSockets

/// All open WebSockets, so that they can be counted, and closed in order when the service stops. Safe from any thread.
package final class SocketRegistry: Sendable {
    private struct State {
        var sockets: [Int: WebSocket] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    func add(_ socket: WebSocket) -> Int {
        state.withLock { state in
            state.next += 1
            state.sockets[state.next] = socket
            return state.next
        }
    }

    func remove(_ number: Int) {
        state.withLock { $0.sockets[number] = nil }
    }

    package var count: Int { state.withLock { $0.sockets.count } }

    /// Closes all of them concurrently.
    package func closeAll() async {
        let sockets = state.withLock { Array($0.sockets.values) }
        await withTaskGroup { group in
            for socket in sockets {
                group.addTask { await socket.close(.goingAway, reason: "the service is stopping") }
            }
        }
    }
}
