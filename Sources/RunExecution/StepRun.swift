internal import Egress
internal import Glibc
internal import LinuxSystem
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply
internal import WardenClient
package import WardenProtocol

/// One step of a run, from the lease of its sandbox to its end.
struct StepRun {
    private let request: StepRequest
    private let egress: EgressService?
    private var door: EgressDoor?
    private var collector = ProductCollector(limit: 0)

    private var step: RunPlan.Step { request.step }
    private var control: RunControl { request.control }
    private var pump: RunPump { request.pump }

    init(_ request: StepRequest, egress: EgressService?) {
        self.request = request
        self.egress = egress
    }

    /// Starts the step in a sandbox that is parked; nil where there is none, and for all that takes longer or goes another way.
    static func begin(
        _ step: RunPlan.Step, files: [RunPlan.File], control: RunControl, from source: any SandboxSource,
        egress: EgressService?
    ) -> BegunStep? {
        guard !control.isCancelled, step.job.hasRoom(for: files), size(of: files) <= step.limits[.disk],
            let lease = source.claim(step.spec)
        else { return nil }
        control.enter(.starting)
        control.attach(lease)
        let writes = WriteWatch(lease.sandbox.streams)
        return begun(step, lease, writes, egress) { start(step, files, in: lease) }
    }

    mutating func execute(from source: any SandboxSource) async -> StepOutcome {
        var spec = step.spec
        if let begun = request.begun {
            if let end = await see(begun) { return end }
            spec.preparation = .none
        }
        if control.isCancelled { return StepOutcome(verdict: .cancelled) }
        let size = Self.size(of: request.files)
        if size > step.limits[.disk] {
            let hit = LimitHit(name: .disk, used: size, allowed: step.limits[.disk])
            return StepOutcome(verdict: step.name.verdict(.diskLimit), limit: LimitReport(hit, in: step.name))
        }
        while true {
            do throws(APIError) {
                let lease = try await lease(spec, from: source)
                if let end = await use(lease) { return end }
            } catch {
                if control.lost != nil {
                    return StepOutcome(
                        verdict: .internalError, error: APIError(StageFailure(stage: "lease", errno: ETIMEDOUT)))
                }
                return control.isCancelled
                    ? StepOutcome(verdict: .cancelled) : StepOutcome(verdict: .internalError, error: error)
            }
            // What was prepared had died when it was wanted. The run need not know; it starts from nothing then.
            spec.preparation = .none
        }
    }

    /// A sandbox, unless it takes too long or the run is cancelled meanwhile.
    private func lease(_ spec: SandboxSpec, from source: any SandboxSource) async throws(APIError) -> SandboxLease {
        control.enter(.starting)
        // A task of its own, so that it can be cancelled without the run's own task, which still has an end to wait for. On
        // the same thread: a parked sandbox is leased immediately.
        let leasing = Task<SandboxLease, any Error>(executorPreference: pump) { try await source.lease(spec) }
        control.lease { leasing.cancel() }
        do {
            return try await leasing.value
        } catch let error as APIError {
            throw error
        } catch {
            throw APIError(.sandboxFailed, "no sandbox could be made: \(error)", retryable: true)
        }
    }

    /// - Returns: nil when a sandbox that was prepared ahead turned out to be dead, and nothing has come of it.
    private mutating func use(_ lease: SandboxLease) async -> StepOutcome? {
        control.attach(lease)
        let writes = request.isSilent ? nil : WriteWatch(lease.sandbox.streams)
        let (step, files) = (step, request.files)
        let begun: BegunStep
        if Self.size(of: files) > RunPump.quickBytes {
            let egress = egress
            begun = await pump.perform {
                Self.begun(step, lease, writes, egress) { Self.start(step, files, in: lease) }
            }
        } else {
            begun = Self.begun(step, lease, writes, egress) { Self.start(step, files, in: lease) }
        }
        return await see(begun)
    }

    /// Opens the way out, where the step has one, and starts its program behind it.
    private static func begun(
        _ step: RunPlan.Step, _ lease: SandboxLease, _ writes: WriteWatch?, _ egress: EgressService?,
        start: () -> APIError?
    ) -> BegunStep {
        guard step.spec.network == .egress else { return BegunStep(lease: lease, error: start(), writes: writes) }
        do throws(APIError) {
            let door = try EgressDoor.open(lease.sandbox.listener, step.egress, egress)
            return BegunStep(lease: lease, error: start(), writes: writes, door: door)
        } catch {
            return BegunStep(lease: lease, error: error, writes: writes)
        }
    }

    /// - Returns: what could not be sent.
    private static func start(_ step: RunPlan.Step, _ files: [RunPlan.File], in lease: SandboxLease) -> APIError? {
        do throws(APIError) {
            try lease.sandbox.start(step.job, with: files, times: step.times)
            return nil
        } catch {
            return error
        }
    }

