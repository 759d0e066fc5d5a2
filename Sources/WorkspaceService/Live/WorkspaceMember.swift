internal import Egress
internal import Glibc
internal import LinuxSystem
internal import Reactor
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply
internal import SessionExecution
internal import WardenClient
internal import WardenProtocol

/// A workspace on the thread of its reactor. Never leaves the thread.
final class WorkspaceMember: ReactorMember {
    typealias Opening = CheckedContinuation<Result<Void, APIError>, Never>

    enum Phase {
        /// A sandbox has been asked for.
        case leasing
        /// It has been started.
        case opening
        case open
        case ending
        case over
    }

    let live: LiveWorkspace
    let plan: WorkspacePlan
    let sink: any LiveWorkspaceSink
    private let source: any SandboxSource
    private let egress: EgressService?
    var phase = Phase.leasing
    var lease: SandboxLease?
    private var leasing: Task<Void, Never>?
    private var door: EgressDoor?
    private var openings: [Opening] = []
    private let opensUntil: Int64
    var running: [ProcessNumber: RunningProcess] = [:]
    var lastNumber: ProcessNumber = 0
    /// Those that are to be started again, and when.
    var waiting: [(process: WorkspaceProcess, at: Int64)] = []
    var ending: (at: Int64, done: () -> Void)?
    var queue = FileQueue()
    /// Connections that pid 1 has been asked for, and until when it may take.
    var dials: [DialNumber: (answer: CheckedContinuation<(errno: Int32, SharedDescriptor?), Never>, until: Int64)] = [:]
    /// What it never takes: it does not wait.
    static let dialTime: Int64 = 10_000_000_000
    var lastDial: DialNumber = 0
    var tables: [SharedDescriptor] = []
    var ports: Set<UInt16> = []
    var scanAt: Int64 = .max
    var buffer = [UInt8](repeating: 0, count: 65_536)

    /// How long a sandbox may take to be there. Nanoseconds.
    private static let openingTime: Int64 = 30_000_000_000
    /// Processes that have ended while something else still has their outputs.
    static let maximumLeft = 64

    init(
        _ live: LiveWorkspace, _ plan: WorkspacePlan, source: any SandboxSource, egress: EgressService?,
        sink: any LiveWorkspaceSink
    ) {
        self.live = live
        self.plan = plan
        self.source = source
        self.egress = egress
        self.sink = sink
        opensUntil = monotonicNow() &+ Self.openingTime
        if let lease = source.claim(plan.spec) {
            leased(lease)
        } else {
            leasing = Self.obtain(plan.spec, from: source, for: live)
        }
    }

    var now: Int64 { monotonicNow() }

    // MARK: - Turns

    func turn(ready: [ReadyDescriptor]) -> ReactorInterest? {
        for command in live.takeCommands() { command(self) }
        if phase == .over {
            while !live.closeMailbox() {
                for command in live.takeCommands() { command(self) }
            }
            return nil
        }
        move(ready)
        look()
        return interest()
    }

    /// What is due by the clock.
    private func look() {
        let now = now
        for answer in queue.takeOverdue(now) { answer(FilesResult(errno: ETIMEDOUT), nil) }
        for (number, dial) in dials where dial.until <= now {
            dials[number] = nil
            dial.answer.resume(returning: (ETIMEDOUT, nil))
        }
        if now >= opensUntil, phase == .leasing || phase == .opening {
            finish(APIError(.sandboxFailed, "the sandbox did not come up in time", retryable: true))
            return
        }
        endOverdue(now)
        startWaiting(now)
        if now >= scanAt { scan(now) }
        checkEnding(now)
    }

    // MARK: - The sandbox

    private static func obtain(
        _ spec: SandboxSpec, from source: any SandboxSource, for live: LiveWorkspace
    ) -> Task<Void, Never> {
        Task {
            switch await result(of: source, spec) {
            case .success(let lease):
                let isTaken = live.post { $0.leased(lease) }
                if !isTaken { abandon(lease) }
            case .failure(let error): live.post { $0.finish(error) }
            }
        }
    }

    private static func result(
        of source: any SandboxSource, _ spec: SandboxSpec
    ) async -> Result<SandboxLease, APIError> {
        do throws(APIError) { return .success(try await source.lease(spec)) } catch { return .failure(error) }
    }

    /// Ends a sandbox that nobody wants, and keeps its place taken until it is gone.
    private static func abandon(_ lease: SandboxLease) {
        lease.sandbox.kill(.cancelled)
        Task { while await lease.sandbox.nextEvent() != nil {} }
    }

    private func leased(_ lease: SandboxLease) {
        guard phase == .leasing else { return Self.abandon(lease) }
        leasing = nil
        self.lease = lease
        phase = .opening
        do throws(APIError) {
            if plan.spec.network == .egress {
                door = try EgressDoor.open(lease.sandbox.listener, plan.egress, egress)
            }
            try lease.sandbox.start(Job(arguments: ["-"], environment: []), with: [], times: nil)
        } catch {
            finish(error)
        }
        Self.follow(lease, for: live)
    }

    private static func follow(_ lease: SandboxLease, for live: LiveWorkspace) {
        Task {
            while let event = await lease.sandbox.nextEvent() { live.post { $0.happened(event) } }
        }
    }

