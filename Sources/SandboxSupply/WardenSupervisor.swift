package import RunModel
package import SandboxSpec
internal import Synchronization
package import WardenClient

/// Keeps one warden alive: connects, waits for its end, connects again, and leases its sandboxes.
///
/// `run()` must be running. Safe from any thread.
package final class WardenSupervisor: SandboxSource {
    package typealias Connect = @Sendable () async throws(WardenError) -> WardenConnection

    package struct Status: Sendable {
        /// Nil while there is none.
        package var pid: Int32?
        package var restarts = 0
        /// Why there is none.
        package var lastError: String?
        /// What it last said of itself, how many sandboxes it has and whether one of them does not end; nil while there is
        /// no warden, and in its first seconds.
        package var counts: WardenStatus?
        /// How long ago it said so: it is asked every two seconds, and replaced when it has not answered for ten.
        package var countsAge: Duration?
        /// Sandboxes that this side gave up, and of which the warden has not said that they are gone.
        package var givenUp = 0

        /// Sandboxes that were told to end and have not.
        package var quarantined: Int { givenUp + Int(clamping: counts?.quarantined ?? 0) }

        package init() {}
    }

    private struct State {
        var connection: WardenConnection?
        var status = Status()
        var isStopping = false
    }

    /// How long a run waits for a warden that is just being restarted.
    private static let connectTimeout = Duration.seconds(3)
    private static let firstPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(5)

    private let connect: Connect
    private let report: @Sendable (_ lastError: String) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - connect: makes a connection to a new warden.
    ///   - report: called whenever a warden ends or cannot be had.
    package init(connect: @escaping Connect, report: @escaping @Sendable (String) -> Void) {
        self.connect = connect
        self.report = report
    }

    package var status: Status {
        state.withLock { state in
            var status = state.status
            let heard = state.connection?.status
            status.counts = heard?.value
            status.countsAge = heard?.age
            status.givenUp = state.connection?.abandonedCount ?? 0
            return status
        }
    }

    /// Whether sandboxes can be had.
    package var isReady: Bool { state.withLock { $0.connection != nil } }

    /// The first connection, so that a service that cannot work does not start.
    package func start() async throws(WardenError) {
        let connection = try await connect()
        state.withLock { state in
            state.connection = connection
            state.status.pid = connection.pid
        }
    }

    /// Watches the warden until `stop`.
    ///
    /// - Throws: `disconnected` when there is no keeper any more that could start one.
    package func run() async throws(WardenError) {
        var pause = Self.firstPause
        while !state.withLock({ $0.isStopping }), !Task.isCancelled {
            if let connection = state.withLock({ $0.connection }) {
                let reason = await connection.terminated()
                let isStopping = state.withLock { state in
                    state.connection = nil
                    state.status.pid = nil
                    state.status.lastError = reason.description
                    return state.isStopping
                }
                if isStopping { return }
                report(reason.description)
            }
            do throws(WardenError) {
                let connection = try await connect()
                pause = Self.firstPause
                let isStopping = state.withLock { state in
                    state.connection = connection
                    state.status.pid = connection.pid
                    state.status.restarts += 1
                    state.status.lastError = nil
                    return state.isStopping
                }
                if isStopping { await connection.close() }
            } catch {
                state.withLock { $0.status.lastError = error.description }
                report(error.description)
                if error == .disconnected { throw error }
                // Cancelled sleep: the loop ends by its condition.
                do { try await Task.sleep(for: pause) } catch { return }
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    /// Ends the warden, and with it every sandbox.
    package func stop() async {
        let connection = state.withLock { state in
            state.isStopping = true
            return state.connection
        }
        await connection?.close()
    }

    package func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        let deadline = ContinuousClock.now + Self.connectTimeout
        while true {
            if let connection = state.withLock({ $0.connection }) {
                return try await WardenSandboxes(connection: connection).lease(spec)
            }
            let lastError = status.lastError ?? "it has not been started"
            let error = APIError(.wardenUnavailable, "there is no warden: \(lastError)", retryable: true)
            guard ContinuousClock.now < deadline, !state.withLock({ $0.isStopping }) else { throw error }
            do { try await Task.sleep(for: .milliseconds(20)) } catch _ { throw error }
        }
    }
}
