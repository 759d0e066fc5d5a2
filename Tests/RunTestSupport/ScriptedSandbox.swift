internal import Glibc
package import LinuxSystem
internal import RunExecution
package import RunModel
package import SandboxSpec
package import SandboxSupply
internal import Synchronization
package import WardenClient
package import WardenProtocol

/// A sandbox with real pipes whose program is a closure on a thread: everything but the isolation.
package final class ScriptedSandbox: Sandbox {
    /// The program's side of the pipes.
    package struct Program: Sendable {
        package let stdin: Int32
        package let stdout: Int32
        package let stderr: Int32
        /// The program's ends of the channel: to read from, to write to; -1 without one.
        package let commands: Int32
        package let records: Int32
        package let job: Job
        package let sandbox: ScriptedSandbox

        package func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), to: descriptor) }

        package func write(_ bytes: [UInt8], to descriptor: Int32) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }

        package func readToEnd() -> [UInt8] { (try? Files.read(stdin, limit: 10_000_000)) ?? [] }

        /// Waits for a kill, as a program that does not end by itself.
        package func waitForKill() {
            while sandbox.killed == nil { usleep(500) }
        }
    }

    package typealias Body = @Sendable (Program) -> SandboxOutcome

    private struct State {
        var uploads: [String: [UInt8]] = [:]
        var executables: [String] = []
        var killed: KillReason?
        var signals: [UInt8] = []
        var sizes: [TerminalSize] = []
        var hints = 0
        var looks = 0
        var isWaiting = false
        var isDead = false
        var times: TimeLimits?
        var files: @Sendable (FilesOrder, Int32) -> FilesResult = { _, _ in FilesResult() }
        var starts = 0
    }

    private let state = Mutex(State())
    private let body: Body
    private let events: AsyncStream<SandboxEvent>
    private let continuation: AsyncStream<SandboxEvent>.Continuation
    private let far: [Int32]
    private let tellsStart: Bool
    package let streams: ProgramStreams
    package let channel: ProgramChannel?
    /// Of files that a test writes.
    package let meter: SandboxMeter?
    package let listener: SharedDescriptor?

    /// - Parameters:
    ///   - tellsStart: whether the sandbox says that its program runs.
    ///   - hasChannel: whether the program is driven by a channel.
    ///   - listener: what the sandbox has of egress.
    package init(
        tellsStart: Bool = true, hasChannel: Bool = false, meter: SandboxMeter? = nil,
        listener: SharedDescriptor? = nil, _ body: @escaping Body
    ) throws {
        self.body = body
        self.meter = meter
        self.listener = listener
        self.tellsStart = tellsStart
        (events, continuation) = AsyncStream.makeStream()
        func pipe() -> (Int32, Int32) {
            var ends: [Int32] = [-1, -1]
            Glibc.pipe(&ends)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (ends[0], ends[1])
        }
        let (input, output, errors) = (pipe(), pipe(), pipe())
        if hasChannel {
            let (commands, records) = (pipe(), pipe())
            far = [input.0, output.1, errors.1, commands.0, records.1]
            channel = ProgramChannel(
                commands: SharedDescriptor(OwnedDescriptor(owning: commands.1)),
                records: SharedDescriptor(OwnedDescriptor(owning: records.0)))
        } else {
            far = [input.0, output.1, errors.1]
            channel = nil
        }
        streams = .pipes(
            stdin: SharedDescriptor(OwnedDescriptor(owning: input.1)),
            stdout: SharedDescriptor(OwnedDescriptor(owning: output.0)),
            stderr: SharedDescriptor(OwnedDescriptor(owning: errors.0)))
    }

    package var uploads: [String: [UInt8]] { state.withLock { $0.uploads } }
    package var executables: [String] { state.withLock { $0.executables } }
    package var killed: KillReason? { state.withLock { $0.killed } }
    package var signals: [UInt8] { state.withLock { $0.signals } }
    package var sizes: [TerminalSize] { state.withLock { $0.sizes } }
    package var hints: Int { state.withLock { $0.hints } }

    package func tell(_ event: SandboxEvent) { continuation.yield(event) }

    package func nextEvent() async -> SandboxEvent? {
        var iterator = events.makeAsyncIterator()
        return await iterator.next()
    }

    package func upload(_ path: BoxPath, executable: Bool, bytes: [UInt8]) {
        state.withLock { state in
            state.uploads[path.description] = bytes
            if executable { state.executables.append(path.description) }
        }
    }

    package var isAlive: Bool { !state.withLock { $0.isDead } }

    /// As if the sandbox had ended while it was parked.
    package func die() { state.withLock { $0.isDead = true } }

    /// How often it was told to start.
    package var starts: Int { state.withLock { $0.starts } }
    package var times: TimeLimits? { state.withLock { $0.times } }

    package func start(_ job: Job, times: TimeLimits?) throws {
        state.withLock { state in
            state.times = times
            state.starts += 1
            for file in job.files {
                state.uploads[file.path.description] = file.content
                if file.executable { state.executables.append(file.path.description) }
            }
        }
        try DetachedThread.start { [self] in run(job) }
    }

    private func run(_ job: Job) {
        if tellsStart { continuation.yield(.started) }
        let lines = far.count > 3 ? far[3...] : [-1, -1]
        let program = Program(
            stdin: far[0], stdout: far[1], stderr: far[2], commands: lines.first ?? -1, records: lines.last ?? -1,
            job: job, sandbox: self)
        var outcome = body(program)
        switch killed {
        case .output(let bytes)?:
            outcome.verdict = .outputLimit
            outcome.limit = LimitHit(name: .output, used: bytes, allowed: 0)
        case .cancelled?: outcome.verdict = .cancelled
        case nil: break
        }
        // Finished is told before the pipes end, as it may happen for real.
        continuation.yield(.finished(outcome))
        usleep(2000)
        for end in far { close(end) }
    }

    package func kill(_ reason: KillReason) { state.withLock { $0.killed = $0.killed ?? reason } }
    package func giveUp(_ failure: StageFailure) {
        continuation.yield(.finished(SandboxOutcome(verdict: .internalError, usage: Usage(), failure: failure)))
    }
    package func signal(_ number: UInt8) { state.withLock { $0.signals.append(number) } }
    package func resize(_ size: TerminalSize) { state.withLock { $0.sizes.append(size) } }
    package func activity() { state.withLock { $0.hints += 1 } }

    /// Answers as the program says it is.
    package func probe() {
        let isWaiting = state.withLock { state in
            state.looks += 1
            return state.isWaiting
        }
        tell(.inputAwaited(isWaiting))
    }

    /// Carries an order out as the test says, at once.
    package func files(_ order: FilesOrder, archive: SharedDescriptor?) {
        let carryOut = state.withLock { $0.files }
        tell(.files(carryOut(order, archive?.number ?? -1), nil))
    }

    package func onFiles(_ carryOut: @escaping @Sendable (FilesOrder, Int32) -> FilesResult) {
        state.withLock { $0.files = carryOut }
    }

    package var looks: Int { state.withLock { $0.looks } }
    package func say(isWaiting: Bool) { state.withLock { $0.isWaiting = isWaiting } }
}

