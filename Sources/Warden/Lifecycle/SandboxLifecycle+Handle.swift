internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

extension SandboxLifecycle {
    /// Takes an event in. Pure: the same event in the same state always has the same effect.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    /// - Returns: what to do, in this order. Empty for an event that does not matter any more.
    mutating func handle(_ event: Event, at now: Int64) -> [Action] {
        switch event {
        case .forked: forked()
        case .prepared: prepared(at: now)
        case .forkFailed(let failure, let hasForked): forkFailed(failure, hasForked: hasForked, at: now)
        case .zygoteExited(let failure, let hasForked): zygoteExited(failure, hasForked: hasForked, at: now)
        case .ready: ready(at: now)

        case .upload(let upload): accept(upload, at: now)
        case .start(let job, let times): start(job, times: times, at: now)
        case .killRequested(let cause): killRequested(cause, at: now)
        case .signalRequested(let number): isRunning ? [.sendSignal(number)] : []
        case .probeRequested: probeRequested()
        case .probeSent: probed()
        case .activity: activity(at: now)
        case .orderTaken: orderTaken(at: now)
        case .orderFailed(let failure): orderFailed(failure, at: now)

        case .sampled(let sample): sampled(sample, at: now)
        case .sampleFailed(let failure), .controlFailed(let failure): endForFailure(failure, at: now)
        case .detailRead(let sample, let detail): isRunning ? [.send(.usage(id, usage(sample, detail, at: now)))] : []
        case .limitConfirmed(let hit): isRunning ? end(.limit(hit), at: now) : []
        case .memoryPressure: memoryPressure(at: now)
        case .ownMemoryRead(let bytes): noteOwnMemory(bytes)

        case .failureReported(let failure): failed(failure)
        case .exited(let status, let ownMemory, let hasFullFile, let leavesRemainder, let measurement):
            exited(
                status, ownMemory: ownMemory, hasFullFile: hasFullFile, leavesRemainder: leavesRemainder, measurement,
                at: now)
        case .inputAnswered(let isAwaited): inputAnswered(isAwaited)
        case .collected(let isStuck): collected(isStuck: isStuck, at: now)

        case .endRequested(let cause): end(cause, at: now)
        case .killTurn(let isWardenEnding, let hasForked): killTurn(isWardenEnding, hasForked: hasForked, at: now)
        case .initExited(let measurement): initExited(measurement, at: now)
        case .killTimedOut(let measurement, let processes): killTimedOut(measurement, processes, at: now)
        case .removed: report() + [.leave, .returnResources]
        case .removalFailed(let failure): removalFailed(failure, at: now)
        case .deadlinePassed: deadlinePassed(at: now)
        }
    }

    private mutating func deadlinePassed(at now: Int64) -> [Action] {
        switch state {
        case .preparing(let deadline) where deadline <= now:
            evidence.failure = StageFailure(stage: "prepare", errno: Errno.timedOut)
            return end(.shutdown, at: now)
        case .collecting(let deadline) where deadline <= now:
            // How the program ended is known, and stays true.
            collectionWaiver = "and more: handing files out took too long"
            return end(.shutdown, at: now)
        case .ending(let deadline?) where deadline <= now: return [.giveUp]
        case .parked(let queue): return lookAtOrders(queue, at: now)
        case .running(let running) where running.checkAt <= now: return [.sample]
        case .removing(let retry, _) where retry <= now: return [.remove]
        case .quarantined(let retry) where retry <= now:
            enter(.quarantined(retry: now + Self.quarantineInterval), at: now)
            return [.tryRelease]
        default: return []
        }
    }

    // MARK: - Failures

    /// Notes a failure of ours; only the first one counts.
    @discardableResult
    mutating func failed(_ failure: StageFailure) -> [Action] {
        if evidence.failure == nil { evidence.failure = failure }
        return []
    }

    mutating func endForFailure(_ failure: StageFailure, at now: Int64) -> [Action] {
        failed(failure)
        return end(.shutdown, at: now)
    }
}
