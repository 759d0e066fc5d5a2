internal import Cgroups
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// A program that runs and one that has ended.
extension SandboxLifecycle {
    /// No closer together than this are two `usage` events of a sandbox.
    static let usageInterval: Int64 = 200_000_000
    /// pid 1 takes five seconds at most; only a stalled machine needs longer.
    static let collectionTimeout: Int64 = 10_000_000_000
    /// With something left that cannot be ended, nothing more is to be expected of pid 1 either.
    static let stuckTimeout: Int64 = 1_000_000_000

    // MARK: - Limits

    mutating func sampled(_ sample: ResourceSample, at now: Int64) -> [Action] {
        guard case .running(var running) = state else { return [] }
        let found = running.tracker.record(sample, at: now)
        running.checkAt = running.tracker.nextCheck(after: now) ?? now
        var actions: [Action] = found.map { action in
            switch action {
            case .warn(let hit): .send(.warning(id, hit))
            // What pid 1 has said already counts before what the clock says.
            case .kill(let hit): .confirm(hit)
            }
        }
        let isOver = actions.contains { if case .confirm = $0 { true } else { false } }
        if !isOver, now - running.reportedAt >= Self.usageInterval {
            running.reportedAt = now
            actions.append(.readDetail(sample))
        }
        update(running)
        return actions
    }

    /// The kernel has announced that memory is short.
    mutating func memoryPressure(at now: Int64) -> [Action] {
        guard case .running(var running) = state else { return [] }
        running.tracker.memoryPressure(at: now)
        update(running)
        return [.sample]
    }

    // MARK: - What pid 1 says

    mutating func exited(
        _ status: ExitStatus, ownMemory: Int64, hasFullFile: Bool, leavesRemainder: Bool, _ measurement: Measurement?,
        at now: Int64
    ) -> [Action] {
        evidence.ended(status)
        noteOwnMemory(ownMemory)
        evidence.hasFullFile = hasFullFile
        account(measurement, at: now)
        // Not looked at for limits any more; nothing of the program is left.
        guard case .running = state else { return [] }
        enter(.collecting(deadline: now + Self.collectionTimeout), at: now)
        execution?.isRemainderDue = leavesRemainder
        let isDone = execution?.isCollectionDue != true && !leavesRemainder
        return [.noteEnd] + (isDone ? reportEarly() : [])
    }

    mutating func inputAnswered(_ isAwaited: Bool) -> [Action] {
        guard case .running(var running) = state else { return [] }
        running.isProbed = false
        update(running)
        return [.send(.input(id, isAwaited: isAwaited))]
    }

    mutating func collected(isStuck: Bool, at now: Int64) -> [Action] {
        execution?.isCollectionDue = false
        execution?.isRemainderDue = false
        guard case .collecting = state else { return [] }
        if isStuck { enter(.collecting(deadline: now + Self.stuckTimeout), at: now) }
        return reportEarly()
    }

    // MARK: - The account

    @discardableResult
    mutating func noteOwnMemory(_ bytes: Int64) -> [Action] {
        ownMemory = max(ownMemory, bytes)
        return []
    }

    /// The final account: when the program has ended, or else when pid 1 has; before the cgroup goes.
    mutating func account(_ measurement: Measurement?, at now: Int64) {
        guard !isAccounted, let measurement else { return }
        isAccounted = true
        switch measurement {
        case .failure(let failure): failed(failure)
        case .success(let account):
            let (sample, detail) = (account.sample, account.detail)
            evidence.usage = usage(sample, detail, at: now)
            evidence.oomKills = sample.oomKills
            // The kernel takes page cache back before it kills: what was charged then was memory of the processes.
            if sample.oomKills > 0 { evidence.usage.memoryPeak = evidence.usage.chargedPeak }
            if account.hasLimitHits {
                evidence.memoryLimitHits = detail.memoryLimitHits
                evidence.processLimitHits = detail.processLimitHits
            }
        }
    }

    /// The account of a sample, with what is only read now and then.
    mutating func usage(_ sample: ResourceSample, _ detail: CgroupDetail, at now: Int64) -> Usage {
        var usage = Usage()
        usage.wall = execution.map { max(0, now - $0.startedAt) } ?? 0
        usage.cpu = sample.cpu
        usage.cpuUser = min(detail.cpuUser, sample.cpu)
        usage.cpuSystem = max(0, sample.cpu - usage.cpuUser)
        usage.memory = sample.memory
        noteOwnMemory(detail.memoryOwn)
        usage.memoryPeak = ownMemory
        usage.chargedPeak = max(detail.memoryPeak, sample.memory)
        usage.processes = sample.processes
        usage.processesPeak = max(detail.processesPeak, sample.processes)
        usage.disk = sample.disk
        usage.inodes = sample.inodes
        return usage
    }
}
