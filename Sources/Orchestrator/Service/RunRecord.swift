package import RunModel
internal import Synchronization

/// One run as the service knows it: whose it is, where it stands, what it has said. Safe from any thread.
package final class RunRecord: EventSink {
    /// What never changes about a run.
    package struct Identity: Sendable {
        package let id: RunID
        package let owner: RunOwner
        package let origin: RunOrigin
        package let language: String
        package let policy: String
        /// Milliseconds since 1970.
        package let createdAt: Int64
        package let onDisconnect: OnDisconnect
    }

    /// Nanoseconds from acceptance to what happened.
    package struct Timings: Sendable, Equatable {
        package var admitted: Int64?
        package var started: Int64?
        package var firstOutput: Int64?
        package var finished: Int64?
    }

    private struct State {
        var phase = RunState.queued
        var position: Int?
        var timings = Timings()
        var token: String?
        var controllers = 0
        var warm: RunModel.Warmth?
        var ending: RunEvent.Ending?
        var error: APIError?
        var outputBytes: Int64 = 0
        var isRetired = false
    }

    package let identity: Identity
    package let log: EventLog
    /// Nanoseconds of the service's clock.
    let acceptedAt: Int64
    package let control: RunControl
    package let artifacts: ArtifactMemory
    /// Of a run that may be typed to.
    package let input: InputQueue?
    private let state = Mutex(State())

    package var id: RunID { identity.id }

    init(
        identity: Identity, input: InputQueue?, buffer: Int, artifactBytes: Int64, acceptedAt: Int64,
        control: RunControl
    ) {
        self.identity = identity
        self.acceptedAt = acceptedAt
        self.control = control
        self.input = input
        log = EventLog(capacity: buffer)
        artifacts = ArtifactMemory(capacity: artifactBytes)
    }

    package func receive(_ event: RunEvent) -> Bool {
        let isLate = state.withLock { state in
            // Ended by force meanwhile.
            if state.phase == .finished { return true }
            switch event.kind {
            case .accepted: break
            case .queued(let position): state.position = position
            case .started(_, let warm, _):
                state.timings.started = state.timings.started ?? event.at
                state.warm = warm
            case .output(_, let text):
                state.timings.firstOutput = state.timings.firstOutput ?? event.at
                state.outputBytes += Int64(text.bytes.count)
            case .inputRequest(let token, _): state.token = token
            case .error(let error): state.error = error
            case .finished(let ending):
                state.phase = .finished
                state.position = nil
                state.timings.finished = event.at
                state.ending = ending
                state.ending?.warm = ending.warm ?? state.warm
                state.token = nil
            case .resource, .warning: break
            }
            return false
        }
        if isLate { return false }
        log.append(event)
        return true
    }

    /// Ends the run in place of its thread, which does not come to it.
    func abandon(_ error: APIError, ending: RunEvent.Ending, at nanoseconds: Int64) {
        state.withLock { state in
            guard state.phase != .finished else { return }
            state.phase = .finished
            state.position = nil
            state.timings.finished = nanoseconds
            state.ending = ending
            state.error = error
            state.token = nil
        }
        log.finish { next in
            [
                RunEvent(runID: id, sequence: next, at: nanoseconds, kind: .error(error)),
                RunEvent(runID: id, sequence: next + 1, at: nanoseconds, kind: .finished(ending)),
            ]
        }
    }

    /// - Returns: true once: its end is accounted for by whoever asks first.
    func retireOnce() -> Bool {
        state.withLock { state in
            defer { state.isRetired = true }
            return !state.isRetired
        }
    }

    func admit(at nanoseconds: Int64) {
        state.withLock { state in
            if state.phase == .queued { state.phase = .running }
            state.position = nil
            state.timings.admitted = nanoseconds
        }
    }

    package var phase: RunState { state.withLock { $0.phase } }
    package var timings: Timings { state.withLock { $0.timings } }
    package var ending: RunEvent.Ending? { state.withLock { $0.ending } }
    package var error: APIError? { state.withLock { $0.error } }
    package var warm: RunModel.Warmth? { state.withLock { $0.warm } }
    package var outputBytes: Int64 { state.withLock { $0.outputBytes } }

    /// What a finished run keeps in memory, in bytes.
    package var bytes: Int { log.bytes + artifacts.bytes + 4096 }

    /// Gives the program something to read.
    ///
    /// - Parameter token: of the request that this answers; without one it is just typed.
    package func type(_ bytes: [UInt8], end: Bool, token: String? = nil) throws(APIError) {
        if phase == .finished { throw APIError(.runFinished, "the run has finished") }
        guard let input else {
            throw APIError(.stdinClosed, "this run was submitted without an open stdin: set interactive to true")
        }
        if let token {
            let expected = state.withLock { $0.token }
            guard token == expected else {
                throw APIError(
                    .inputTokenStale, "nothing waits for this token any more",
                    details: expected.map { ["token": $0] } ?? [:])
            }
        }
        switch input.offer(bytes, end: end) {
        case .taken: state.withLock { $0.token = nil }
        case .full where bytes.count > InputQueue.standardCapacity:
            throw APIError(
                .invalidRequest, "input: found \(bytes.count) bytes at once, allowed \(InputQueue.standardCapacity)",
                details: ["data": "at most \(InputQueue.standardCapacity) bytes at once"])
        case .full:
            throw APIError(.inputBufferFull, "the program has not read what was sent before", retryable: true)
        case .closed:
            throw APIError(
                phase == .finished ? .runFinished : .stdinClosed, "the program's stdin has been closed")
        }
    }

    /// Where the run stands, with its result once it has one.
    package func summary(withResult: Bool = true) -> RunSummary {
        let state = state.withLock { $0 }
        return RunSummary(
            runID: id, state: state.phase, language: identity.language, policy: identity.policy,
            createdAt: Timestamp.text(milliseconds: identity.createdAt), position: state.position,
            nextSequence: log.extent.next, result: withResult ? result : nil)
    }

    /// What the run wrote, as far as it is kept, and how it ended; nil until it has.
    package var result: RunResult? {
        let state = state.withLock { $0 }
        guard var ending = state.ending else { return nil }
        var builder = RunResultBuilder(maximumBytes: .max)
        if log.extent.first > 0 { ending.truncated = true }
        for event in log.snapshot where !event.kind.isTerminal { _ = builder.add(event) }
        let last = RunEvent(runID: id, sequence: 0, at: 0, kind: .finished(ending))
        guard var result = builder.add(last) else { return nil }
        result.error = state.error
        return result
    }

    /// Somebody holds the run's connection open.
    package func attachController() {
        state.withLock { $0.controllers += 1 }
    }

    /// - Returns: whether nobody does any more, and the run is to end with its connection.
    package func detachController() -> Bool {
        state.withLock { state in
            state.controllers -= 1
            return state.controllers <= 0 && identity.onDisconnect == .cancel && state.phase != .finished
        }
    }
}
