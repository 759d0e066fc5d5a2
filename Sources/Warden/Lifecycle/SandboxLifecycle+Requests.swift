internal import Cgroups
internal import ResourceMonitor
internal import SandboxSpec

/// What the client wants of a sandbox.
extension SandboxLifecycle {
    /// How many files a job may start with.
    static let maximumUploads = 1024

    mutating func accept(_ upload: Upload, at now: Int64) -> [Action] {
        whileParked("upload", at: now) { lifecycle, queue throws(StageFailure) in
            let size = try upload.size.get()
            func refuse(_ errno: Int32) -> StageFailure {
                StageFailure(stage: "upload", errno: errno, object: upload.order.object)
            }
            guard size <= lifecycle.evidence.limits[.disk] else { throw refuse(Errno.fileTooLarge) }
            guard queue.uploads < Self.maximumUploads else { throw refuse(Errno.listTooLong) }
            queue.append(upload.order, at: now)
        }
    }

    /// The limits that are kept by watching are those of the job.
    mutating func start(_ job: Job, times: TimeLimits?, at now: Int64) -> [Action] {
        whileParked("job", at: now) { lifecycle, queue throws(StageFailure) in
            if let times { try lifecycle.change(times) }
            guard !queue.hasJob else {
                throw StageFailure(stage: "job", errno: Errno.busy, object: "the sandbox has a job")
            }
            let bytes = ControlOrder.start(job, cpu: lifecycle.evidence.limits[.cpu])
            queue.append(OrderQueue.Order(bytes: bytes, contents: nil, job: job, object: "start"), at: now)
        }
    }

    /// Puts something into the queue of a parked sandbox. The client has been sent the end of one that is over.
    private mutating func whileParked(
        _ stage: String, at now: Int64,
        _ body: (inout SandboxLifecycle, inout OrderQueue) throws(StageFailure) -> Void
    ) -> [Action] {
        switch state {
        case .collecting, .ending, .removing, .quarantined: return []
        case .forking, .preparing, .running:
            let failure = StageFailure(stage: stage, errno: Errno.busy, object: "the sandbox is not parked")
            return endForFailure(failure, at: now)
        case .parked(var queue):
            do throws(StageFailure) {
                try body(&self, &queue)
            } catch {
                return endForFailure(error, at: now)
            }
            update(queue)
            return [.sendOrders]
        }
    }

    private mutating func change(_ times: TimeLimits) throws(StageFailure) {
        let limits: Limits
        do throws(InvalidLimit) { limits = try times.applied(to: evidence.limits) } catch {
            throw StageFailure(stage: "job", errno: Errno.outOfRange, object: error.description)
        }
        if let name = limits.exceeding(rules.ceiling) {
            let object = "limit \(name.rawValue), which is over the ceiling"
            throw StageFailure(stage: "job", errno: Errno.notPermitted, object: object)
        }
        evidence.limits = limits
    }

    mutating func killRequested(_ cause: KillCause, at now: Int64) -> [Action] {
        if case .collecting = state { collectionWaiver = "and more: the run was cancelled while collecting" }
        return end(cause, at: now)
    }

    /// One at a time: pid 1 looks once for however many questions.
    mutating func probeRequested() -> [Action] {
        guard case .running(let running) = state, !running.isProbed else { return [] }
        return [.sendProbe]
    }

    mutating func probed() -> [Action] {
        guard case .running(var running) = state else { return [] }
        running.isProbed = true
        update(running)
        return []
    }

    mutating func activity(at now: Int64) -> [Action] {
        guard case .running(var running) = state else { return [] }
        running.tracker.activity(at: now)
        running.checkAt = running.tracker.nextCheck(after: now) ?? now
        update(running)
        return []
    }

    // MARK: - Orders to pid 1

    /// pid 1 has taken the oldest order. With the job, the program has been let go at `now`.
    mutating func orderTaken(at now: Int64) -> [Action] {
        guard case .parked(var queue) = state, let order = queue.removeFirst(at: now) else { return [] }
        update(queue)
        if let job = order.job { begin(job, at: now) }
        return []
    }

    private mutating func begin(_ job: Job, at now: Int64) {
        execution = Execution(startedAt: now, isCollectionDue: !job.artifacts.patterns.isEmpty)
        let limits = evidence.limits
        let tracker = LimitTracker(
            limits: limits, warnAt: warnAt, startedAt: now, processors: rules.processors,
            cpuQuota: CPUBandwidth(millicpus: limits[.cpus]).quotaNanoseconds, survivesShortage: survivesShortage)
        let checkAt = tracker.nextCheck(after: now) ?? now
        enter(.running(Running(tracker: tracker, checkAt: checkAt, reportedAt: now)), at: now)
    }

    mutating func orderFailed(_ failure: StageFailure, at now: Int64) -> [Action] {
        // pid 1 that has failed says why itself, and that is received before its end is handled.
        if !Errno.isGone(failure.errno) { failed(failure) }
        return end(.shutdown, at: now)
    }

    /// pid 1 has orders to take. One that does not take them for as long as it may take to be made is stuck.
    mutating func lookAtOrders(_ queue: OrderQueue, at now: Int64) -> [Action] {
        if let order = queue.orders.first, now - queue.takenAt > rules.preparation {
            return endForFailure(
                StageFailure(stage: order.stage, errno: Errno.timedOut, object: order.object), at: now)
        }
        return queue.orders.isEmpty ? [] : [.sendOrders]
    }
}
