internal import FairQueue
internal import LinuxSystem
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply
internal import Synchronization

/// What is looked at a few times a second: deadlines of runs, places of those who wait, whether runs work at all.
extension RunService {
    /// How the service is, for health checks and metrics. Times are nanoseconds from now.
    package struct Vitals: Sendable, Equatable {
        /// Of the run that has waited longest; nil when none waits.
        package var oldestQueued: Int64?
        /// Of the run whose sandbox has been on its way longest.
        package var oldestStarting: Int64?
        /// Runs that had to be given up because their sandbox never answered.
        package var givenUp = 0
        /// Since a run was last seen to work; nil when none has been.
        package var worked: Int64?
        /// Why runs do not work, as far as that is known.
        package var lastError: String?
        /// Whether they have not for so long that somebody has to do something.
        package var isHopeless = false
        package var tests = 0
        package var failedTests = 0
        /// Since somebody last looked after the runs.
        package var unwatched: Int64 = 0
        /// A sandbox has been on its way for too long.
        package var isStartOverdue = false
    }

    package var vitals: Vitals {
        let now = now()
        let (health, oldest, running, givenUp, watchedAt) = state.withLock { state in
            (state.health, state.admission.oldestSince, Array(state.running.values), state.givenUp, state.watchedAt)
        }
        var vitals = Vitals()
        vitals.oldestQueued = oldest.map { max(now - $0, 0) }
        for record in running {
            let standing = record.control.standing
            guard standing.stage == .starting else { continue }
            vitals.oldestStarting = max(vitals.oldestStarting ?? 0, now - standing.since)
        }
        vitals.givenUp = givenUp
        vitals.worked = health.workedAt.map { max(now - $0, 0) }
        vitals.lastError = health.lastError
        vitals.isHopeless = health.isHopeless(now: now)
        vitals.tests = health.tests
        vitals.failedTests = health.failedTests
        vitals.unwatched = max(now - watchedAt, 0)
        vitals.isStartOverdue = (vitals.oldestStarting ?? 0) >= health.bounds.starting
        return vitals
    }

    /// Holds every run to the deadlines of its state; to be called a few times a second.
    package func watch() {
        let now = now()
        let (due, running, wantsTest, testRun) = state.withLock { state in
            state.watchedAt = now
            var due = state.apply(state.admission.report(now: now))
            for id in state.admission.waiting(since: now &- settings.queueTime) {
                if let action = state.waiting.end(id, .expired).action { due.append(action) }
            }
            let wantsTest = !state.isClosed && state.health.beginsTest(now: now)
            return (due, Array(state.running.values), wantsTest, state.testRun)
        }
        perform(due)
        watchRepository(now: now)
        for record in running { hold(record, now: now) }
        if let testRun { hold(testRun, now: now) }
        if wantsTest { test() }
    }

    private func hold(_ record: RunRecord, now: Int64) {
        let stage = record.control.standing.stage
        switch record.control.check(now: now) {
        case nil: return
        case .kill: observer.overdue(record, stage: stage)
        case .hurry:
            observer.overdue(record, stage: stage)
            record.log.disableBackpressure()
        case .giveUp:
            record.log.disableBackpressure()
            state.withLock { $0.givenUp += 1 }
            observer.overdue(record, stage: stage)
        case .abandon(let stage):
            observer.overdue(record, stage: stage)
            let outcome = RunOutcome(verdict: .internalError)
            record.abandon(APIError(RunControl.failure(stage)), outcome: outcome, at: now - record.acceptedAt)
            retire(record)
        }
    }

    // MARK: - Test runs

    private func test() {
        guard let run = TestRun(catalog, now: now) else {
            state.withLock { $0.health.couldNotTest() }
            return
        }
        state.withLock { $0.testRun = run }
        let log = RunEventEmitter(runID: run.plan.runID, sink: run, now: now, onSinkGone: {})
        executor.begin(AcceptedRun(plan: run.plan, input: .bytes(run.input), control: run.control, log: log)) {
            outcome in
            self.tested(run, run.failure(of: outcome))
        }
    }

    private func hold(_ run: TestRun, now: Int64) {
        if case .abandon? = run.control.check(now: now) { tested(run, "a test run did not end") }
    }

    /// Only the first word on a test run counts.
    private func tested(_ run: TestRun, _ lastError: String?) {
        let now = now()
        let news = state.withLock { state -> String?? in
            guard state.testRun === run else { return nil }
            state.testRun = nil
            let before = state.health.lastError
            state.health.tested(lastError, now: now)
            return before == lastError ? nil : .some(lastError)
        }
        if let news { observer.health(news) }
    }

    /// What a run that has ended says about whether runs work.
    func learn(from record: RunRecord, _ state: inout State) {
        guard let outcome = record.outcome else { return }
        if outcome.verdict == .internalError {
            state.health.failed()
        } else if record.timings.started != nil, record.warm != .cached, outcome.verdict != .cancelled {
            state.health.worked(now: now())
        }
    }
}
