internal import LinuxSystem
internal import RunModel
internal import SandboxSpec
internal import Synchronization
internal import WardenProtocol
package import WorkspaceModel

/// A process of a workspace from its request on, with all its restarts: what is known of it, and its log. Safe from any thread.
package final class WorkspaceProcess: Sendable {
    /// The beginning of both outputs, for whoever waits for the end.
    package struct Capture: Sendable {
        package var stdout: [UInt8] = []
        package var stderr: [UInt8] = []
        package var isStdoutCut = false
        package var isStderrCut = false
        let limit: Int

        mutating func take(_ stream: OutputStream, _ bytes: ArraySlice<UInt8>) {
            switch stream {
            case .stdout: Self.add(bytes, to: &stdout, &isStdoutCut, limit)
            case .stderr: Self.add(bytes, to: &stderr, &isStderrCut, limit)
            }
        }

        private static func add(
            _ bytes: ArraySlice<UInt8>, to output: inout [UInt8], _ isCut: inout Bool, _ limit: Int
        ) {
            let room = max(limit - output.count, 0)
            output += bytes.prefix(room)
            if bytes.count > room { isCut = true }
        }
    }

    private struct State {
        var report: ProcessReport
        var capture: Capture?
        var waiters: [CheckedContinuation<ProcessReport, Never>] = []
        var launchWaiters: [CheckedContinuation<ProcessReport, Never>] = []
        /// Somebody has asked for its end: it is not started again.
        var isUnwanted = false
        /// The next end is no failure: somebody wants it started again.
        var isRestarting = false
    }

    package let id: String
    package let request: ProcessRequest
    /// The whole of it.
    let environment: [String]
    package let log: RingLog<ProcessLogEntry>
    private let state: Mutex<State>

    /// - Parameters:
    ///   - logBytes: of its output that are kept.
    ///   - captureBytes: of each output that are kept for whoever waits for its end; nil when nobody does.
    init(
        id: String, _ request: ProcessRequest, environment: [String], logBytes: Int, captureBytes: Int?, date: Int64
    ) {
        self.id = id
        self.request = request
        self.environment = environment
        log = RingLog(capacity: logBytes)
        state = Mutex(
            State(
                report: ProcessReport(id: id, request: request, startedAt: date),
                capture: captureBytes.map { Capture(limit: $0) }))
    }

    package var report: ProcessReport { state.withLock { $0.report } }
    package var isOver: Bool { state.withLock { $0.report.isOver } }
    /// What it wrote first, for one caller.
    package func takeCapture() -> Capture? {
        state.withLock { state in
            defer { state.capture = nil }
            return state.capture
        }
    }

    /// Waits for its last end.
    package func ended() async -> ProcessReport {
        await withCheckedContinuation { continuation in
            let report = state.withLock { state -> ProcessReport? in
                if state.report.isOver { return state.report }
                state.waiters.append(continuation)
                return nil
            }
            if let report { continuation.resume(returning: report) }
        }
    }

    /// Waits until it runs, or could not be started.
    func launched() async -> ProcessReport {
        await withCheckedContinuation { continuation in
            let report = state.withLock { state -> ProcessReport? in
                if state.report.state != .starting { return state.report }
                state.launchWaiters.append(continuation)
                return nil
            }
            if let report { continuation.resume(returning: report) }
        }
    }

    private func tellLaunch() {
        let (report, waiters) = state.withLock { state in
            defer { state.launchWaiters = [] }
            return (state.report, state.launchWaiters)
        }
        for waiter in waiters { waiter.resume(returning: report) }
    }

    // MARK: - What happens to it, on the thread of the reactor

    func took(_ stream: OutputStream, _ bytes: ArraySlice<UInt8>) {
        state.withLock { $0.capture?.take(stream, bytes) }
        log.append { _ in .output(stream, Array(bytes)) }
    }

    func started() -> ProcessReport {
        log.append { _ in .started }
        let report = state.withLock { state in
            state.report.state = .running
            return state.report
        }
        tellLaunch()
        return report
    }

    /// - Parameter isLast: it will not be started again, whatever its policy.
    /// - Returns: what it came to, and after how many nanoseconds it is to be started again.
    func exited(_ end: ProcessEnd, date: Int64, isLast: Bool) -> (ProcessReport, restartAfter: Int64?) {
        let (report, delay, waiters) = state.withLock { state in
            state.report.status = end.status
            state.report.cpu = end.cpu
            state.report.memoryPeak = end.memoryPeak
            state.report.endedAt = date
            let isFailure = end.status != .exited(0)
            let isWanted =
                state.isRestarting
                || (!state.isUnwanted && !state.report.hasTimedOut
                    && (state.report.restart == .always || (state.report.restart == .onFailure && isFailure)))
            let restarts = !isLast && isWanted
            state.report.state = restarts ? .waiting : .exited
            let delay = state.isRestarting ? 0 : RestartPolicy.delay(after: state.report.restarts)
            state.isRestarting = false
            if restarts { state.report.restarts += 1 }
            defer { if !restarts { state.waiters = [] } }
            return (state.report, restarts ? delay : nil, restarts ? [] : state.waiters)
        }
        log.append { _ in .exit(report) }
        for waiter in waiters { waiter.resume(returning: report) }
        tellLaunch()
        return (report, delay)
    }

    func failed(_ reason: String, date: Int64) -> ProcessReport {
        let (report, waiters) = state.withLock { state in
            state.report.state = .failed
            state.report.failure = reason
            state.report.endedAt = date
            defer { state.waiters = [] }
            return (state.report, state.waiters)
        }
        log.append { _ in .exit(report) }
        log.end()
        for waiter in waiters { waiter.resume(returning: report) }
        tellLaunch()
        return report
    }

    func startsAgain(date: Int64) {
        state.withLock { state in
            state.report.state = .starting
            state.report.startedAt = date
            state.report.status = nil
            state.report.endedAt = nil
        }
    }

    func hasTimedOut() { state.withLock { $0.report.hasTimedOut = true } }
    func isNotWanted() { state.withLock { ($0.isUnwanted, $0.isRestarting) = (true, false) } }
    func isToRestart() { state.withLock { ($0.isUnwanted, $0.isRestarting) = (false, true) } }
}

extension WorkspaceProcess.Capture {
    /// Of a process whose output nobody has kept.
    package static let none = WorkspaceProcess.Capture(limit: 0)
}
