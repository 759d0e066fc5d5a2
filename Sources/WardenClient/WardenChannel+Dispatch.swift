internal import LinuxSystem
internal import SandboxSpec
internal import Synchronization
internal import WardenProtocol

extension WardenChannel {
    /// Acts on one packet of the warden. Runs on the thread of the connection only.
    /// - Returns: an error that ends the connection.
    func receive(_ packet: consuming Packet) -> WardenError? {
        let event: Event
        do throws(ProtocolError) {
            event = try Event(decoding: packet.bytes)
            try event.check(descriptorCount: packet.descriptors.count)
        } catch {
            return .protocolViolation(error.description)
        }
        var descriptors: [SharedDescriptor] = []
        while let descriptor = packet.descriptors.take() { descriptors.append(SharedDescriptor(descriptor)) }
        // Whatever is not handed on below is closed with this array.
        return dispatch(event, descriptors)
    }

    private func dispatch(_ event: Event, _ descriptors: [SharedDescriptor]) -> WardenError? {
        if case .welcome(let version, let pid) = event { return welcome(version, pid) }
        if state.withLock({ if case .greeting = $0.phase { true } else { false } }) {
            return .protocolViolation("it spoke before its welcome")
        }
        switch event {
        case .welcome: return nil
        case .status(let status):
            state.withLock { $0.status = (status, .now) }
            return nil
        case .created(let id): return created(id, descriptors)
        case .refused(let id, let failure): return ended(id, .failure(failure))
        case .finished(let id, let outcome): return ended(id, .success(outcome))
        case .started(let id): return happened(id, .started)
        case .usage(let id, let usage): return happened(id, .usage(usage))
        case .warning(let id, let hit): return happened(id, .warning(hit))
        case .input(let id, let isAwaited): return happened(id, .inputAwaited(isAwaited))
        case .files(let id, let result): return happened(id, .files(result, descriptors.first))
        case .listening(let id): return happened(id, .listening(descriptors))
        case .spawned(let id, let process):
            return happened(
                id,
                .spawned(
                    process,
                    descriptors.count == 1
                        ? .terminal(descriptors[0])
                        : .pipes(stdin: descriptors[0], stdout: descriptors[1], stderr: descriptors[2])))
        case .spawnFailed(let id, let process, let failure): return happened(id, .spawnFailed(process, failure))
        case .exited(let id, let process, let end): return happened(id, .exited(process, end))
        case .dialed(let id, let dial, let errno): return happened(id, .dialed(dial, errno: errno, descriptors.first))
        case .artifactSkipped(let id, let name, let reason):
            return happened(id, .artifactSkipped(name: name, reason: reason))
        case .artifact(let id, let path, let bytes):
            guard let file = descriptors.first else { return .protocolViolation("an artifact without a descriptor") }
            return happened(id, .artifact(path, bytes: bytes, file))
        }
    }

    private func welcome(_ version: UInt32, _ pid: Int32) -> WardenError? {
        guard version == WardenProtocolLimits.version else {
            return .versionMismatch(ours: WardenProtocolLimits.version, theirs: version)
        }
        let isExpected = state.withLock { state in
            switch state.phase {
            case .greeting:
                state.phase = .ready
                return true
            // `close()` came first.
            case .closing, .ended: return true
            case .ready: return false
            }
        }
        guard isExpected else { return .protocolViolation("a second welcome") }
        greeting.set(.success(pid))
        return nil
    }

    private func created(_ id: SandboxID, _ descriptors: [SharedDescriptor]) -> WardenError? {
        let queue = SandboxEventQueue()
        enum Step {
            case resume(CheckedContinuation<CreatedSandbox, any Error>, CreatedSandbox)
            case ignore
            case fail(String)
        }
        let step = state.withLock { state -> Step in
            switch state.sandboxes[id] {
            case .creating(let continuation, let shape):
                guard let created = Self.sandbox(of: shape, descriptors, queue) else {
                    return .fail("sandbox \(id) was created with \(descriptors.count) descriptors")
                }
                state.sandboxes[id] = .living(queue)
                return .resume(continuation, created)
            case .living: return .fail("sandbox \(id) was created twice")
            case .abandoned, nil: return .ignore
            }
        }
        switch step {
        case .resume(let continuation, let created):
            continuation.resume(returning: created)
            return nil
        case .ignore: return nil
        case .fail(let what): return .protocolViolation(what)
        }
    }

