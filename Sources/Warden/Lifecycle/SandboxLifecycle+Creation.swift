internal import ResourceMonitor
internal import SandboxSpec

/// From the zygote's answer to a parked sandbox.
extension SandboxLifecycle {
    mutating func forked() -> [Action] {
        // Given up while it was being forked: it has no filter yet, so it need not wait for its turn.
        if case .forking = state { [.prepare] } else { [.kill] }
    }

    mutating func prepared(at now: Int64) -> [Action] {
        guard case .forking = state else { return [] }
        enter(.preparing(deadline: now + rules.preparation), at: now)
        return []
    }

    mutating func forkFailed(_ failure: StageFailure, hasForked: Bool, at now: Int64) -> [Action] {
        evidence.failure = failure
        return hasForked ? end(.shutdown, at: now) : [.kill, .concludeInit]
    }

    mutating func zygoteExited(_ failure: StageFailure, hasForked: Bool, at now: Int64) -> [Action] {
        if evidence.status == nil { failed(failure) }
        return hasForked ? end(.shutdown, at: now) : [.concludeInit]
    }

    mutating func ready(at now: Int64) -> [Action] {
        guard case .preparing = state else { return [] }
        enter(.parked(OrderQueue()), at: now)
        isCreated = true
        return [.announceCreated]
    }
}
