internal import Egress
internal import Glibc
internal import LinuxSystem
internal import Reactor
package import RunModel
internal import RunPlanning
package import RunService
package import SandboxSpec
internal import SandboxSupply
internal import SessionExecution
internal import Synchronization
package import WardenProtocol
package import WorkspaceModel

/// One workspace of the service, whether it runs or not. Safe from any thread. Whoever uses one has looked it up by its owner.
package final class Workspace: Sendable {
    /// What does not change.
    package struct Identity: Sendable {
        package let id: WorkspaceID
        package let owner: RunOwner
        /// Milliseconds since 1970.
        package let createdAt: Int64
    }

    struct State {
        var phase = WorkspaceState.stopped
        var request: WorkspaceRequest
        var plan: WorkspacePlan?
        var live: LiveWorkspace?
        var generation = 0
        var startedAt: Int64?
        /// Of the monotonic clock, while it runs.
        var expiresAt: Int64 = .max
        var expiryDate: Int64?
        var activeAt: Int64 = 0
        var announced: String?
        var savedAt: Int64 = 0
        var savedDigest: String?
        var processes: [WorkspaceProcess] = []
        var nextProcess = 1
        var ports: Set<UInt16> = []
        /// Clients that are connected to its ports.
        var connections = 0
        var usage = Usage()
        /// Its files where no store keeps them, or not yet.
        var archive: SharedDescriptor?
        var goneWaiters: [CheckedContinuation<Void, Never>] = []
        /// Why it stops, unless somebody has asked for it.
        var reason: String?
        /// Milliseconds of processor time its tenant has been charged for in this run.
        var charged = 0.0
    }

    package let identity: Identity
    package var id: WorkspaceID { identity.id }
    package let log: RingLog<LoggedEvent>
    let services: WorkspaceServices
    let state: Mutex<State>
    /// Starts, stops and removals, one at a time.
    let lifecycle = Turnstile()
    /// Savings, one at a time.
    let saving = Turnstile()
    /// Changes of files that compare before, one at a time.
    let writing = Turnstile()

    init(
        _ identity: Identity, _ request: WorkspaceRequest, _ services: WorkspaceServices, stored: StoredWorkspace? = nil
    ) {
        self.identity = identity
        self.services = services
        log = RingLog(capacity: services.settings.historyBytes, first: stored?.next_seq ?? 1)
        var state = State(request: request)
        if let stored {
            state.generation = stored.generation
            state.nextProcess = stored.next_process
            state.savedDigest = stored.archive_sha256
        }
        self.state = Mutex(state)
    }

    // MARK: - What is known of it

    package var currentState: WorkspaceState { state.withLock { $0.phase } }

    /// Reads its events from a number on.
    package func events(from number: Int64) -> LogReader<LoggedEvent> { LogReader(log, from: number) }

    func tell(_ kind: WorkspaceEvent.Kind) {
        let (id, date) = (id, services.date())
        log.append { number in
            let event = WorkspaceEvent(sequence: number, time: date, kind: kind)
            return LoggedEvent(event: event, json: event.json(id))
        }
    }

    /// Somebody uses it.
    func touch() {
        let now = services.now()
        state.withLock { state in
            state.activeAt = now
            if state.announced == "idle" { state.announced = nil }
        }
    }

    /// The sandbox; counts as use.
    ///
    /// - Throws: `WORKSPACE_STOPPED`.
    func running() throws(APIError) -> LiveWorkspace {
        touch()
        let (live, phase) = state.withLock { ($0.live, $0.phase) }
        guard let live, phase == .running else {
            throw phase == .starting
                ? APIError(.workspaceBusy, "the workspace is starting", retryable: true) : .workspaceStopped
        }
        return live
    }

    // MARK: - Start

    /// Starts it with its files.
    ///
    /// - Throws: `WORKSPACE_NOT_FOUND` when it is gone, what the planner says of its request, `TOO_MANY_WORKSPACES`,
    ///   `WORKSPACE_UNREADABLE`, `FILES_FAILED`, or why there is no sandbox.
    package func start() async throws(APIError) {
        try await lifecycle.pass { () throws(APIError) in
            switch state.withLock({ $0.phase }) {
            case .running, .starting: return
            case .deleted: throw .noWorkspace(id)
            case .stopping, .stopped: break
            }
            let request = state.withLock { $0.request }
            let plan = try services.plan(request)
            try services.admit(self, plan)
            setPhase(.starting)
            do throws(APIError) {
                try await begin(plan)
            } catch {
                await endSandbox()
                services.retire(self)
                setPhase(.stopped, reason: error.message)
                throw error
            }
        }
    }

    private func begin(_ plan: WorkspacePlan) async throws(APIError) {
        let archive = try await archive()
        let live = LiveWorkspace(
            plan, source: services.source, egress: services.egress, sink: self, reactor: services.reactor)
        let (now, date) = (services.now(), services.date())
        state.withLock { state in
            state.live = live
            state.plan = plan
            state.generation += 1
            state.startedAt = date
            state.expiresAt = now &+ plan.limits.life
            state.expiryDate = date + plan.limits.life / 1_000_000
            (state.activeAt, state.savedAt) = (now, now)
            (state.announced, state.reason) = (nil, nil)
            (state.processes, state.ports, state.usage, state.charged) = ([], [], Usage(), 0)
        }
        try await live.opened()
        if let archive {
            let (result, _) = await live.files(.unpack(replacing: true), archive: archive)
            try Self.check(result, "/box")
        }
        setPhase(.running)
    }

    /// Its files as they were stored last; nil for none.
    func archive() async throws(APIError) -> SharedDescriptor? {
        if let archive = state.withLock({ $0.archive }) { return archive }
        guard let store = services.store else { return nil }
        let id = id
        return try await onDisk { () throws(APIError) in try store.load(id)?.1 }
    }

    func setPhase(_ phase: WorkspaceState, reason: String? = nil) {
        let hasChanged = state.withLock { state in
            defer { state.phase = phase }
            return state.phase != phase
        }
        if hasChanged { tell(.state(phase, reason: reason)) }
    }

    // MARK: - Stop

    /// How long processes have to end by themselves, in nanoseconds.
    static let grace: Int64 = 2_000_000_000

    /// Ends its processes, stores its files, and ends its sandbox. Nothing of it runs when this returns.
    ///
    /// - Parameter reason: goes into the event; nil when somebody has asked for it.
    /// - Throws: `WORKSPACE_NOT_FOUND`. Files that cannot be stored are a warning.
    package func stop(reason: String? = nil) async throws(APIError) {
        try await lifecycle.pass { () throws(APIError) in
            switch state.withLock({ $0.phase }) {
            case .stopped: return
            case .deleted: throw .noWorkspace(id)
            case .running, .starting, .stopping: break
            }
            setPhase(.stopping, reason: reason)
            if let live = state.withLock({ $0.live }) {
                await live.endProcesses(within: Self.grace)
                do throws(APIError) {
                    try await save(freezes: true)
                } catch {
                    tell(.warning("the files could not be stored: \(error.message)"))
                }
            }
            await endSandbox()
            services.retire(self)
            setPhase(.stopped, reason: reason)
        }
    }

    /// Ends the sandbox and waits until it is gone.
    private func endSandbox() async {
        guard let live = state.withLock({ $0.live }) else { return }
        live.end()
        await withCheckedContinuation { continuation in
            let isGone = state.withLock { state in
                if state.live == nil { return true }
                state.goneWaiters.append(continuation)
                return false
            }
            if isGone { continuation.resume() }
        }
    }

    /// Ends it, and removes what is stored of it.
    func delete() async {
        await lifecycle.pass { () throws(Never) in
            guard state.withLock({ $0.phase }) != .deleted else { return }
            // From here on nothing of it is stored any more.
            if let store = services.store {
                let id = id
                try? await onDisk { () throws(APIError) in store.remove(id) }
            }
            let isLiving = state.withLock { $0.live != nil }
            await endSandbox()
            if isLiving { services.retire(self) }
            state.withLock { $0.archive = nil }
            setPhase(.deleted)
            log.end()
        }
    }

    /// Milliseconds of processor time since the last time that this was asked.
    func takeUsage() -> Double {
        state.withLock { state in
            let cpu = Double(state.usage.cpu) / 1_000_000
            defer { state.charged = max(cpu, state.charged) }
            return max(cpu - state.charged, 0)
        }
    }
}

