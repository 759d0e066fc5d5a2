internal import Egress
internal import LinuxSystem
internal import Reactor
package import RunModel
internal import RunPlanning
package import RunService
internal import SandboxSupply
package import SessionExecution
package import SessionModel
internal import Synchronization
internal import TraceContexts

/// One session of the service, alive or ended: its commands, its events, who is on the line.
///
/// Safe from any thread. Commands suspend until they have been carried out, or answered; the cancellation of a task stops none of
/// them. Whoever executes commands has looked up the session by its owner.
package final class Session: Sendable {
    /// What does not change.
    package struct Identity: Sendable {
        package let id: SessionID
        package let owner: RunOwner
        package let origin: RunOrigin
        package let language: String
        package let policy: String
        package let name: String?
        package let tags: [String]
        /// Milliseconds since 1970.
        package let createdAt: Int64
        package let limits: SessionLimits
        package let onDisconnect: OnSessionDisconnect
        /// What it was made of; to be checked again when it is resumed.
        let request: SessionRequest
    }

    struct State {
        var snapshot = SessionSnapshot()
        var outcomes: CellOutcomes
        var lastActiveAt: Int64
        var attachments = Attachments()
        var traces = CellTraces()
        var end: SessionEnd?
        var endWaiters: [CheckedContinuation<SessionEnd, Never>] = []
        /// Nil once it has ended.
        var live: LiveSession?
    }

    package let identity: Identity
    package var id: SessionID { identity.id }
    let log: SessionLog
    let state: Mutex<State>
    /// A directory for files that are on their way; nil for memory.
    var spool: String? { store?.directory }
    /// Where it is saved; nil when nothing is kept.
    let store: SessionStore?
    /// What it goes on from, and how many messages that had.
    let resumed: StoredSession?
    /// Whether its tenant may have another cell.
    private let gate: @Sendable () throws(APIError) -> Void
    private let onEvent: @Sendable (Session, SessionEvent) -> Void
    private let onTraced: @Sendable (Session, TracedCell) -> Void

    /// - Parameters:
    ///   - onTraced: called for each cell that is over and belongs to a trace, on any thread.
    ///   - onEvent: called for each event after it is in the log, for the last one before that, on the thread of the
    ///     reactor.
    init(
        _ identity: Identity, store: SessionStore? = nil, resumed: StoredSession? = nil,
        gate: @escaping @Sendable () throws(APIError) -> Void = { () throws(APIError) in },
        onTraced: @escaping @Sendable (Session, TracedCell) -> Void = { _, _ in },
        onEvent: @escaping @Sendable (Session, SessionEvent) -> Void
    ) {
        self.identity = identity
        self.store = store
        self.resumed = resumed
        self.onEvent = onEvent
        self.onTraced = onTraced
        self.gate = gate
        log = SessionLog(capacity: identity.limits.historyBytes, first: resumed?.metadata.next_seq ?? 1)
        state = Mutex(
            State(outcomes: CellOutcomes(capacity: identity.limits.historyBytes), lastActiveAt: identity.createdAt))
    }

    /// Begins; once.
    func begin(
        _ plan: SessionPlan, bounds: SessionEngine.Bounds, source: any SandboxSource, reactor: Reactor,
        egress: EgressService?, files: SharedDescriptor? = nil
    ) {
        let live = LiveSession(
            sandbox: SessionSandbox(
                spec: plan.spec, job: plan.job, times: plan.times, opening: plan.opening, egress: plan.egress,
                service: egress, spool: spool), limits: identity.limits,
            created: SessionEvent.Created(
                language: identity.language, policy: identity.policy, name: identity.name, tags: identity.tags),
            bounds: bounds, source: source, sink: self, reactor: reactor,
            date: resumed == nil ? identity.createdAt : Timestamp.now(), resumption: resumed?.resumption, files: files)
        // It may have ended meanwhile.
        state.withLock { if $0.end == nil { $0.live = live } }
    }

    func living() throws(APIError) -> LiveSession {
        guard let live = state.withLock({ $0.live }) else {
            throw APIError(.sessionEnded, "the session has ended")
        }
        return live
    }

    // MARK: - Commands

    /// Puts a cell into the queue.
    ///
    /// - Returns: its id.
    /// - Throws: `SESSION_ENDED`, `TOO_MANY_CELLS`, `INVALID_LIMIT`, `SOURCE_TOO_LARGE`, `NOT_SUPPORTED`,
    ///   `QUOTA_EXCEEDED`.
    package func submit(_ cell: CellRequest) async throws(APIError) -> String {
        try gate()
        let trace = TraceContext.current
        let id = try await living().submit(cell)
        if let traced = state.withLock({ $0.traces.submitted(id, trace) }) { onTraced(self, traced) }
        return id
    }

    /// The same, and waits for its end.
    package func execute(_ cell: CellRequest) async throws(APIError) -> CellOutcome {
        let id = try await submit(cell)
        if let outcome = await outcome(of: id) { return outcome }
        var forgotten = CellOutcome(executionID: id)
        forgotten.isPartial = true
        return forgotten
    }

    /// Waits for the end of a cell that was submitted; nil when it is over, and forgotten, or was never submitted.
    package func outcome(of executionID: String) async -> CellOutcome? {
        await withCheckedContinuation { continuation in
            let isWaiting = state.withLock { state in
                if state.outcomes.outcome(of: executionID) != nil || state.end != nil { return false }
                let submitted = state.snapshot.executed + state.snapshot.queued
                return state.outcomes.wait(for: executionID, submitted: submitted, continuation)
            }
            if !isWaiting {
                continuation.resume(returning: state.withLock { $0.outcomes.outcome(of: executionID) })
            }
        }
    }

    /// Stops the running cell; false when none runs.
    ///
    /// - Throws: `SESSION_ENDED`, `NOT_SUPPORTED`.
    package func interrupt() async throws(APIError) -> Bool { try await living().interrupt() }

    /// Begins a new interpreter in a new sandbox: variables and checkpoints are lost, the history stays. The session is `starting`
    /// when this returns.
    ///
    /// - Parameter keepsFiles: whether the files of /box stay, too.
    /// - Throws: `SESSION_ENDED`.
    package func restart(keepsFiles: Bool = true) async throws(APIError) {
        try await living().restart(keepsFiles: keepsFiles)
    }

    /// Answers a request for input; a newline is added where there is none.
    ///
    /// - Parameter token: of the newest request; that one is meant when nil.
    /// - Throws: `INPUT_TOKEN_STALE`, `SESSION_ENDED`, `INVALID_REQUEST`.
    package func input(_ bytes: [UInt8], token: String?) async throws(APIError) {
        try await living().input(bytes, token: token)
    }

    /// Asks the interpreter something that changes nothing.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY`, `NOT_SUPPORTED`, `TOO_MANY_QUERIES`, `QUERY_FAILED`, `DRIVER_TIMEOUT`.
    package func query(_ query: SessionQuery) async throws(APIError) -> DriverAnswer { try await living().query(query) }

    /// Makes, restores or drops a checkpoint, and waits until that is done.
    ///
    /// - Returns: what the checkpoint has, or what has come back of it; nil when one was dropped.
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY` unless it is idle, `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_EXISTS`,
    ///   `TOO_MANY_CHECKPOINTS`, `FILES_FAILED`, `QUERY_FAILED`, `INVALID_REQUEST`.
    @discardableResult
    package func checkpoint(
        _ command: LiveSession.CheckpointCommand, _ name: String
    ) async throws(APIError) -> DriverAnswer? {
        try await living().checkpoint(command, name)
    }

    /// Ends it. Without effect once it has ended.
    ///
    /// - Parameter reason: goes into the terminal event.
    package func close(reason: String = "a client closed it") {
        state.withLock { $0.live }?.close(reason: reason)
    }

    /// Waits until it has ended.
    package func ended() async -> SessionEnd {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state in
                if state.end == nil { state.endWaiters.append(continuation) }
                return state.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    // MARK: - What is known of it

    /// How it ended; nil while it lives.
    package var end: SessionEnd? { state.withLock { $0.end } }

    /// Reads events from a sequence number on, 1 for all that is kept; later events than there are begin with the next one.
    package func events(from sequence: Int64) -> SessionReader { SessionReader(log, from: sequence) }

    /// All events that are kept now.
    package var history: [LoggedSessionEvent] { log.kept }

    package var summary: SessionSummary {
        let state = state.withLock {
            (snapshot: $0.snapshot, at: $0.lastActiveAt, attachments: $0.attachments, end: $0.end)
        }
        return SessionSummary(
            id: id, language: identity.language, policy: identity.policy, name: identity.name, tags: identity.tags,
            createdAt: identity.createdAt, lastActiveAt: state.at, snapshot: state.snapshot, limits: identity.limits,
            onDisconnect: identity.onDisconnect, isControlled: state.attachments.controller != nil,
            observers: state.attachments.observers, nextSequence: log.next, end: state.end)
    }

    /// What it is doing.
    package var currentState: SessionState { state.withLock { $0.end == nil ? $0.snapshot.state : .ended } }

    /// Milliseconds of processor time of all its interpreters, and bytes of their connections to the outside.
    var used: (cpu: Double, network: Int64) {
        state.withLock { (Double($0.snapshot.totalCPU) / 1_000_000, $0.snapshot.networkBytes) }
    }

    /// Memory that its history and the outcomes of its cells take, in bytes, and an estimate of the rest.
    var bytes: Int { log.bytes + state.withLock { $0.outcomes.bytes } + 4096 }
}

extension Session: SessionSink {
    package func receive(_ event: SessionEvent) {
        let logged = LoggedSessionEvent(event: event, json: event.json(session: id))
        if case .ended(let end) = event.kind { return finish(end, logged) }
        log.append(logged)
        let (due, traced) = state.withLock { state in
            state.lastActiveAt = event.time
            var traced: TracedCell?
            if case .executionFinished(let id, let status, let seconds, _, _) = event.kind {
                traced = state.traces.finished(
                    TracedCell(id: id, status: status, seconds: seconds, endedAt: event.time))
            }
            return (state.outcomes.take(logged), traced)
        }
        if let traced { onTraced(self, traced) }
        if let due { for waiter in due.waiters { waiter.resume(returning: due.outcome) } }
        onEvent(self, event)
    }

    /// The service knows of the end before anybody else hears of it: whoever does may resume the session at once.
    private func finish(_ end: SessionEnd, _ logged: LoggedSessionEvent) {
        let (waiters, cells) = state.withLock { state in
            state.lastActiveAt = logged.event.time
            state.end = end
            state.live = nil
            defer { state.endWaiters = [] }
            return (state.endWaiters, state.outcomes.takeWaiters())
        }
        onEvent(self, logged.event)
        log.append(logged)
        for waiter in waiters { waiter.resume(returning: end) }
        for waiter in cells { waiter.resume(returning: nil) }
    }

    /// Saves it and ends it; whatever comes of the saving, its end is due.
    package func storeWanted() {
        guard let live = state.withLock({ $0.live }) else { return }
        Task {
            do throws(APIError) {
                try await save(as: "idle")
            } catch {
                live.warn("the session could not be saved: \(error.message)")
            }
            live.endIdle()
        }
    }

    package func changed(_ snapshot: SessionSnapshot) {
        state.withLock { $0.snapshot = snapshot }
    }
}
