internal import Dispatch
internal import Egress
internal import Glibc
internal import LinuxSystem
internal import Reactor
internal import RunExecution
internal import RunModel
internal import SandboxPool
internal import SandboxSpec
internal import SandboxSupply
internal import SessionModel
internal import WardenClient
internal import WardenProtocol

/// A session on the thread of its reactor: carries out what the engine decides, and tells it what happens. Never leaves the thread.
final class SessionMember: ReactorMember {
    typealias Answer = CheckedContinuation<Result<DriverAnswer?, APIError>, Never>

    private let session: LiveSession
    let sandbox: SessionSandbox
    private let source: any SandboxSource
    private let sink: any SessionSink
    var engine: SessionEngine
    var interpreter: Interpreter?
    private var leasing: Task<Void, Never>?
    private var answers: [Int: Answer] = [:]
    private var lastReply = 0
    private var told = SessionSnapshot()
    var fileJobs = FileJobs()
    /// Files of the interpreter before this one, until this one has them.
    var kept: SharedDescriptor?
    /// Where the archive of a session that is being saved goes.
    var saving: SharedDescriptor?
    /// The files of checkpoints, by their names.
    var archives: [String: SharedDescriptor] = [:]
    /// What connections of interpreters before this one have moved.
    private var networkBefore: Int64 = 0
    private var memoryReadAt = Int64.min / 2
    var buffer = [UInt8](repeating: 0, count: SessionMember.bufferSize)
    /// After a portion of an output that nobody will see: when the next one is read.
    var pauseUntil: Int64 = 0

    /// Files and directories of one archive.
    static let maximumFiles = 10_000

    /// Turns of writes that are kept from one reading to the next.
    static let maximumTurns = 4096
    /// Looks at both outputs in one reading.
    static let maximumRounds = 16
    /// Of one read: what one session does in a turn.
    static let bufferSize = 65_536
    /// Commands that wait because the driver does not read, more than all questions and a cell can be; and how long it may read nothing.
    private static let maximumWaiting = 24 * FrameReader.maximumRecord
    /// The same for a question to be taken.
    private static let maximumBacklog = 2 * FrameReader.maximumRecord
    private static let stall: Int64 = 30_000_000_000
    /// Between two looks at the memory of a sandbox, whose peak is told with each cell.
    private static let memoryPause: Int64 = 20_000_000
    /// Between two portions of a flood: of a cell, which may end soon, and of what cells have left behind.
    private static let floodPause: Int64 = 5_000_000
    private static let backgroundPause: Int64 = 200_000_000

    init(
        _ session: LiveSession, sandbox: SessionSandbox, source: any SandboxSource, sink: any SessionSink,
        engine: SessionEngine, kept: SharedDescriptor? = nil
    ) {
        self.kept = kept
        self.session = session
        self.sandbox = sandbox
        self.source = source
        self.sink = sink
        self.engine = engine
    }

    var now: Int64 { monotonicNow() }

    // MARK: - Turns

    func turn(ready: [ReadyDescriptor]) -> ReactorInterest? {
        settle()
        for command in session.takeCommands() {
            command(self)
            settle()
        }
        move(ready)
        look()
        expireFiles()
        if let deadline = engine.deadline, now >= deadline { engine.tick(now: now) }
        settle()
        if engine.isOver {
            // What has come meanwhile is refused by the engine, not lost.
            while !session.closeMailbox() {
                for command in session.takeCommands() { command(self) }
                settle()
            }
            return nil
        }
        return interest()
    }

    /// Does all that the engine wants done, and tells what has changed.
    func settle() {
        tellChange()
        var actions = engine.takeActions()
        while !actions.isEmpty {
            for action in actions { perform(action) }
            tellChange()
            actions = engine.takeActions()
        }
    }

    /// Before the events that the change has brought about: whoever hears of them finds the session as it is.
    private func tellChange() {
        let snapshot = SessionSnapshot(engine, networkBytes: networkBytes)
        guard snapshot != told else { return }
        told = snapshot
        sink.changed(snapshot)
    }

