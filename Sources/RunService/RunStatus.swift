package import RunModel

/// Where a run stands, as far as its events say. A value; RunRecord keeps one behind its lock.
package struct RunStatus: Sendable {
    /// Nanoseconds from acceptance to what happened.
    package struct Timings: Sendable, Equatable {
        package var admitted: Int64?
        package var started: Int64?
        package var firstOutput: Int64?
        package var finished: Int64?
    }

    /// What a program uses at one moment; the processor time is all of it so far.
    package struct Sample: Sendable, Equatable {
        package let cpuMilliseconds: Double
        package let memoryBytes: Int64
        package let processes: Int64
    }

    package private(set) var state = RunState.queued
    /// Of a run that waits; 1 is next.
    package private(set) var position: Int?
    /// The same, in seconds, estimated.
    package private(set) var wait: Double?
    package private(set) var timings = Timings()
    /// Of the input that the program waits for.
    package var token: String?
    /// Connections that may act on the run.
    var controllers = 0
    package private(set) var warm: WarmStart?
    package private(set) var outcome: RunOutcome?
    package private(set) var error: APIError?
    package private(set) var outputBytes: Int64 = 0
    /// What the program was last seen to use; nil before the first sample.
    package private(set) var sample: Sample?
    var isRetired = false

    /// Takes in an event.
    ///
    /// - Returns: false when the run has been ended meanwhile.
    mutating func note(_ event: RunEvent) -> Bool {
        guard state != .finished else { return false }
        switch event.kind {
        case .accepted: break
        case .queued(let position, let wait): (self.position, self.wait) = (position, wait)
        case .started(_, let warm, _):
            timings.started = timings.started ?? event.at
            self.warm = warm
        case .output(_, let text):
            timings.firstOutput = timings.firstOutput ?? event.at
            outputBytes += Int64(text.bytes.count)
        case .inputRequest(let token, _): self.token = token
        case .error(let error): self.error = error
        case .finished(var outcome):
            outcome.warm = outcome.warm ?? warm
            finish(outcome, at: event.at)
        case .resource(let cpu, _, let memory, let processes):
            sample = Sample(cpuMilliseconds: cpu, memoryBytes: memory, processes: processes)
        case .warning: break
        }
        return true
    }

    /// The run has a place.
    mutating func admit(at nanoseconds: Int64) {
        if state == .queued { state = .running }
        (position, wait) = (nil, nil)
        timings.admitted = nanoseconds
    }

    /// The run has been ended in place of its thread. Without effect once it has finished.
    mutating func abandon(_ error: APIError, outcome: RunOutcome, at nanoseconds: Int64) {
        guard state != .finished else { return }
        self.error = error
        finish(outcome, at: nanoseconds)
    }

    private mutating func finish(_ outcome: RunOutcome, at nanoseconds: Int64) {
        state = .finished
        (position, wait) = (nil, nil)
        timings.finished = nanoseconds
        self.outcome = outcome
        token = nil
    }
}
