package import Egress
internal import LinuxSystem
package import Reactor
package import RunModel
package import RunPlanning
package import RunService
package import SandboxSupply
package import SessionExecution
package import SessionModel
internal import Synchronization
internal import Tenants

/// All sessions of one service: how many there may be, whose they are, and those that have ended, for a while.
///
/// Everything but `run` and `idle` returns at once. Safe from any thread.
package final class SessionService: Sendable {
    /// What bounds a service and its sessions. Times are nanoseconds.
    package struct Settings: Sendable {
        /// Sessions that live at the same time.
        package var sessions: Int
        /// Of them, those of one owner.
        package var sessionsPerOwner: Int
        /// Bytes of events kept for each, however much its policy allows.
        package var historyBytes: Int
        /// Ended sessions that are kept: how many, how many bytes of history together, how long.
        package var endedSessions = 1000
        package var endedBytes = 256 << 20
        package var endedFor: Int64 = 3_600_000_000_000
        package var bounds = SessionEngine.Bounds()

        package init(sessions: Int, sessionsPerOwner: Int, historyBytes: Int) {
            self.sessions = sessions
            self.sessionsPerOwner = sessionsPerOwner
            self.historyBytes = historyBytes
        }
    }

    /// How many sessions there are, by state; `ended` are those that are kept, `stored` those on disk.
    package struct Vitals: Sendable, Equatable {
        package var states: [SessionState: Int] = [:]
        package var maximum = 0

        /// Those that are over and still kept, and those on disk.
        package var ended: Int { states[.ended, default: 0] }
        package var stored: Int { states[.stored, default: 0] }

        /// Those that live.
        package var living: Int { states.reduce(0) { $1.key == .ended || $1.key == .stored ? $0 : $0 + $1.value } }
    }

    /// A session with the moment when it ended.
    struct Entry {
        let session: Session
        var endedAt: Int64?
        /// What its tenant has been charged: milliseconds of processor time, and bytes of connections to the outside.
        var charged = (cpu: 0.0, network: Int64(0))
    }

    struct State {
        var entries: [SessionID: Entry] = [:]
        /// Those that have ended, in that order.
        var ended: [SessionID] = []
        var living: [RunOwner: Int] = [:]
        var livingCount = 0
        var idle: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
        /// An administrator wants no more sessions for now.
        var isDraining = false
    }

    /// Finds what a request needs, or why it cannot be had.
    package typealias Planning = @Sendable (SessionRequest) throws(APIError) -> SessionPlan

    package let settings: Settings
    let tenancy: Tenancy
    let plan: Planning
    let store: SessionStore?
    private let source: any SandboxSource
    private let reactor: Reactor
    private let egress: EgressService?
    let observer: any SessionObserver
    private let now: @Sendable () -> Int64
    private let date: @Sendable () -> Int64
    let state = Mutex(State())
    private let stopped: AsyncStream<Never>
    private let stopping: AsyncStream<Never>.Continuation

    /// - Parameters:
    ///   - source: where sandboxes come from.
    ///   - tenancy: whose sessions are whose; without tenants when nil.
    ///   - store: where sessions are saved; nil for nowhere.
    ///   - reactor: on whose thread the sessions live.
    ///   - egress: the way out of their sandboxes; without it, sessions with egress fail.
    ///   - now: nanoseconds of a monotonic clock.
    ///   - date: milliseconds since 1970.
    package init(
        settings: Settings, plan: @escaping Planning, source: any SandboxSource, store: SessionStore? = nil,
        tenancy: Tenancy? = nil,
        reactor: Reactor, egress: EgressService? = nil,
        observer: any SessionObserver, now: @escaping @Sendable () -> Int64,
        date: @escaping @Sendable () -> Int64 = { Timestamp.now() }
    ) {
        self.settings = settings
        self.tenancy = tenancy ?? .none(date: date)
        self.plan = plan
        self.source = source
        self.store = store
        self.reactor = reactor
        self.egress = egress
        self.observer = observer
        self.now = now
        self.date = date
        (stopped, stopping) = AsyncStream.makeStream()
    }

    // MARK: - Sessions

    /// A new session, which is `starting`: cells may be submitted at once.
    ///
    /// - Parameter queue: how many cells may wait in it; as the settings say when nil.
    /// - Throws: what is wrong with the request; `TOO_MANY_SESSIONS`, `SHUTTING_DOWN`.
    package func create(
        _ request: SessionRequest, owner: RunOwner, origin: RunOrigin = RunOrigin(),
        onDisconnect: OnSessionDisconnect = .keep, queue: Int? = nil
    ) throws(APIError) -> Session {
        do throws(APIError) {
            return try begin(
                try plan(request), request, owner: owner, origin: origin, onDisconnect, nil, nil, queue: queue)
        } catch {
            observer.refused(error)
            throw error
        }
    }

    func begin(
        _ plan: SessionPlan, _ request: SessionRequest, owner: RunOwner, origin: RunOrigin,
        _ onDisconnect: OnSessionDisconnect, _ resumed: StoredSession?, _ files: SharedDescriptor?,
        queue: Int? = nil
    ) throws(APIError) -> Session {
        let tenant = tenancy.tenant(of: owner)
        try tenancy.check(tenant, language: plan.language, policy: plan.policy)
        var limits = plan.limits
        limits.historyBytes = min(limits.historyBytes, settings.historyBytes)
        let session = Session(
            Session.Identity(
                id: resumed.flatMap { SessionID($0.metadata.session_id) } ?? SessionID(), owner: owner, origin: origin,
                language: plan.language, policy: plan.policy, name: request.name, tags: request.tags,
                createdAt: resumed?.metadata.created_at ?? date(), limits: limits, onDisconnect: onDisconnect,
                request: request), store: store, resumed: resumed,
            gate: { [tenancy] () throws(APIError) in try tenancy.checkQuota(tenancy.tenant(of: owner)) },
            onTraced: { [observer] in observer.traced($1, in: $0) }
        ) { [weak self] session, event in self?.happened(event, in: session) }
        try state.withLock { state throws(APIError) in try admit(session, tenant, &state) }
        tenancy.usage.add(TenantUsage.Counters(runs: 1), to: tenant.name)
        var bounds = settings.bounds
        bounds.queue = queue ?? bounds.queue
        session.begin(plan, bounds: bounds, source: source, reactor: reactor, egress: egress, files: files)
        // `close` has not seen one that had not begun.
        if isClosed { session.close(reason: "shutting_down") }
        observer.created(session)
        return session
    }

    private func admit(_ session: Session, _ tenant: Tenant, _ state: inout State) throws(APIError) {
        guard !state.isClosed, !state.isDraining else {
            throw APIError(.shuttingDown, "the service is stopping", retryable: true)
        }
        guard settings.sessions > 0 else {
            throw APIError(.tooManySessions, "sessions are turned off here (max_sessions is 0)")
        }
        guard state.livingCount < settings.sessions else {
            throw APIError(
                .tooManySessions, "the service has \(settings.sessions) sessions already (max_sessions)",
                retryable: true)
        }
        let owner = session.identity.owner
        guard state.living[owner, default: 0] < settings.sessionsPerOwner else {
            throw APIError(
                .tooManySessions, "you have \(settings.sessionsPerOwner) sessions already (max_sessions_per_owner)",
                retryable: true)
        }
        if let maximum = tenant.sessions {
            let living = state.living.reduce(0) { sum, owner in
                tenancy.tenant(of: owner.key).name == tenant.name ? sum + owner.value : sum
            }
            guard living < maximum else {
                throw APIError(
                    .tooManySessions, "tenant \(tenant.name) has \(living) sessions already, allowed are \(maximum)",
                    retryable: true,
                    details: ["field": "sessions", "value": "\(living)", "allowed": "\(maximum)"])
            }
        }
        if let other = state.entries[session.id] {
            guard other.endedAt != nil else {
                throw APIError(.sessionBusy, "the session lives: it can be resumed when it has ended")
            }
            state.ended.removeAll { $0 == session.id }
        }
        state.livingCount += 1
        state.living[owner, default: 0] += 1
        state.entries[session.id] = Entry(session: session)
    }

    /// - Throws: `SESSION_NOT_FOUND`, the same for a session of somebody else.
    package func find(_ id: SessionID, owner: RunOwner) throws(APIError) -> Session {
        let session = state.withLock { $0.entries[id]?.session }
        guard let session, session.identity.owner == owner else {
            throw APIError(.sessionNotFound, "there is no session \(id)")
        }
        return session
    }

    /// The owner's sessions, the newest first.
    package func list(owner: RunOwner, _ filter: SessionFilter = SessionFilter()) -> [SessionSummary] {
        let sessions = state.withLock { $0.entries.values.map(\.session) }
        return sessions.filter { $0.identity.owner == owner }.map(\.summary).filter(filter.takes)
            .sorted { ($0.createdAt, $0.id.description) > ($1.createdAt, $1.id.description) }
    }

    /// Those that live, of all owners, the oldest first.
    package var livingSessions: [Session] {
        state.withLock { $0.entries.values.filter { $0.endedAt == nil }.map(\.session) }
            .sorted { ($0.identity.createdAt, $0.id.description) < ($1.identity.createdAt, $1.id.description) }
    }

    /// Creates no more sessions until it is called with false. Those that live are not affected.
    package func drain(_ isDraining: Bool) {
        state.withLock { $0.isDraining = isDraining }
    }

    /// Whether it takes no more sessions.
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    package var vitals: Vitals {
        let sessions = state.withLock { $0.entries.values.map(\.session) }
        var vitals = Vitals(maximum: settings.sessions)
        for session in sessions { vitals.states[session.currentState, default: 0] += 1 }
        if let store { vitals.states[.stored] = store.count }
        return vitals
    }

    // MARK: - Ends

    private func happened(_ event: SessionEvent, in session: Session) {
        switch event.kind {
        case .executionFinished(_, let status, let seconds, let usage, _):
            charge(session, atLeast: Double(usage.cpu) / 1_000_000, output: usage.outputBytes)
            observer.finished(status, after: seconds, in: session)
        case .ended(let end):
            charge(session)
            retire(session)
            observer.ended(session, end)
        default: break
        }
    }

    /// Counts for its tenant what a session has used since the last time, also between cells.
    ///
    /// - Parameter atLeast: milliseconds of processor time of a cell, which samples may not show yet.
    private func charge(_ session: Session, atLeast cell: Double = 0, output: Int64 = 0) {
        let (cpu, network) = session.used
        let new = state.withLock { state -> (cpu: Double, network: Int64) in
            guard let charged = state.entries[session.id]?.charged else { return (cell, 0) }
            let new = (cpu: max(cpu - charged.cpu, cell, 0), network: max(network - charged.network, 0))
            state.entries[session.id]?.charged = (charged.cpu + new.cpu, charged.network + new.network)
            return new
        }
        tenancy.usage.add(
            TenantUsage.Counters(cpu: new.cpu, bytes: output + new.network),
            to: tenancy.tenant(of: session.identity.owner).name)
    }

    private func retire(_ session: Session) {
        let idle = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard state.entries[session.id]?.endedAt == nil else { return [] }
            state.entries[session.id]?.endedAt = now()
            state.ended.append(session.id)
            state.livingCount -= 1
            let owner = session.identity.owner
            state.living[owner, default: 1] -= 1
            if state.living[owner] == 0 { state.living[owner] = nil }
            purge(&state)
            guard state.livingCount == 0 else { return [] }
            defer { state.idle = [] }
            return state.idle
        }
        for waiter in idle { waiter.resume() }
    }

    /// Forgets ended sessions that are too old, too many or too large.
    private func purge(_ state: inout State) {
        var bytes = state.ended.reduce(0) { $0 + (state.entries[$1]?.session.bytes ?? 0) }
        var count = 0
        for id in state.ended {
            guard let entry = state.entries[id], let endedAt = entry.endedAt else { break }
            let isTooMany = state.ended.count - count > settings.endedSessions || bytes > settings.endedBytes
            guard isTooMany || now() - endedAt > settings.endedFor else { break }
            bytes -= entry.session.bytes
            state.entries[id] = nil
            count += 1
        }
        state.ended.removeFirst(count)
    }

    /// Forgets old sessions, and lets readers of quiet ones give a sign of life; to be called every few seconds.
    package func tick() {
        let sessions = state.withLock { state in
            purge(&state)
            return state.entries.values.filter { $0.endedAt == nil }.map(\.session)
        }
        for session in sessions { session.log.wakeReaders() }
    }

    /// Takes no more sessions, and ends those that live.
    package func close() {
        let (isFirst, sessions) = state.withLock { state in
            defer { state.isClosed = true }
            return (!state.isClosed, state.entries.values.filter { $0.endedAt == nil }.map(\.session))
        }
        for session in sessions {
            switch session.identity.limits.onIdle {
            case .close: session.close(reason: "shutting_down")
            // Once: a second one would end it while it is being saved.
            case .checkpoint: if isFirst { Task { await session.saveAndClose(reason: "shutting_down") } }
            }
        }
    }

    /// Waits until no session lives.
    package func idle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.livingCount == 0 { return true }
                state.idle.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    /// The same, for so long.
    ///
    /// - Returns: whether no session lives.
    package func idle(within time: Duration) async -> Bool {
        await BoundedWait.run(time, { await self.idle() }, giveUp: giveUpWaiting)
    }

    /// Resumes everybody who waits for `idle`, whether it is or not.
    private func giveUpWaiting() {
        let waiters = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Lets `run` end once all sessions have.
    package func stop() {
        close()
        stopping.finish()
    }

    /// Lasts until `stop`, or until the task is cancelled, which ends all sessions; then until they have ended.
    package func run() async {
        for await _ in stopped {}
        close()
        await idle()
    }
}
