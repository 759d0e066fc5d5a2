internal import FairQueue
internal import Images
internal import LinuxSystem
internal import Policies
package import RunExecution
package import RunModel
package import RunPlanning
internal import SandboxSpec
internal import Synchronization
internal import Tenants
internal import TraceContexts

/// All runs of one service: one admission for every transport, one registry, one end for each run.
///
/// Everything but `submit`, `run` and `idle` returns immediately. What is decided under the lock is carried out after it.
/// Safe from any thread.
package final class RunService: Sendable {
    /// A run that has not started: all that starting it takes.
    struct Entry: Sendable {
        let record: RunRecord
        let plan: RunPlan
        let input: RunInput
        /// Its owner is whoever has the entry checked out of `WaitingRuns`.
        var log: RunEventEmitter
    }

    struct State {
        var admission: FairQueue<RunID>
        var waiting = WaitingRuns<Entry>()
        /// Those that have been started and not ended.
        var running: [RunID: RunRecord] = [:]
        var health: HealthMonitor
        var testRun: TestRun?
        var givenUp = 0
        /// Runs that the repository has not taken yet, where it takes its time.
        var keeping: [RunID: Keeping] = [:]
        /// How many of its answers came too late, or still have not come.
        var lateRepository = 0
        var watchedAt: Int64
        var idle: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
        /// An administrator wants no more runs for now.
        var isDraining = false

        var isIdle: Bool { admission.runningCount == 0 && admission.waitingCount == 0 }

        /// What admission says, as what has to be done after the lock.
        mutating func apply(_ actions: [FairQueue<RunID>.Action]) -> [WaitingRuns<Entry>.Action] {
            actions.compactMap { action in
                let due = waiting.apply(action)
                if case .start(let entry)? = due { running[entry.record.id] = entry.record }
                return due
            }
        }

        /// The same of a run that is checked in.
        mutating func checkIn(_ entry: Entry) -> WaitingRuns<Entry>.Action? {
            let due = waiting.checkIn(entry.record.id, entry)
            if case .start? = due { running[entry.record.id] = entry.record }
            return due
        }

        /// Those who wait for `idle`, when it is.
        mutating func takeIdle() -> [CheckedContinuation<Void, Never>] {
            guard isIdle else { return [] }
            defer { idle = [] }
            return idle
        }
    }

    package let catalog: RunCatalog
    let executor: any RunExecuting
    let repository: any RunRepository
    let artifacts: any ArtifactStore
    package let settings: Settings
    package let tenancy: Tenancy
    let observer: any RunObserver
    let now: @Sendable () -> Int64
    private let date: @Sendable () -> Int64
    let state: Mutex<State>
    private let stopped: AsyncStream<Never>
    private let stopping: AsyncStream<Never>.Continuation

    /// - Parameters:
    ///   - executor: carries out the runs that are let in.
    ///   - tenancy: whose runs are whose; without tenants when nil.
    ///   - repository: keeps the runs; in memory when nil.
    ///   - artifacts: keeps the files that runs export; in memory when nil.
    ///   - now: nanoseconds of a monotonic clock.
    ///   - date: milliseconds since 1970.
    package init(
        catalog: RunCatalog, executor: any RunExecuting, settings: Settings, observer: any RunObserver,
        tenancy: Tenancy? = nil, repository: (any RunRepository)? = nil, artifacts: (any ArtifactStore)? = nil,
        now: @escaping @Sendable () -> Int64 = { monotonicNow() },
        date: @escaping @Sendable () -> Int64 = { Timestamp.now() }
    ) {
        self.catalog = catalog
        self.executor = executor
        self.repository = repository ?? RunMemory(bounds: settings.finished)
        self.artifacts = artifacts ?? ArtifactMemory(capacity: settings.artifactBytes)
        self.settings = settings
        self.tenancy = tenancy ?? .none(date: date)
        self.observer = observer
        self.now = now
        self.date = date
        state = Mutex(
            State(
                admission: FairQueue(bounds: settings.admission),
                health: HealthMonitor(bounds: settings.health), watchedAt: now()))
        (stopped, stopping) = AsyncStream.makeStream()
    }

    /// Lasts until `stop`, or until the task is cancelled, which ends all runs; then until all of them have ended.
    package func run() async {
        for await _ in stopped {}
        if Task.isCancelled {
            close()
            cancelAll()
        }
        await idle()
    }

    /// Checks a submission and accepts it.
    ///
    /// - Parameters:
    ///   - client: who shares the places with others; the owner when nil.
    ///   - concurrent: how many runs this client may have at the same time, when that differs from the others.
    ///   - isConnected: somebody stays on the line, so that a lost line may mean something.
    /// - Returns: the run, once `accepted` is in its log. Does not suspend while the repository does not.
    /// - Throws: `APIError` when it is wrong, or there is no place for it. Then there is no run.
    package func submit(
        _ submission: Submission, owner: RunOwner, client: RunClient? = nil, origin: RunOrigin = RunOrigin(),
        concurrent: Int? = nil, isConnected: Bool, interactiveByDefault: Bool = false
    ) async throws(APIError) -> RunRecord {
        do throws(APIError) {
            if isClosed { throw Self.shuttingDown }
            let planner = catalog.planner
            let tenant = tenancy.tenant(of: owner)
            let priority = try tenancy.priority(submission.priority, of: tenant)
            let checked = try planner.check(submission)
            try tenancy.check(
                tenant, language: checked.settings.image.name, policy: checked.settings.policy.name)
            var plan = try planner.bind(checked.run)
            let record = record(
                checked, submission, tenant: tenant.name, owner: owner, origin: origin, isConnected: isConnected,
                interactiveByDefault: interactiveByDefault, rules: planner.reference(to: checked.settings.policy))
            if submission.cache == .on { plan.cacheScope = owner.description }
            let log = RunEventEmitter(
                runID: plan.runID, sink: RunRecorder(record: record, repository: repository),
                rules: record.identity.rules, traceID: record.identity.origin.trace.map { "\($0.traceID)" }, now: now,
                onSinkGone: {})
            let input: RunInput =
                record.input.map { .live($0) } ?? submission.stdin.map { .bytes($0) } ?? .empty
            let request = QueueRequest(
                tenant: tenant.name, terms: tenancy.terms(of: tenant),
                client: (client ?? RunClient(owner.description)).description,
                isSharded: owner == .anyone, concurrent: concurrent, priority: priority,
                kind: record.identity.policy)
            try await accept(Entry(record: record, plan: plan, input: input, log: log), request)
            return record
        } catch {
            observer.refused(error)
            throw error
        }
    }

    private func record(
        _ checked: RunPlanner.Checked, _ submission: Submission, tenant: String, owner: RunOwner, origin: RunOrigin,
        isConnected: Bool,
        interactiveByDefault: Bool, rules: RulesReference?
    ) -> RunRecord {
        let isInteractive = submission.interactive ?? (interactiveByDefault && submission.stdin == nil)
        return RunRecord(
            identity: RunRecord.Identity(
                id: checked.run.runID, owner: owner, origin: origin, language: checked.settings.image.name,
                policy: checked.settings.policy.name, tenant: tenant, rules: rules,
                settings: checked.settings, createdAt: date(),
                onDisconnect: isConnected ? submission.onDisconnect : .detach),
            input: isInteractive ? InputQueue(submission.stdin ?? []) : nil, buffer: settings.buffer,
            acceptedAt: now(), control: RunControl(bounds: settings.deadlines, now: now))
    }

    /// Finds a place for a run, has it kept, and only then accepts it. It is checked out all the while, so that nobody else
    /// starts it or reports its place.
    private func accept(_ entry: Entry, _ request: QueueRequest) async throws(APIError) {
        let id = entry.plan.runID
        let entered = state.withLock {
            state -> Result<(place: QueuePlace?, due: [WaitingRuns<Entry>.Action]), AdmissionRefusal> in
            Result { () throws(AdmissionRefusal) in
                let actions = try state.admission.enter(id, request, now: now())
                state.waiting.add(id)
                return (state.admission.place(of: id), state.apply(actions))
            }
        }
        let (place, due): (QueuePlace?, [WaitingRuns<Entry>.Action])
        do throws(AdmissionRefusal) {
            (place, due) = try entered.get()
        } catch {
            throw refusal(error)
        }
        perform(due)
        do throws(APIError) {
            try await keep(entry.record)
        } catch {
            let (due, idle) = state.withLock { state in
                state.waiting.withdraw(id)
                return (state.apply(state.admission.leave(id, now: now())), state.takeIdle())
            }
            for waiter in idle { waiter.resume() }
            perform(due)
            throw error
        }
        var entry = entry
        entry.log.emit(.accepted(position: (place?.position ?? 1) - 1))
        if let place { entry.log.emit(place.event) }
        tenancy.usage.add(TenantUsage.Counters(runs: 1), to: entry.record.identity.tenant)
        observer.accepted(entry.record)
        if let due = state.withLock({ [entry] in $0.checkIn(entry) }) { perform([due]) }
    }

    private func refusal(_ refusal: AdmissionRefusal) -> APIError {
        switch refusal {
        case .closed: Self.shuttingDown
        case .queueFull:
            APIError(
                .queueFull, "all sandboxes are busy and \(settings.admission.queued) runs wait already",
                retryable: true)
        case .clientQueueFull:
            APIError(
                .tooManyRuns, "\(settings.admission.queuedPerClient) of your runs wait already", retryable: true)
        case .tenantQueueFull(let maximum):
            APIError(.tooManyRuns, "\(maximum) runs of your tenant wait already", retryable: true)
        }
    }

    static let shuttingDown = APIError(.shuttingDown, "the service is stopping", retryable: true)

    /// Whether it accepts no runs: it stops, or is being drained.
    package var isClosed: Bool { state.withLock { $0.isClosed || $0.isDraining } }

    /// Waits until nothing runs and nothing waits.
    package func idle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.isIdle { return true }
                state.idle.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Accepts no more runs.
    package func close() {
        state.withLock { state in
            state.isClosed = true
            state.admission.close()
        }
    }

    /// Lets `run` end once all runs have.
    package func stop() {
        close()
        stopping.finish()
    }
}
