package import RunExecution
package import RunModel
package import RunPlanning
internal import Synchronization
internal import TraceContexts

/// One run that the service has: whose it is, where it stands, its recent events, and how to act on it. Safe from any thread.
///
/// Which runs there are is the `RunRepository`'s matter, their files are in the `ArtifactStore`.
package final class RunRecord: Sendable {
    /// What never changes about a run.
    package struct Identity: Sendable {
        package let id: RunID
        package let owner: RunOwner
        package let origin: RunOrigin
        package let language: String
        package let policy: String
        /// Whose turns it takes, and whose account it goes to.
        package let tenant: String
        /// The policy as it was when the run was accepted; nil where nobody counts generations.
        package internal(set) var rules: RulesReference?
        /// Image, policy and limits of the run; nil of a run that no planner has made.
        package internal(set) var settings: RunSettings?
        /// Milliseconds since 1970.
        package let createdAt: Int64
        package let onDisconnect: OnDisconnect
    }

    package let identity: Identity
    package let log: EventLog
    /// Nanoseconds of the service's clock.
    let acceptedAt: Int64
    package let control: RunControl
    /// Of a run that may be typed to.
    package let input: InputQueue?
    let status = Mutex(RunStatus())

    package var id: RunID { identity.id }

    init(identity: Identity, input: InputQueue?, buffer: Int, acceptedAt: Int64, control: RunControl) {
        self.identity = identity
        self.acceptedAt = acceptedAt
        self.control = control
        self.input = input
        log = EventLog(capacity: buffer)
    }

    /// Notes what an event says about the run.
    ///
    /// - Returns: false when the run has been ended meanwhile: the event is nobody's any more.
    func note(_ event: RunEvent) -> Bool {
        status.withLock { $0.note(event) }
    }

    /// Ends the run in place of its thread, which does not come to it.
    func abandon(_ error: APIError, outcome: RunOutcome, at nanoseconds: Int64) {
        var outcome = outcome
        outcome.rules = identity.rules
        outcome.traceID = identity.origin.trace.map { "\($0.traceID)" }
        status.withLock { $0.abandon(error, outcome: outcome, at: nanoseconds) }
        log.finish { next in
            [
                RunEvent(runID: id, sequence: next, at: nanoseconds, kind: .error(error)),
                RunEvent(runID: id, sequence: next + 1, at: nanoseconds, kind: .finished(outcome)),
            ]
        }
    }

    /// - Returns: true once: its end is accounted for by whoever asks first.
    func retireOnce() -> Bool {
        status.withLock { status in
            defer { status.isRetired = true }
            return !status.isRetired
        }
    }

    func admit(at nanoseconds: Int64) {
        status.withLock { $0.admit(at: nanoseconds) }
    }

    package var state: RunState { status.withLock { $0.state } }
    package var timings: RunStatus.Timings { status.withLock { $0.timings } }
    package var outcome: RunOutcome? { status.withLock { $0.outcome } }
    package var position: Int? { status.withLock { $0.position } }
    package var wait: Double? { status.withLock { $0.wait } }
    package var error: APIError? { status.withLock { $0.error } }
    package var warm: WarmStart? { status.withLock { $0.warm } }
    package var sample: RunStatus.Sample? { status.withLock { $0.sample } }
    package var outputBytes: Int64 { status.withLock { $0.outputBytes } }

    /// Somebody holds the run's connection open.
    package func attachController() {
        status.withLock { $0.controllers += 1 }
    }

    /// - Returns: whether nobody does any more, and the run is to end with its connection.
    package func detachController() -> Bool {
        status.withLock { status in
            status.controllers -= 1
            return status.controllers <= 0 && identity.onDisconnect == .cancel && status.state != .finished
        }
    }
}
