internal import Images
internal import LinuxSystem
internal import Policies
package import RunModel
internal import SandboxSpec
internal import Synchronization

/// All runs of one service: one admission for every door, one registry, one end for each run.
///
/// Everything but `run()` and `idle()` returns at once. Safe from any thread.
package final class RunService: Sendable {
    package struct Settings: Sendable {
        package var admission: AdmissionQueue.Bounds
        package var finished: FinishedRuns.Bounds
        /// Bytes of events kept per run.
        package var buffer: Int
        /// Bytes of artifacts kept per run.
        package var artifactBytes: Int64
        /// Of what compile steps made; nil to keep none of it.
        package var compileCache: CompileCache.Bounds?
        /// Nanoseconds that a run may wait for a place.
        package var queueTime: Int64 = 600_000_000_000
        package var deadlines = RunDeadlines.Bounds()
        /// No test runs unless asked for.
        package var health = HealthMonitor.Bounds(every: nil)

        package init(
            admission: AdmissionQueue.Bounds, finished: FinishedRuns.Bounds, buffer: Int, artifactBytes: Int64,
            compileCache: CompileCache.Bounds? = nil
        ) {
            self.admission = admission
            self.finished = finished
            self.buffer = buffer
            self.artifactBytes = artifactBytes
            self.compileCache = compileCache
        }
    }

    /// A run that has not been handed to its task yet.
    struct Entry: Sendable {
        let record: RunRecord
        let plan: RunPlan
        let input: RunInput
        var log: RunLog
    }

    struct State {
        var admission: AdmissionQueue
        var finished: FinishedRuns
        var pending: [RunID: Entry] = [:]
        var records: [RunID: RunRecord] = [:]
        /// Those that have been let in and not ended.
        var running: [RunID: RunRecord] = [:]
        var health: HealthMonitor
        var testRun: TestRun?
        var givenUp = 0
        var watchedAt: Int64
        /// Oldest first; ids that are no longer known are skipped, and cleared out now and then.
        var order: [RunID] = []
        var idle: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
        var isStopped = false
    }

    package let catalog: RunCatalog
    let executor: RunExecutor
    private let compileCache: CompileCache?
    let settings: Settings
    let observer: any RunObserver
    let now: @Sendable () -> Int64
    private let date: @Sendable () -> Int64
    let state: Mutex<State>
    private let stopped: AsyncStream<Never>
    private let stopping: AsyncStream<Never>.Continuation

    /// - Parameters:
    ///   - source: where sandboxes come from.
    ///   - now: nanoseconds of a monotonic clock.
    ///   - date: milliseconds since 1970.
    package init(
        catalog: RunCatalog, source: any SandboxSource, settings: Settings, observer: any RunObserver,
        now: @escaping @Sendable () -> Int64 = { monotonicNow() },
        date: @escaping @Sendable () -> Int64 = { Timestamp.now() }
    ) {
        self.catalog = catalog
        compileCache = settings.compileCache.map { CompileCache(bounds: $0) }
        executor = RunExecutor(source: source, cache: compileCache)
        self.settings = settings
        self.observer = observer
        self.now = now
        self.date = date
        state = Mutex(
            State(
                admission: AdmissionQueue(bounds: settings.admission),
                finished: FinishedRuns(bounds: settings.finished),
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

    /// Checks a submission and lets it in.
    ///
    /// - Parameters:
    ///   - client: who shares the places with others; the owner when nil.
    ///   - concurrent: how many runs this client may have at once, when that differs from the others.
    ///   - isConnected: somebody stays on the line, so that a lost line may mean something.
    /// - Throws: `APIError` when it is wrong, or there is no place for it. Then there is no run.
    package func submit(
        _ submission: Submission, owner: RunOwner, client: RunClient? = nil, origin: RunOrigin = RunOrigin(),
        concurrent: Int? = nil, isConnected: Bool, interactiveByDefault: Bool = false
    ) throws(APIError) -> RunRecord {
        do throws(APIError) {
            if isClosed { throw Self.shuttingDown }
            let checked = try catalog.planner.plan(submission)
            let record = record(
                checked, submission, owner: owner, origin: origin, isConnected: isConnected,
                interactiveByDefault: interactiveByDefault)
            var plan = checked.plan
            if submission.cache == .on { plan.cacheScope = owner.description }
            let log = RunLog(runID: plan.runID, sink: record, now: now, onSinkGone: {})
            let input: RunInput =
                record.input.map { .live($0) } ?? submission.stdin.map { .bytes($0) } ?? .empty
            try enter(
                Entry(record: record, plan: plan, input: input, log: log),
                client ?? RunClient(owner.description), concurrent)
            observer.accepted(record)
            return record
        } catch {
            observer.refused(error)
            throw error
        }
    }

    private func record(
        _ checked: RunPlanner.Checked, _ submission: Submission, owner: RunOwner, origin: RunOrigin, isConnected: Bool,
        interactiveByDefault: Bool
    ) -> RunRecord {
        let isInteractive = submission.interactive ?? (interactiveByDefault && submission.stdin == nil)
        return RunRecord(
            identity: RunRecord.Identity(
                id: checked.plan.runID, owner: owner, origin: origin, language: checked.settings.image.name,
                policy: checked.settings.policy.name, createdAt: date(),
                onDisconnect: isConnected ? submission.onDisconnect : .detach),
            input: isInteractive ? InputQueue(submission.stdin ?? []) : nil, buffer: settings.buffer,
            artifactBytes: settings.artifactBytes, acceptedAt: now(),
            control: RunControl(bounds: settings.deadlines, now: now))
    }

    private func enter(_ entry: Entry, _ client: RunClient, _ concurrent: Int?) throws(APIError) {
        let id = entry.plan.runID
        let refusal = state.withLock { state -> AdmissionQueue.Refusal? in
            let actions: [AdmissionQueue.Action]
            do throws(AdmissionQueue.Refusal) {
                actions = try state.admission.enter(id, client: client, concurrent: concurrent, now: now())
            } catch {
                return error
            }
            var entry = entry
            entry.log.emit(.accepted(position: (state.admission.position(of: id) ?? 1) - 1))
            state.pending[id] = entry
            state.records[id] = entry.record
            state.order.append(id)
            if state.order.count > 2 * state.records.count + 64 {
                let records = state.records
                state.order.removeAll { records[$0] == nil }
            }
            perform(actions, &state)
            return nil
        }
        switch refusal {
        case nil: return
        case .closed?: throw Self.shuttingDown
        case .queueFull?:
            throw APIError(
                .queueFull, "all sandboxes are busy and \(settings.admission.queued) runs wait already",
                retryable: true)
        case .clientQueueFull?:
            throw APIError(
                .tooManyRuns, "\(settings.admission.queuedPerClient) of your runs wait already", retryable: true)
        }
    }

    static let shuttingDown = APIError(.shuttingDown, "the service is stopping", retryable: true)

    /// Carries out what the admission says. Under the lock: nothing here waits.
    func perform(_ actions: [AdmissionQueue.Action], _ state: inout State) {
        for action in actions {
            switch action {
            case .start(let id):
                guard let entry = state.pending.removeValue(forKey: id) else { continue }
                let record = entry.record
                record.admit(at: now() - record.acceptedAt)
                record.control.enter(.starting)
                state.running[id] = record
                executor.begin(
                    entry.plan, input: entry.input, artifacts: record.artifacts, control: record.control, log: entry.log
                ) { _ in self.retire(record) }
            case .wait(let id, let position):
                // Told a bounded number of times, which cannot fill the log: telling it never waits.
                state.pending[id]?.log.emit(.queued(position: position))
            }
        }
    }

    /// A run has had its last event.
    func retire(_ record: RunRecord) {
        // The thread of a run that was ended by force may come back.
        guard record.retireOnce() else { return }
        record.input?.close()
        observer.finished(record)
        let idle = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.running[record.id] = nil
            learn(from: record, &state)
            perform(state.admission.leave(record.id), &state)
            forget(state.finished.add(record.id, bytes: record.bytes, now: now()), &state)
            guard state.admission.runningCount == 0, state.admission.waitingCount == 0 else { return [] }
            defer { state.idle = [] }
            return state.idle
        }
        for waiter in idle { waiter.resume() }
    }

    private func forget(_ ids: [RunID], _ state: inout State) {
        for id in ids { state.records[id] = nil }
    }

    /// Ends a run, whether it waits or runs. Without effect once it has finished.
    package func cancel(_ record: RunRecord) {
        let waiting = state.withLock { $0.pending.removeValue(forKey: record.id) }
        guard var entry = waiting else {
            record.control.cancel()
            return
        }
        entry.log.emit(.finished(RunEvent.Ending(verdict: .cancelled)))
        retire(record)
    }

    /// Takes old runs out of memory and lets quiet readers know that nothing has come; to be called every few seconds.
    package func tick() {
        let records = state.withLock { state in
            forget(state.finished.purge(now: now()), &state)
            return Array(state.records.values)
        }
        for record in records { record.log.nudge() }
    }

    /// Lets nobody in any more.
    package func close() {
        state.withLock { state in
            state.isClosed = true
            state.admission.close()
        }
    }

    /// What has been compiled and is kept; all zero when nothing is.
    package var compileCounts: CompileCache.Counts { compileCache?.counts ?? CompileCache.Counts() }

    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Waits until nothing runs and nothing waits.
    package func idle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.admission.runningCount == 0, state.admission.waitingCount == 0 { return true }
                state.idle.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Resumes everybody who waits for `idle`, whether it is or not.
    package func giveUpWaiting() {
        let waiters = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Ends every run, and waits for no slow reader.
    package func cancelAll() {
        for record in state.withLock({ Array($0.records.values) }) where record.phase != .finished {
            cancel(record)
            record.log.hurry()
        }
    }

    /// Lets `run` end once all runs have.
    package func stop() {
        close()
        stopping.finish()
    }
}