    private func happened(_ event: SandboxEvent) {
        guard phase != .over else { return }
        switch event {
        case .listening(let tables):
            self.tables = tables
            opened()
        case .spawned(let number, let streams): spawned(number, streams)
        case .spawnFailed(let number, let failure): spawnFailed(number, failure)
        case .exited(let number, let end): exited(number, end)
        case .dialed(let number, let errno, let socket):
            dials.removeValue(forKey: number)?.answer.resume(returning: (errno, socket))
        case .files(let result, let file): filesDone(result, file)
        case .usage(let usage): sink.used(usage)
        case .warning(let hit): sink.warned(hit)
        case .finished(let outcome): over(outcome)
        case .started, .inputAwaited, .artifact, .artifactSkipped: break
        }
    }

    private func opened() {
        guard phase == .opening else { return }
        phase = .open
        for opening in openings { opening.resume(returning: .success(())) }
        openings = []
        sendFiles()
    }

    func whenOpen(_ continuation: Opening) {
        switch phase {
        case .open: continuation.resume(returning: .success(()))
        case .leasing, .opening: openings.append(continuation)
        case .ending, .over: continuation.resume(returning: .failure(failure ?? .workspaceStopped))
        }
    }

    /// Why there is no sandbox.
    private var failure: APIError?

    /// There will be no sandbox, or this one cannot be used.
    private func finish(_ error: APIError) {
        guard phase == .leasing || phase == .opening else { return }
        failure = error
        for opening in openings { opening.resume(returning: .failure(error)) }
        openings = []
        guard lease != nil else {
            return over(
                SandboxOutcome(
                    verdict: .internalError, usage: Usage(), failure: StageFailure(stage: "lease", errno: EAGAIN)))
        }
        end()
    }

    /// Ends the sandbox.
    func end() {
        switch phase {
        case .ending, .over: return
        case .leasing:
            leasing?.cancel()
            phase = .ending
            over(SandboxOutcome(verdict: .cancelled, usage: Usage()))
        case .opening, .open:
            phase = .ending
            lease?.sandbox.kill(.cancelled)
        }
    }

    private func over(_ outcome: SandboxOutcome) {
        guard phase != .over else { return }
        phase = .over
        for opening in openings { opening.resume(returning: .failure(failure ?? .gone(outcome))) }
        openings = []
        for answer in queue.takeAll() { answer(FilesResult(errno: ESRCH), nil) }
        for dial in dials.values { dial.answer.resume(returning: (ESRCH, nil)) }
        dials = [:]
        endAll()
        for port in ports { sink.closed(port: port) }
        ports = []
        for table in tables { table.close() }
        tables = []
        lease?.sandbox.streams.close()
        lease?.sandbox.meter?.close()
        door?.close()
        ending?.done()
        ending = nil
        lease = nil
        sink.ended(outcome)
        // What was posted meanwhile is answered, and nothing more is taken.
        live.post { _ in }
    }

    // MARK: - Files and ports

    func files(_ order: FilesOrder, archive: SharedDescriptor?, _ answer: @escaping FileQueue.Answer) {
        switch phase {
        case .ending, .over: return answer(FilesResult(errno: ESRCH), nil)
        case .leasing, .opening, .open: break
        }
        guard !queue.isFull else { return answer(FilesResult(errno: EAGAIN), nil) }
        queue.append(.init(order: order, archive: archive, until: now &+ FileQueue.time, answer: answer))
        sendFiles()
    }

    private func sendFiles() {
        guard phase == .open, let sandbox = lease?.sandbox else { return }
        while let job = queue.begin() {
            do {
                try sandbox.files(job.order, archive: job.archive)
                return
            } catch {
                // The connection to the warden has ended, and with it the sandbox.
                queue.finish()?(FilesResult(errno: ECONNRESET), nil)
            }
        }
    }

    private func filesDone(_ result: FilesResult, _ file: SharedDescriptor?) {
        queue.finish()?(result, file)
        sendFiles()
    }

    func dial(_ port: UInt16, _ continuation: CheckedContinuation<(errno: Int32, SharedDescriptor?), Never>) {
        guard phase == .open, let sandbox = lease?.sandbox else { return continuation.resume(returning: (ESRCH, nil)) }
        guard dials.count < 256 else { return continuation.resume(returning: (EAGAIN, nil)) }
        lastDial += 1
        do {
            try sandbox.dial(lastDial, port: port)
            dials[lastDial] = (continuation, now &+ Self.dialTime)
        } catch {
            continuation.resume(returning: (ECONNRESET, nil))
        }
    }

    // MARK: - What is waited for

    private func interest() -> ReactorInterest {
        var interest = ReactorInterest()
        if phase == .leasing || phase == .opening { interest.wake(at: opensUntil) }
        if let deadline = queue.deadline { interest.wake(at: deadline) }
        if let deadline = dials.values.map(\.until).min() { interest.wake(at: deadline) }
        if scanAt < .max { interest.wake(at: scanAt) }
        if let ending { interest.wake(at: ending.at) }
        for one in waiting { interest.wake(at: one.at) }
        for one in running.values {
            if let deadline = one.deadline { interest.wake(at: deadline) }
            if one.pauseUntil > now {
                interest.wake(at: one.pauseUntil)
            } else {
                for output in [one.stdout, one.stderr] {
                    if let number = output?.number { interest.watch(number, Int16(POLLIN), epoch: Int(one.number)) }
                }
            }
            if let input = one.input, input.count > 0, let number = input.descriptor?.number {
                interest.watch(number, Int16(POLLOUT), epoch: Int(one.number))
            }
        }
        return interest
    }
}

extension APIError {
    /// A sandbox that is gone before it could be used.
    static func gone(_ outcome: SandboxOutcome) -> APIError {
        APIError(
            .sandboxFailed,
            "the sandbox has ended: " + (outcome.failure.map(\.description) ?? outcome.verdict.rawValue),
            retryable: true)
    }
}