    /// Sees a step that has been started to its end.
    ///
    /// - Returns: nil as `use`.
    private mutating func see(_ begun: BegunStep) async -> StepOutcome? {
        collector = ProductCollector(limit: step.job.artifacts.maximumBytes)
        door = begun.door
        let lease = begun.lease
        if let error = begun.error {
            // Its events go on to say what became of it; what could not be sent is the reason that counts.
            lease.sandbox.kill(.cancelled)
            guard var end = await follow(lease) else { return nil }
            if end.verdict == .cancelled, !control.isCancelled {
                end.verdict = .internalError
                end.error = error
            }
            return end
        }
        // Before the warden says so: output is passed on the moment it is there.
        attach(begun)
        return await follow(lease)
    }

    private static func size(of files: [RunPlan.File]) -> Int64 { files.reduce(0) { $0 + Int64($1.content.count) } }

    /// Passes on what happens to the sandbox until it is gone.
    private mutating func follow(_ lease: SandboxLease) async -> StepOutcome? {
        var artifacts = ArtifactList()
        var hasStarted = false
        while let event = await lease.sandbox.nextEvent() {
            switch event {
            case .started:
                hasStarted = true
                pump.announce()
            case .usage(let usage): if !request.isSilent { pump.emit(.resource(usage)) }
            case .warning(let hit): if !request.isSilent { pump.emit(.warning(hit)) }
            case .inputAwaited(let isWaiting): pump.inputAwaited(isWaiting)
            case .artifact(let path, let bytes, let file):
                await take(path, bytes, file, &artifacts)
            case .artifactSkipped(let name, let reason): artifacts.skip(name, because: reason)
            case .files, .listening, .spawned, .spawnFailed, .exited, .dialed: break
            case .finished(let outcome):
                control.enter(.draining)
                door?.close()
                let drained = await pump.drain()
                if !hasStarted, lease.warmth != .cold, outcome.isLoss, drained.bytes == 0 { return nil }
                var end = end(outcome, drained, warmth: lease.warmth, artifacts)
                if hasStarted { end.warm = lease.warmth }
                return end
            }
        }
        // Only a reader whose task was cancelled gets here; the sandbox is ended, and its end is still waited for.
        lease.sandbox.kill(.cancelled)
        _ = await pump.drain()
        return StepOutcome(verdict: .cancelled)
    }

    private func attach(_ begun: BegunStep) {
        let lease = begun.lease
        let sandbox = lease.sandbox
        // A compiler that writes too much is read to its end, and its output is cut: it may succeed yet, and where not, its first
        // words are the ones that count. Its own limits of time end it if it never stops.
        let onOverflow: (@Sendable (Int64) -> Void)?
        switch step.name {
        case .compile: onOverflow = nil
        case .run: onOverflow = { sandbox.kill(.output(bytes: $0)) }
        }
        let (control, wall) = (control, step.limits[.wall])
        let announcement = RunEvent.Kind.started(step: step.name, warm: lease.warmth, limits: LimitTable(step.limits))
        pump.attach(
            RunPump.Step(
                streams: sandbox.streams, input: request.input,
                meter: OutputMeter(limit: step.limits[.output], warnAt: step.spec.warnAt),
                idleLimit: step.limits[.idle],
                onOverflow: onOverflow, onActivity: { sandbox.activity() },
                onStart: { control.enter(.running, wall: wall) },
                onLook: { sandbox.probe() }, writes: begun.writes, isSilent: request.isSilent,
                recorder: request.recorder,
                announcement: request.isSilent ? nil : announcement))
    }

    private mutating func take(
        _ path: BoxPath, _ bytes: Int64, _ file: SharedDescriptor, _ artifacts: inout ArtifactList
    ) async {
        switch request.destination {
        case .nextStep:
            let before = collector
            collector = await pump.perform {
                var after = before
                after.take(path, bytes: bytes, from: file)
                return after
            }
        case .store(let store):
            let taken = await pump.perform { () -> Result<ArtifactReport, ArtifactRefusal> in
                guard let source = file.take() else { return .failure(ArtifactRefusal(reason: "is gone")) }
                return Result { () throws(ArtifactRefusal) in
                    try Self.keep(path, bytes, from: source, in: store)
                }
            }
            switch taken {
            case .success(let report): artifacts.add(report)
            case .failure(let refusal): artifacts.skip(path.description, because: refusal.reason)
            }
        }
    }

    /// Nothing of the program is left that could still change the file.
    private static func keep(
        _ path: BoxPath, _ bytes: Int64, from source: borrowing OwnedDescriptor, in store: (any ArtifactSink)?
    ) throws(ArtifactRefusal) -> ArtifactReport {
        let head: [UInt8]
        do throws(SystemCallError) {
            head = try Files.peek(source.number, limit: ContentType.prefixBytes, name: path.description)
        } catch {
            throw ArtifactRefusal(error)
        }
        let count = try store?.write(path, from: source, limit: bytes) ?? bytes
        return ArtifactReport(path: path.description, bytes: count, contentType: ContentType(of: head))
    }

