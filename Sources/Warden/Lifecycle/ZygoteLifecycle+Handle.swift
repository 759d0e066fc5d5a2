internal import SandboxSpec

extension ZygoteLifecycle {
    /// What happens to a zygote.
    enum Event {
        // From the zygote.
        /// It has looked at its script; with what it had written by then.
        case booted(output: String)
        /// It has answered its oldest request, or answers none.
        case answered
        /// It has exited, closed its socket or broken the protocol.
        case lost(isOutOfMemory: Bool)

        // Answers to actions.
        case limitsLifted
        case liftFailed(reason: String)
        case reaped
        case reapFailed

        // From the warden.
        /// It has been sent a request.
        case asked
        /// A request has become a sandbox.
        case sandboxAdded
        case sandboxLeft
        /// Its successor has booted.
        case replaced
        /// Its place is needed.
        case evicted
        /// The warden ends, which waits for no answer.
        case wardenEnding
        /// `deadline` has passed.
        case deadlinePassed
    }

    /// What the warden has to do, in this order.
    enum Action: Equatable {
        /// Let it have any amount of memory; then `limitsLifted` or `liftFailed`.
        case liftLimits
        /// It serves: it takes the place of the one it was started to succeed.
        case takePlace
        /// Kill it and forget it. Its sandboxes and those who wait for one are sent the failure.
        case end(StageFailure)
        /// Look whether it has ended; then `reaped` or `reapFailed`.
        case reap
        /// It has been reaped, and needs no look any more.
        case leave
    }

    /// How often it is looked whether one that was killed has ended: at first, and after a second.
    static let reapInterval: Int64 = 2_000_000
    static let stuckInterval: Int64 = 1_000_000_000

    /// Takes an event in. Pure: the same event in the same state always has the same effect.
    ///
    /// - Returns: what to do, in this order. Empty for an event that does not matter any more.
    mutating func handle(_ event: Event, at now: Int64) -> [Action] {
        switch event {
        case .booted(let output): return booted(output, at: now)
        case .limitsLifted:
            guard isBooting else { return [] }
            serve(at: now)
            return [.takePlace]
        case .liftFailed(let reason): return isBooting ? end(reason, at: now) : []
        case .asked: countRequest(at: now)
        case .answered:
            guard openRequests > 0 else { return end(at: now) }
            countAnswer(at: now)
        case .sandboxAdded: countSandbox()
        case .sandboxLeft:
            discountSandbox(at: now)
            return endIfDone(at: now)
        case .replaced:
            guard state == .serving else { return [] }
            enter(.retiring)
            return endIfDone(at: now)
        case .evicted: return end(at: now)
        case .wardenEnding: return openRequests > 0 ? end(at: now) : []
        case .lost(let isOutOfMemory):
            let reason = "took more than \(rules.memory >> 20) MiB of memory to boot"
            return end(isOutOfMemory && isBooting ? reason : "", at: now)
        case .reaped:
            guard case .ending = state else { return [] }
            enter(.gone)
            return [.leave]
        case .reapFailed:
            guard case .ending(_, let since) = state else { return [] }
            let isStuck = now - since >= Self.stuckInterval
            enter(.ending(retry: now + (isStuck ? Self.stuckInterval : Self.reapInterval), since: since))
        case .deadlinePassed: return deadlinePassed(at: now)
        }
        return []
    }

    private mutating func booted(_ output: String, at now: Int64) -> [Action] {
        // It says so once.
        guard isBooting else { return end(at: now) }
        // A program that starts cold prints it too, each time; or it comes from a module that the program did not load.
        guard output.isEmpty else { return end("wrote something while it booted", at: now) }
        // The kernel charges a forked child's first pages to its parent's group, and counts it there for a moment.
        return [.liftLimits]
    }

    private mutating func deadlinePassed(at now: Int64) -> [Action] {
        guard let deadline, deadline <= now else { return [] }
        switch state {
        case .booting: return end("did not look at its script within \(rules.boot / 1_000_000_000) s", at: now)
        case .serving, .retiring:
            let reason = "did not answer within \(rules.answer / 1_000_000_000) s"
            return end(reason, stage: "zygote_fork", errno: Errno.timedOut, at: now)
        case .ending: return [.reap]
        case .gone: return []
        }
    }

    private mutating func endIfDone(at now: Int64) -> [Action] {
        state == .retiring && sandboxes == 0 ? end(at: now) : []
    }

    /// - Parameters:
    ///   - reason: why, when that is known; in words.
    ///   - stage: where its sandboxes failed; nil for what it was doing.
    private mutating func end(
        _ reason: String = "", stage: String? = nil, errno: Int32 = Errno.noChild, at now: Int64
    ) -> [Action] {
        if isOver { return [] }
        let stage = stage ?? (isBooting ? "zygote_boot" : "zygote")
        enter(.ending(retry: now, since: now))
        return [.end(StageFailure(stage: stage, errno: errno, object: reason)), .reap]
    }
}