    /// - Returns: nil when these are not the descriptors of such a sandbox.
    private static func sandbox(
        of shape: SandboxShape, _ descriptors: [SharedDescriptor], _ queue: SandboxEventQueue
    ) -> CreatedSandbox? {
        let standard = shape.hasTerminal ? 1 : 3
        let meters = standard + (shape.hasChannel ? 2 : 0)
        let behind = meters + (shape.hasMeter ? 2 : 0)
        let count = behind + (shape.hasListener ? 1 : 0) + (shape.isObserved ? 2 : 0)
        guard descriptors.count == count else { return nil }
        let streams: ProgramStreams =
            if shape.hasTerminal { .terminal(descriptors[0]) } else {
                .pipes(stdin: descriptors[0], stdout: descriptors[1], stderr: descriptors[2])
            }
        let channel =
            shape.hasChannel
            ? ProgramChannel(commands: descriptors[standard], records: descriptors[standard + 1]) : nil
        let meter = shape.hasMeter ? SandboxMeter(cpu: descriptors[meters], memory: descriptors[meters + 1]) : nil
        return CreatedSandbox(
            queue: queue, streams: streams, channel: channel, meter: meter,
            listener: shape.hasListener ? descriptors[behind] : nil,
            observation: shape.isObserved
                ? SandboxObservation(listener: descriptors[count - 2], filter: descriptors[count - 1]) : nil)
    }

    /// The last message about a sandbox.
    private func ended(_ id: SandboxID, _ end: Result<SandboxOutcome, StageFailure>) -> WardenError? {
        switch state.withLock({ $0.sandboxes.removeValue(forKey: id) }) {
        case .creating(let continuation, _):
            switch end {
            case .failure(let failure): continuation.resume(throwing: failure)
            case .success(let outcome):
                continuation.resume(
                    throwing: outcome.failure
                        ?? StageFailure(stage: "create", errno: 0, object: "ended with \(outcome.verdict.rawValue)"))
            }
        case .living(let queue):
            switch end {
            case .failure(let failure): queue.fail(failure)
            case .success(let outcome): queue.finish(outcome)
            }
        case .abandoned, nil: break
        }
        return nil
    }

    private func happened(_ id: SandboxID, _ event: SandboxEvent) -> WardenError? {
        switch state.withLock({ $0.sandboxes[id] }) {
        case .living(let queue):
            // The events are not read: the sandbox is ended, and its outcome says why. The others go on.
            if !queue.append(event) { kill(id) }
            return nil
        case .creating: return .protocolViolation("an event of sandbox \(id) before it was created")
        case .abandoned, nil: return nil
        }
    }

    // MARK: - The end

    /// What the thread must wait for, besides messages.
    func plan(welcomeBy: ContinuousClock.Instant) -> (wantsToSend: Bool, deadline: ContinuousClock.Instant) {
        state.withLock { state in
            var deadline = ContinuousClock.now + .seconds(3600)
            switch state.phase {
            case .greeting: deadline = min(deadline, welcomeBy)
            case .closing(let closing): deadline = min(deadline, closing)
            case .ready, .ended: break
            }
            if let since = state.blockedSince { deadline = min(deadline, since + deadlines.send) }
            return (!state.outgoing.isEmpty, deadline)
        }
    }

    /// The error of a deadline that has passed.
    func overdue(welcomeBy: ContinuousClock.Instant) -> WardenError? {
        let now = ContinuousClock.now
        return state.withLock { state in
            if case .greeting = state.phase, now >= welcomeBy { return .noWelcome(after: deadlines.welcome) }
            if case .closing(let deadline) = state.phase, now >= deadline { return .closed }
            if let since = state.blockedSince, now >= since + deadlines.send {
                return .unresponsive(queued: state.outgoing.count)
            }
            return nil
        }
    }

    /// Refuses everything from now on.
    /// - Returns: the phase until now.
    func stop(_ error: WardenError) -> ConnectionPhase {
        state.withLock { state in
            let before = state.phase
            if case .ended = before { return before }
            state.phase = .ended(error)
            state.outgoing = []
            state.blockedSince = nil
            return before
        }
    }

    /// Tells everybody who waits that nothing more will come. Call after `stop`.
    func failAll(_ error: WardenError) {
        let slots = state.withLock { state in
            state.phase = .ended(error)
            defer { state.sandboxes = [:] }
            return state.sandboxes.values.map { $0 }
        }
        for slot in slots {
            switch slot {
            case .creating(let continuation, _): continuation.resume(throwing: error)
            case .living(let queue): queue.fail(error.stageFailure)
            case .abandoned: break
            }
        }
        greeting.set(.failure(error))
        termination.set(error)
    }
}