    private func perform(_ action: SessionEngine.Action) {
        switch action {
        case .emit(let event):
            switch event.kind {
            case .executionStarted:
                interpreter?.watch.fed(now: now)
                interpreter?.watchWrites()
                if let cpu = interpreter?.lease.sandbox.meter?.cpuTime { engine.metered(cpu: cpu) }
            case .executionFinished: interpreter?.stopWatchingWrites()
            default: break
            }
            sink.receive(event)
        case .lease(let process, let isCold): lease(process, isCold: isCold)
        case .discard: discard()
        case .kill:
            if let interpreter {
                interpreter.lease.sandbox.kill(.cancelled)
            } else {
                leasing?.cancel()
                engine.gone(now: now)
            }
        case .giveUp: interpreter?.lease.sandbox.giveUp(StageFailure(stage: "kill", errno: ETIMEDOUT))
        case .send(let command): send(command)
        case .interrupt:
            // A sandbox that is gone says so by its events.
            do { try interpreter?.lease.sandbox.signal(UInt8(SIGINT)) } catch {}
        case .write(let bytes):
            interpreter?.stdin.append(bytes, now: now)
            interpreter?.watch.fed(now: now)
        case .keepFiles: keepFiles()
        case .fillFiles(let isReplacing): fillFiles(replacing: isReplacing)
        case .releaseFiles: kept = nil
        case .pack(let id, let checkpoint): pack(id, checkpoint)
        case .unpack(let id, let checkpoint, let isReplacing): unpack(id, checkpoint, replacing: isReplacing)
        case .tidy(let id, let file): tidy(id, file)
        case .forget(let checkpoint): archives[checkpoint] = nil
        case .handOn(let checkpoint): kept = archives[checkpoint]
        case .wantStore: sink.storeWanted()
        case .endInput: interpreter?.stdin.close()
        case .drain:
            readOutputs(rounds: 4)
            flushOutputs()
            let meter = interpreter?.lease.sandbox.meter
            engine.drained(now: now, cpu: meter?.cpuTime, memory: meter.flatMap(ownMemory))
        case .answer(let reply, let result): answers.removeValue(forKey: reply)?.resume(returning: result)
        }
    }

    /// What the sandbox has of memory, where that has not been looked at for a while: it is the dearest thing at the end of a short cell.
    private func ownMemory(_ meter: SandboxMeter) -> Int64? {
        guard now - memoryReadAt >= Self.memoryPause else { return nil }
        memoryReadAt = now
        return meter.ownMemory
    }

    /// - Parameter body: gives the engine the question, whose answer is named.
    func ask(_ answer: Answer, _ body: (SessionMember, Int) throws(APIError) -> Void) {
        lastReply += 1
        let reply = lastReply
        answers[reply] = answer
        do throws(APIError) {
            try body(self, reply)
        } catch {
            answers.removeValue(forKey: reply)?.resume(returning: .failure(error))
        }
    }

    /// - Parameter answer: on the thread of the reactor, unless the session has ended.
    func compare(
        _ one: SharedDescriptor, _ other: SharedDescriptor, answer: @escaping @Sendable (SessionMember, Bool) -> Void
    ) {
        let session = session
        DispatchQueue.global().async {
            let areEqual = ArchiveReader.areEqual(one, other)
            session.post { answer($0, areEqual) }
        }
    }

    // MARK: - The sandbox

    private func lease(_ process: Int, isCold: Bool) {
        abandonFiles()
        closeInterpreter()
        var spec = sandbox.spec
        if isCold { spec.preparation = .none }
        let opening = isCold ? nil : sandbox.opening
        if let opening, let lease = source.claim(spec, opening: opening) { return leased(process, lease) }
        if let lease = source.claim(spec) { return leased(process, lease) }
        leasing = Self.obtain(spec, opening, from: source, for: session, process)
    }

    private static func obtain(
        _ spec: SandboxSpec, _ opening: SandboxOpening?, from source: any SandboxSource, for session: LiveSession,
        _ process: Int
    ) -> Task<Void, Never> {
        Task {
            switch await result(of: source, spec, opening) {
            case .success(let lease):
                let isTaken = session.post { $0.leased(process, lease) }
                if !isTaken { abandon(lease) }
            case .failure(let error): session.post { $0.leaseFailed(process, error) }
            }
        }
    }

    private static func result(
        of source: any SandboxSource, _ spec: SandboxSpec, _ opening: SandboxOpening?
    ) async -> Result<SandboxLease, APIError> {
        do throws(APIError) {
            if let opening { return .success(try await source.lease(spec, opening: opening)) }
            return .success(try await source.lease(spec))
        } catch {
            return .failure(error)
        }
    }

    private func leaseFailed(_ process: Int, _ error: APIError) {
        guard process == engine.process else { return }
        engine.leaseFailed(error, now: now)
    }

    private func leased(_ process: Int, _ lease: SandboxLease) {
        guard process == engine.process, engine.awaitsSandbox, interpreter == nil else {
            return Self.abandon(lease)
        }
        leasing = nil
        guard var new = Interpreter(process: process, lease: lease, now: now) else {
            Self.abandon(lease)
            return engine.leaseFailed(APIError(.internalError, "its sandbox has no channel"), now: now)
        }
        if sandbox.spec.network == .egress {
            do throws(APIError) {
                new.door = try EgressDoor.open(lease.sandbox.listener, sandbox.egress, sandbox.service)
            } catch {
                new.close()
                Self.abandon(lease)
                return engine.leaseFailed(error, now: now)
            }
        }
        interpreter = new
        // One whose driver waits already has said so: that is in the channel.
        if !lease.isOpen { start(lease) }
        follow(lease, process)
    }