    private func end(
        _ outcome: SandboxOutcome, _ drained: RunPump.Drained, warmth: WarmStart, _ artifacts: ArtifactList
    ) -> StepOutcome {
        var verdict = outcome.verdict
        var hit = outcome.limit
        if verdict == .cancelled, control.isOverrun, !control.isCancelled {
            // Ended from here, because its warden had not: the true cause is the clock.
            verdict = .wallLimit
            hit = LimitHit(
                name: .wall, used: max(outcome.usage.wall, step.limits[.wall]), allowed: step.limits[.wall])
        }
        if step.name == .compile {
            // Told of one that failed by itself: the limit that ended it counts more.
            if drained.truncated, verdict == .nonzeroExit || verdict == .signaled, hit == nil {
                hit = LimitHit(name: .output, used: drained.bytes, allowed: step.limits[.output])
            }
        } else if drained.truncated, [.ok, .nonzeroExit, .signaled].contains(verdict) {
            // The program ended by itself before the kill for its output arrived.
            verdict = .outputLimit
            hit = LimitHit(name: .output, used: drained.bytes, allowed: step.limits[.output])
        }
        // The warden knows what the sandbox was made with; how much this job may write is counted here.
        if let found = hit, found.name == .output {
            hit = LimitHit(name: .output, used: found.used, allowed: step.limits[.output])
        }
        var failure = outcome.failure
        if verdict == .cancelled, let lost = control.lost, !control.isCancelled {
            // It came just when it was given up.
            verdict = .internalError
            failure = RunControl.failure(lost)
        }
        verdict = step.name.verdict(verdict)
        let misfit = unexecutable(outcome.failure)
        if misfit != nil { verdict = .compileError }
        var end = StepOutcome(
            verdict: verdict, limit: hit.map { LimitReport($0, in: step.name) }, truncated: drained.truncated)
        end.report = StepReport(
            step: step.name, warm: warmth, verdict: verdict, status: outcome.status, usage: UsageReport(outcome.usage))
        end.artifacts = artifacts
        end.products = collector.files
        end.network = door?.report
        end.tail = drained.tail
        end.error = misfit
        if verdict == .internalError { end.error = APIError(failure, job: step.job) }
        if step.name == .compile, verdict == .ok {
            if let problem = collector.problem ?? missingProducts(artifacts) {
                end.verdict = .compileError
                end.report?.verdict = .compileError
                end.error = problem
            }
        }
        return end
    }

    /// Why the kernel would not execute a file that came with the run: what a hostile source had the compiler make is no fault
    /// of the image's.
    private func unexecutable(_ failure: StageFailure?) -> APIError? {
        // Of the errors of execve(2), those that are about the file.
        let causes = [ENOEXEC, EACCES, ENOENT, EINVAL, ELIBBAD, EISDIR, ETXTBSY, ELOOP]
        guard let failure, failure.stage.hasPrefix("exec"), causes.contains(failure.errno),
            let program = step.job.arguments.first,
            request.files.contains(where: { program == "./\($0.path)" })
        else { return nil }
        return APIError(
            .programNotFound,
            "what was compiled, \(program), is no program that can be executed: \(errnoDescription(failure.errno))",
            details: ["program": program])
    }

    private func missingProducts(_ artifacts: ArtifactList) -> APIError? {
        guard collector.files.isEmpty, !step.job.artifacts.patterns.isEmpty else { return nil }
        let skipped = artifacts.skipped.first.map { " (\($0.name): \($0.reason))" } ?? ""
        let wanted = step.job.artifacts.patterns.joined(separator: ", ")
        return APIError(
            .programNotFound, "the compile step succeeded but left no file that matches \(wanted)\(skipped)")
    }
}

extension StepName {
    /// The verdict of a run whose step ended so: whatever ends a compiler that is at fault itself, or its source, is an error
    /// of compiling; the limit, if there was one, is reported beside it.
    fileprivate func verdict(_ verdict: Verdict) -> Verdict {
        guard self == .compile else { return verdict }
        switch verdict {
        case .nonzeroExit, .signaled, .cpuLimit, .wallLimit, .idleLimit, .memoryLimit, .outputLimit, .diskLimit,
            .compileError:
            return .compileError
        case .ok, .syscallDenied, .cancelled, .internalError: return verdict
        }
    }
}

extension SandboxOutcome {
    /// The sandbox died without the program having had to do with it.
    package var isLoss: Bool {
        verdict == .internalError && ["init_died", "control", "job"].contains(failure?.stage ?? "")
    }
}