extension APIError {
    static func noWorkspace(_ id: WorkspaceID) -> APIError {
        APIError(.workspaceNotFound, "there is no workspace \(id)")
    }
}

extension Workspace: LiveWorkspaceSink {
    package func changed(_ report: ProcessReport) {
        touch()
        switch report.state {
        case .running: tell(.processStarted(report))
        case .exited, .failed, .waiting: tell(.processExited(report))
        case .starting: break
        }
    }

    package func opened(port: UInt16) {
        state.withLock { _ = $0.ports.insert(port) }
        tell(.portOpened(port))
    }

    package func closed(port: UInt16) {
        state.withLock { _ = $0.ports.remove(port) }
        tell(.portClosed(port))
    }

    package func used(_ usage: Usage) { state.withLock { $0.usage = usage } }

    package func warned(_ hit: LimitHit) {
        tell(.warning("limit \(hit.name.rawValue): \(hit.used) of \(hit.allowed) \(hit.name.unit.rawValue) are used"))
    }

    package func ended(_ outcome: SandboxOutcome) {
        let (phase, waiters) = state.withLock { state in
            state.usage = outcome.usage.cpu > 0 ? outcome.usage : state.usage
            state.live = nil
            defer { state.goneWaiters = [] }
            return (state.phase, state.goneWaiters)
        }
        for waiter in waiters { waiter.resume() }
        guard phase == .running else { return }
        // Nobody has asked for it: a limit of the whole sandbox, or the warden is gone.
        services.retire(self)
        let reason = outcome.limit.map { "limit \($0.name.rawValue)" } ?? outcome.failure?.description
        setPhase(.stopped, reason: reason ?? outcome.verdict.rawValue)
    }
}
