internal import Reactor
internal import ServerTransport
internal import ServiceLifecycle

/// Tells the service manager that the service is alive, as long as it is: each time, every thread of connections, and those of runs and
/// sessions, have had a turn. A thread that hangs ends the messages, and the manager restarts the service.
struct WatchdogService: Service {
    let manager: ServiceManager
    let reactors: [Reactor]

    func run() async throws {
        guard let interval = manager.watchdog else { return try await gracefulShutdown() }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await EventLoopDelay.turn()
                    for reactor in reactors { await Self.turn(of: reactor) }
                    manager.alive()
                    try await Task.sleep(for: .nanoseconds(interval / 3))
                } catch {
                    // Cancelled, or the threads are being shut down.
                    return
                }
            }
        }
    }

    private static func turn(of reactor: Reactor) async {
        await withCheckedContinuation { continuation in
            reactor.add(reactor.newID()) { OneTurn { continuation.resume() } }
        }
    }

    /// Ends with its first turn.
    private final class OneTurn: ReactorMember {
        private let body: () -> Void

        init(_ body: @escaping () -> Void) {
            self.body = body
        }

        func turn(ready: [ReadyDescriptor]) -> ReactorInterest? {
            body()
            return nil
        }
    }
}
