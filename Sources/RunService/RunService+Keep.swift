internal import FairQueue
internal import RunExecution
internal import RunModel
internal import SandboxSpec
internal import Synchronization

/// A run on its way into the repository, until that has answered or its time is over: whichever comes first counts.
final class Keeping: Sendable {
    typealias Answer = Result<Void, APIError>

    private enum State {
        case open(CheckedContinuation<Answer, Never>?)
        case answered(Answer)
    }

    /// Nanoseconds of the service's clock.
    let since: Int64
    private let state = Mutex(State.open(nil))

    init(since: Int64) {
        self.since = since
    }

    /// - Returns: whether this is the answer that counts.
    func answer(_ answer: Answer) -> Bool {
        let (counts, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Answer, Never>?) in
            guard case .open(let waiter) = state else { return (false, nil) }
            state = .answered(answer)
            return (true, waiter)
        }
        waiter?.resume(returning: answer)
        return counts
    }

    /// The answer, if it is there already.
    var answer: Answer? { state.withLock { if case .answered(let answer) = $0 { answer } else { nil } } }

    /// For one task.
    func wait() async -> Answer {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Answer? in
                guard case .answered(let answer) = state else {
                    state = .open(continuation)
                    return nil
                }
                return answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }
}

extension RunService {
    /// Has a run kept. Does not suspend while the repository does not: what it does then is done on the caller's thread.
    ///
    /// - Throws: why the repository does not keep it; after `keepTime` that it does not answer.
    func keep(_ record: RunRecord) async throws(APIError) {
        guard state.withLock({ $0.lateRepository < settings.admission.running }) else { throw repositoryTimeout }
        let keeping = Keeping(since: now())
        let task = Task.immediate {
            let answer: Keeping.Answer
            do throws(APIError) {
                answer = .success(try await repository.put(record))
            } catch {
                answer = .failure(error)
            }
            if !keeping.answer(answer) { self.tooLate(record, answer) }
        }
        if let answer = keeping.answer { return try answer.get() }
        state.withLock { $0.keeping[record.id] = keeping }
        let answer = await keeping.wait()
        state.withLock { $0.keeping[record.id] = nil }
        // Without effect on one that has ended.
        task.cancel()
        try answer.get()
    }

    /// Gives up runs that the repository has not taken in time; to be called often.
    func watchRepository(now: Int64) {
        let due = state.withLock { state in state.keeping.values.filter { now - $0.since >= settings.keepTime } }
        for keeping in due {
            // It is late until it answers after all. Counted first: that may be now.
            state.withLock { $0.lateRepository += 1 }
            if !keeping.answer(.failure(repositoryTimeout)) { state.withLock { $0.lateRepository -= 1 } }
        }
    }

    /// The repository answers, and the client has been told that its run is refused.
    private func tooLate(_ record: RunRecord, _ answer: Keeping.Answer) {
        state.withLock { $0.lateRepository -= 1 }
        guard case .success = answer else { return }
        // It was kept after all: as a run that failed and goes the way of all finished ones.
        record.abandon(repositoryTimeout, outcome: RunOutcome(verdict: .internalError), at: now() - record.acceptedAt)
        artifacts.remove(
            repository.finish(record, bytes: record.log.bytes + RunService.recordBytes, now: now()))
    }

    private var repositoryTimeout: APIError {
        APIError(
            .overloaded, "the store of runs has not answered for \(settings.keepTime / 1_000_000_000) s",
            retryable: true)
    }
}