    private func start(_ lease: SandboxLease) {
        var job = sandbox.job
        job.files = []
        do throws(APIError) {
            try lease.sandbox.start(job, with: sandbox.job.files, times: sandbox.times)
        } catch {
            // Its events go on to say what became of it; what could not be sent is the reason that counts.
            engine.leaseFailed(error, now: now)
        }
    }

    private func follow(_ lease: SandboxLease, _ process: Int) {
        let session = session
        Task {
            while let event = await lease.sandbox.nextEvent() {
                session.post { $0.happened(event, process) }
            }
        }
    }

    /// Ends a sandbox that nobody wants, and keeps its place taken until it is gone.
    private static func abandon(_ lease: SandboxLease) {
        lease.sandbox.kill(.cancelled)
        Task { while await lease.sandbox.nextEvent() != nil {} }
    }

    private func discard() {
        leasing?.cancel()
        leasing = nil
        abandonFiles()
        if let cpu = interpreter?.lease.sandbox.meter?.cpuTime { engine.discarded(cpu: cpu) }
        interpreter?.lease.sandbox.kill(.cancelled)
        closeInterpreter()
    }

    private func closeInterpreter() {
        networkBefore = networkBytes
        interpreter?.close()
        interpreter = nil
    }

    private var networkBytes: Int64 { networkBefore + (interpreter?.door?.movedBytes ?? 0) }

    private func happened(_ event: SandboxEvent, _ process: Int) {
        guard let current = interpreter, current.process == process else { return }
        switch event {
        case .started:
            interpreter?.hasStarted = true
            sendFiles()
        case .usage(let usage): engine.sampled(usage, now: now)
        case .inputAwaited(let isWaiting): inputAwaited(isWaiting)
        case .finished(let outcome):
            // Nothing is left that could write more: what is there is all there is.
            readOutputs(rounds: 32)
            readRecords(rounds: 32)
            flushOutputs()
            // Its last record may have brought about that there is another one by now.
            guard interpreter?.process == process else { return }
            let isLoss =
                !current.hasStarted && interpreter?.hasSpoken != true && current.lease.warmth != .cold && outcome.isLoss
            engine.finished(outcome, isLoss: isLoss, now: now)
            abandonFiles()
        case .files(let result, _): filesDone(result)
        case .warning, .artifact, .artifactSkipped, .listening, .spawned, .spawnFailed, .exited, .dialed: break
        }
    }

    // MARK: - Commands to the driver

    private func send(_ command: DriverCommand) {
        guard let frame = try? command.frame() else {
            // The engine has seen to it that it fits.
            return engine.violate("a command has no room in a record", now: now)
        }
        interpreter?.commands.append(frame, now: now)
        checkCommands()
    }

    /// Questions wait for those before them.
    ///
    /// - Throws: `TOO_MANY_QUERIES`.
    func refuseBacklog() throws(APIError) {
        guard (interpreter?.commands.count ?? 0) <= Self.maximumBacklog else {
            throw APIError(
                .tooManyQueries, "the driver has not read the questions before this one yet", retryable: true)
        }
    }

    /// A driver that does not read, or is gone.
    private func checkCommands() {
        guard let commands = interpreter?.commands else { return }
        let isStalled =
            commands.count > Self.maximumWaiting || (commands.count > 0 && now - commands.progressAt > Self.stall)
        if !commands.isOpen || isStalled { engine.channelLost(now: now) }
    }

    // MARK: - What is waited for

    private func interest() -> ReactorInterest {
        var interest = ReactorInterest()
        // First: what it finds has a deadline of its own.
        checkCommands()
        if let deadline = engine.deadline { interest.wake(at: deadline) }
        if let deadline = fileJobs.deadline { interest.wake(at: deadline) }
        guard let interpreter else { return interest }
        let process = interpreter.process
        func watch(_ descriptor: SharedDescriptor?, _ events: Int32) {
            if let number = descriptor?.number { interest.watch(number, Int16(events), epoch: process) }
        }
        if engine.isFlooded, pauseUntil <= now {
            pauseUntil = now &+ (engine.state == .idle ? Self.backgroundPause : Self.floodPause)
        }
        if engine.isFlooded, pauseUntil > now {
            interest.wake(at: pauseUntil)
        } else {
            if !engine.holdsOutputBack {
                watch(interpreter.stdout.descriptor, POLLIN)
                watch(interpreter.stderr.descriptor, POLLIN)
            }
            watch(interpreter.records, POLLIN)
        }
        if interpreter.commands.count > 0 {
            watch(interpreter.commands.descriptor, POLLOUT)
            let stalled = interpreter.commands.progressAt &+ Self.stall &+ 1_000_000
            // One that has stalled has been reported, and is waited for by the engine's deadline.
            if stalled > now { interest.wake(at: stalled) }
        }
        if interpreter.stdin.count > 0 { watch(interpreter.stdin.descriptor, POLLOUT) }
        if engine.wantsInputWatch, let look = interpreter.watch.deadline { interest.wake(at: look) }
        return interest
    }
}
