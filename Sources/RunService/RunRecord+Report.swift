package import RunModel
internal import Synchronization

extension RunRecord {
    /// Where the run stands, with its result once it has one.
    package func summary(withResult: Bool = true) -> RunSummary {
        let status = status.withLock { $0 }
        return RunSummary(
            runID: id, state: status.state, language: identity.language, policy: identity.policy,
            createdAt: Timestamp.text(milliseconds: identity.createdAt), position: status.position,
            estimatedWait: status.wait, nextSequence: log.extent.next, result: withResult ? result : nil)
    }

    /// What the run wrote, as far as it is kept, and how it ended; nil until it has.
    package var result: RunResult? {
        let status = status.withLock { $0 }
        guard var outcome = status.outcome else { return nil }
        var builder = RunResultBuilder(maximumBytes: .max)
        if log.extent.first > 0 { outcome.truncated = true }
        for event in log.snapshot where !event.kind.isTerminal { _ = builder.add(event) }
        let last = RunEvent(runID: id, sequence: 0, at: 0, kind: .finished(outcome))
        guard var result = builder.add(last) else { return nil }
        result.error = status.error
        return result
    }
}
