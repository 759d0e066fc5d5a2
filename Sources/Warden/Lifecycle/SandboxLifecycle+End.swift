internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// From the decision to end a sandbox until it is gone.
extension SandboxLifecycle {
    /// How long it may take to end once it has been killed, and when everything ends.
    static let killTimeout: Int64 = 5_000_000_000
    static let lastKillTimeout: Int64 = 3_000_000_000
    /// How long an empty cgroup may refuse to be removed before the client is sent a failure.
    static let removalTimeout: Int64 = 5_000_000_000
    /// How often the cgroup of one in quarantine is tried.
    static let quarantineInterval: Int64 = 1_000_000_000

    /// Ends it, as soon as it is its turn (`EndBrake`). The cause counts if it is the first and the program has not ended by
    /// itself.
    mutating func end(_ cause: KillCause, at now: Int64) -> [Action] {
        switch state {
        case .ending, .removing, .quarantined: return []
        case .forking, .preparing, .parked, .running, .collecting: break
        }
        evidence.willKill(cause)
        // What runs uses up what it may not have; what is parked can wait.
        let isUrgent = isRunning
        enter(.ending(deadline: nil), at: now)
        // A program that is killed reports nothing of how much memory it had.
        return (isUrgent ? [.readOwnMemory] : []) + [.queueKill(isUrgent: isUrgent)]
    }

    mutating func killTurn(_ isWardenEnding: Bool, hasForked: Bool, at now: Int64) -> [Action] {
        guard case .ending = state else { return [] }
        let timeout = isWardenEnding ? Self.lastKillTimeout : Self.killTimeout
        // One that is not born yet is killed when its zygote answers, which has its own time.
        enter(.ending(deadline: now + timeout + (hasForked || isWardenEnding ? 0 : rules.birth)), at: now)
        killedAt = now
        return [.kill]
    }

    /// pid 1 has ended, and with it everything in its pid namespace.
    mutating func initExited(_ measurement: Measurement?, at now: Int64) -> [Action] {
        var actions: [Action] = []
        switch state {
        case .quarantined:
            // At last. What is left is its cgroup.
            enter(.quarantined(retry: now), at: now)
            return [.closeAll]
        case .removing: return []
        case .parked, .running: actions.append(.noteEnd)
        case .forking, .preparing, .collecting, .ending: break
        }
        account(measurement, at: now)
        actions += checkCollection()
        enter(.removing(retry: now, since: now), at: now)
        return actions + [.closeAll, .remove]
    }

    /// A program that ended well must not seem to have left fewer files than it did.
    private mutating func checkCollection() -> [Action] {
        guard execution?.isCollectionDue == true, !isReported, evidence.status != nil else { return [] }
        if let reason = collectionWaiver { return [.send(.artifactSkipped(id, name: "*", reason: reason))] }
        return failed(StageFailure(stage: "collect", errno: Errno.noChild))
    }

    // MARK: - Removing

    mutating func removalFailed(_ failure: StageFailure, at now: Int64) -> [Action] {
        guard case .removing(_, let since) = state else { return [] }
        let age = now - since
        if age < Self.removalTimeout {
            // pid 1 leaves its group a moment after its parent could reap it.
            enter(.removing(retry: now + min(max(500_000, age / 2), 50_000_000), since: since), at: now)
            // No process may be in it any more; one that is, is killed again.
            return age > 100_000_000 ? [.kill] : []
        }
        failed(failure)
        return quarantine("its cgroup cannot be removed: \(failure)", at: now)
    }

    /// It was killed and has had its time: a task that waits in the kernel, or is frozen, does not act on SIGKILL.
    mutating func killTimedOut(_ measurement: Measurement?, _ processes: String, at now: Int64) -> [Action] {
        account(measurement, at: now)
        // What came after is no time of the program's.
        if let start = execution?.startedAt, let end = killedAt {
            evidence.usage.wall = min(evidence.usage.wall, max(0, end - start))
        }
        let actions = checkCollection()
        if evidence.status == nil {
            failed(StageFailure(stage: "kill", errno: Errno.timedOut, object: processes))
        }
        return actions + quarantine("it does not end in spite of SIGKILL: \(processes)", at: now)
    }

    private mutating func quarantine(_ reason: String, at now: Int64) -> [Action] {
        enter(.quarantined(retry: now + Self.quarantineInterval), at: now)
        return [.quarantine(reason: reason)] + report() + [.leave]
    }

    // MARK: - The report

    /// Reports how a program ended that ended by itself, as soon as nothing of it is left: what remains is to take our own
    /// parts away, for which no client has to wait.
    mutating func reportEarly() -> [Action] {
        evidence.failure == nil ? report() : []
    }

    /// The last message to the client, once.
    mutating func report() -> [Action] {
        guard !isReported else { return [] }
        isReported = true
        let judgement = VerdictJudge.judge(evidence)
        guard isCreated else {
            let cancelled = StageFailure(stage: "cancelled", errno: Errno.cancelled)
            return [.send(.refused(id, evidence.failure ?? judgement.failure ?? cancelled))]
        }
        let outcome = SandboxOutcome(
            verdict: judgement.verdict, status: evidence.status, limit: judgement.limit, usage: evidence.usage,
            failure: judgement.failure)
        return [.send(.finished(id, outcome))]
    }
}