/// Hands out scripted sandboxes, one body per step.
package final class ScriptedSource: SandboxSource {
    private let bodies: Mutex<[ScriptedSandbox.Body]>
    private let made = Mutex<[ScriptedSandbox]>([])
    private let failure: APIError?

    package convenience init(_ bodies: ScriptedSandbox.Body..., failure: APIError? = nil) {
        self.init(bodies: bodies, failure: failure)
    }

    package init(bodies: [ScriptedSandbox.Body], failure: APIError? = nil) {
        self.bodies = Mutex(bodies)
        self.failure = failure
    }

    package var sandboxes: [ScriptedSandbox] { made.withLock { $0 } }

    package func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        if let failure { throw failure }
        guard let body = bodies.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
            throw APIError(.internalError, "no more sandboxes")
        }
        do {
            let sandbox = try ScriptedSandbox(hasChannel: spec.hasChannel, body)
            made.withLock { $0.append(sandbox) }
            return SandboxLease(sandbox: sandbox, warmth: .cold)
        } catch {
            throw APIError(.internalError, "\(error)")
        }
    }
}

/// Keeps all events.
package final class RecordingSink: EventSink {
    private let state = Mutex<[RunEvent]>([])
    private let limit: Int

    /// - Parameter limit: after so many events nobody listens any more.
    package init(limit: Int = .max) {
        self.limit = limit
    }

    package var events: [RunEvent] { state.withLock { $0 } }

    package func receive(_ event: RunEvent) -> Bool {
        state.withLock { events in
            events.append(event)
            return events.count < limit
        }
    }

    package var output: [UInt8] {
        events.flatMap { if case .output(_, let text) = $0.kind { text.bytes } else { [UInt8]() } }
    }
}

extension SandboxOutcome {
    package static func exit(_ code: UInt8) -> SandboxOutcome {
        SandboxOutcome(verdict: code == 0 ? .ok : .nonzeroExit, status: .exited(code), usage: Usage())
    }
}
