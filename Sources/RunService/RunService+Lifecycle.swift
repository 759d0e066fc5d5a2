internal import FairQueue
internal import RunExecution
internal import RunModel
internal import SandboxSpec
internal import Synchronization
internal import Tenants

/// Carries out what was decided under the lock: how runs start and end.
extension RunService {
    /// Without the lock. Each of these runs is this thread's: nobody else emits events of it.
    func perform(_ actions: [WaitingRuns<Entry>.Action]) {
        for action in actions {
            switch action {
            case .start(let entry): start(entry)
            case .end(let entry, let cause): end(entry, cause)
            case .report(var entry, let place):
                // Reported a bounded number of times, which cannot fill the log: this never blocks.
                entry.log.emit(place.event)
                if let due = state.withLock({ [entry] in $0.checkIn(entry) }) { perform([due]) }
            }
        }
    }

    private func start(_ entry: Entry) {
        let record = entry.record
        record.admit(at: now() - record.acceptedAt)
        record.control.enter(.starting)
        executor.begin(
            AcceptedRun(
                plan: entry.plan, input: entry.input, artifacts: artifacts.open(record.id), control: record.control,
                log: entry.log)
        ) { _ in self.retire(record) }
    }

    /// A run ends that has not started.
    private func end(_ entry: Entry, _ cause: WaitingRuns<Entry>.Cause) {
        var log = entry.log
        switch cause {
        case .cancelled: log.emit(.finished(RunOutcome(verdict: .cancelled)))
        case .expired:
            log.emit(
                .error(
                    APIError(
                        .queueTimeout, "there was no place for the run in \(settings.queueTime / 1_000_000_000) s",
                        retryable: true)))
            log.emit(.finished(RunOutcome(verdict: .internalError)))
            observer.overdue(entry.record, stage: .queued)
        }
        retire(entry.record)
    }

    /// A run has had its last event.
    func retire(_ record: RunRecord) {
        // The task of a run that was ended by force may come back.
        guard record.retireOnce() else { return }
        record.input?.close()
        observer.finished(record)
        var used = record.used
        used.bytes += Int64(artifacts.bytes(of: record.id))
        tenancy.usage.add(used, to: record.identity.tenant)
        let gone = repository.finish(
            record, bytes: record.log.bytes + artifacts.bytes(of: record.id) + Self.recordBytes, now: now())
        artifacts.remove(gone)
        let (due, idle) = state.withLock { state in
            state.running[record.id] = nil
            learn(from: record, &state)
            return (state.apply(state.admission.leave(record.id, now: now(), cpu: record.cpuSeconds)), state.takeIdle())
        }
        for waiter in idle { waiter.resume() }
        perform(due)
    }

    /// An estimate of what a record takes besides its events and files.
    static let recordBytes = 4096

    /// Ends a run, whether it waits or runs. Without effect once it has finished.
    package func cancel(_ record: RunRecord) {
        let (isWaiting, due) = state.withLock { $0.waiting.end(record.id, .cancelled) }
        if !isWaiting { record.control.cancel() }
        if let due { perform([due]) }
    }

    /// Takes old runs out of memory and wakes readers of quiet runs, so that they can send a sign of life; to be called every few
    /// seconds.
    package func tick() {
        artifacts.remove(repository.purge(now: now()))
        for record in unfinished { record.log.wakeReaders() }
    }

    /// Ends every run, and waits for no slow reader.
    package func cancelAll() {
        for record in unfinished {
            cancel(record)
            record.log.disableBackpressure()
        }
    }

    /// Runs that wait or run.
    var unfinished: [RunRecord] {
        let (waiting, running) = state.withLock { ($0.waiting.ids, Array($0.running.values)) }
        return waiting.compactMap { repository.lookup($0) } + running
    }

    /// Resumes everybody who waits for `idle`, whether it is or not.
    package func giveUpWaiting() {
        let waiters = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        for waiter in waiters { waiter.resume() }
    }
}
