internal import Logging
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals

/// Runs a group of services until it ends, and ensures that it does: no service can keep the others, or the
/// process, from ending.
///
/// The first SIGTERM or SIGINT begins the orderly end, a second one ends it immediately; so does a timeout.
struct GroupRun: Sendable {
    /// The group did not end by itself.
    enum Overdue: Error, Sendable, CustomStringConvertible {
        case stopping(seconds: Int64)
        case hurried

        var description: String {
            switch self {
            case .stopping(let seconds):
                "not everything had ended \(seconds) s after the stop; what is left is given up"
            case .hurried: "a second signal to stop; what is left is given up"
            }
        }
    }

    /// How long the services may take to end in order.
    let timeout: Duration
    /// How long they may take once one of them has failed.
    let failureGrace: Duration

    private final class End: Sendable {
        private let waiting: Mutex<CheckedContinuation<Void, any Error>?>

        init(_ waiting: CheckedContinuation<Void, any Error>) {
            self.waiting = Mutex(waiting)
        }

        /// The first result counts.
        func come(_ result: Result<Void, any Error>) {
            waiting.withLock { $0.take() }?.resume(with: result)
        }
    }

    /// - Parameters:
    ///   - services: of which any that fails ends all.
    ///   - signals: the signals that stop the process, as they arrive.
    /// - Throws: what the first service to fail threw, or `Overdue`.
    func run<Signals: AsyncSequence & Sendable>(
        _ services: [any Service], stopping signals: Signals, logger: Logger
    ) async throws where Signals.Failure == Never {
        let timeout = timeout
        let failureGrace = failureGrace
        let failures = AsyncStream.makeStream(of: (any Error).self, bufferingPolicy: .bufferingOldest(1))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: Watched(base: $0, failures: failures.continuation)) },
                logger: logger))
        var tasks: [Task<Void, Never>] = []
        // Not a task group: that would wait for services that do not end.
        defer { for task in tasks { task.cancel() } }
        try await withCheckedThrowingContinuation { (waiting: CheckedContinuation<Void, any Error>) in
            let end = End(waiting)
            tasks.append(
                Task {
                    do {
                        try await group.run()
                        end.come(.success(()))
                    } catch {
                        end.come(.failure(error))
                    }
                })
            tasks.append(
                Task {
                    for await failure in failures.stream {
                        // A cancelled sleep means that the group has ended.
                        do { try await Task.sleep(for: failureGrace) } catch { return }
                        end.come(.failure(failure))
                    }
                })
            tasks.append(
                Task {
                    var isStopping = false
                    for await _ in signals {
                        guard !isStopping else { return end.come(.failure(Overdue.hurried)) }
                        isStopping = true
                        await group.triggerGracefulShutdown()
                        Task {
                            do { try await Task.sleep(for: timeout) } catch { return }
                            end.come(.failure(Overdue.stopping(seconds: timeout.components.seconds)))
                        }
                    }
                })
        }
    }

    /// A service whose failure is logged immediately, and not only after all others have ended.
    private struct Watched: Service {
        let base: any Service
        let failures: AsyncStream<any Error>.Continuation

        func run() async throws {
            do {
                try await base.run()
            } catch {
                if !(error is CancellationError) { failures.yield(error) }
                throw error
            }
        }
    }
}
