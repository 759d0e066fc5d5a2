import Glibc
import LinuxSystem
import RunModel
import SandboxSpec
import SandboxSupply
import Synchronization
import WardenClient
import WardenProtocol

/// A sandbox with processes that a test drives: everything but the isolation.
final class ProcessSandbox: Sandbox {
    /// What was started, with the far ends of its streams.
    struct Started: Sendable {
        let number: ProcessNumber
        let job: Job
        let options: SpawnOptions
        let stdout: SharedDescriptor
        let stderr: SharedDescriptor
        let stdin: SharedDescriptor
    }

    private struct State {
        var started: [Started] = []
        var signals: [(process: ProcessNumber, number: UInt8)] = []
        var orders: [FilesOrder] = []
        var isKilled = false
        /// Ends a process that gets one of these.
        var obeys: Set<UInt8> = [UInt8(SIGTERM), UInt8(SIGKILL)]
        /// What packing writes.
        var content: [UInt8] = []
        var errno: Int32 = 0
    }

    let streams: ProgramStreams
    let channel: ProgramChannel? = nil
    let meter: SandboxMeter? = nil
    let listener: SharedDescriptor? = nil
    private let state = Mutex(State())
    private let events: AsyncStream<SandboxEvent>
    private let continuation: AsyncStream<SandboxEvent>.Continuation

    init() throws {
        (events, continuation) = AsyncStream.makeStream()
        let (input, output, errors) = (try Pipe.make().shared(), try Pipe.make().shared(), try Pipe.make().shared())
        streams = .pipes(stdin: input.second, stdout: output.first, stderr: errors.first)
    }

    var isAlive: Bool { !state.withLock { $0.isKilled } }
    var started: [Started] { state.withLock { $0.started } }
    var signals: [UInt8] { state.withLock { $0.signals.map(\.number) } }
    var orders: [FilesOrder] { state.withLock { $0.orders } }
    func obey(_ signals: Set<UInt8>) { state.withLock { $0.obeys = signals } }
    func pack(_ content: [UInt8], errno: Int32 = 0) { state.withLock { ($0.content, $0.errno) = (content, errno) } }
    func tell(_ event: SandboxEvent) { continuation.yield(event) }

    func nextEvent() async -> SandboxEvent? {
        var iterator = events.makeAsyncIterator()
        return await iterator.next()
    }

    func start(_ job: Job, times: TimeLimits?) {
        tell(.started)
        tell(.listening([]))
    }

    func spawn(_ process: ProcessNumber, _ job: Job, _ options: SpawnOptions) throws {
        let (input, output, errors) = (try Pipe.make().shared(), try Pipe.make().shared(), try Pipe.make().shared())
        state.withLock {
            $0.started.append(
                Started(
                    number: process, job: job, options: options, stdout: output.second, stderr: errors.second,
                    stdin: input.first))
        }
        tell(.spawned(process, .pipes(stdin: input.second, stdout: output.first, stderr: errors.first)))
    }

    /// A process ends by itself.
    func exit(_ process: Started, _ status: ExitStatus) {
        tell(.exited(process.number, ProcessEnd(status: status, cpu: 5_000_000, memoryPeak: 4096)))
        for end in [process.stdout, process.stderr, process.stdin] { end.close() }
    }

    func signal(_ number: UInt8, process: ProcessNumber) {
        let (target, obeys) = state.withLock { state in
            state.signals.append((process, number))
            return (state.started.first { $0.number == process }, state.obeys.contains(number))
        }
        if obeys, let target { exit(target, .signaled(number)) }
    }

    func files(_ order: FilesOrder, archive: SharedDescriptor?) {
        let (content, errno) = state.withLock { state in
            state.orders.append(order)
            return (state.content, state.errno)
        }
        if case .pack = order, let archive {
            _ = content.withUnsafeBytes { write(archive.number, $0.baseAddress, $0.count) }
        }
        tell(.files(FilesResult(errno: errno, files: 1, bytes: Int64(content.count)), nil))
    }

    func kill(_ reason: KillReason) {
        let isFirst = state.withLock { state in
            defer { state.isKilled = true }
            return !state.isKilled
        }
        if isFirst { tell(.finished(SandboxOutcome(verdict: .cancelled, usage: Usage()))) }
    }

    func giveUp(_ failure: StageFailure) { kill(.cancelled) }
    func upload(_ path: BoxPath, executable: Bool, bytes: [UInt8]) {}
    func signal(_ number: UInt8) {}
    func resize(_ size: TerminalSize) {}
    func activity() {}
    func probe() {}
}

/// Hands out sandboxes of that kind.
final class ProcessSource: SandboxSource {
    private let made = Mutex<[ProcessSandbox]>([])

    var sandboxes: [ProcessSandbox] { made.withLock { $0 } }

    func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        do {
            let sandbox = try ProcessSandbox()
            made.withLock { $0.append(sandbox) }
            return SandboxLease(sandbox: sandbox, warmth: .cold)
        } catch {
            throw APIError(.internalError, "\(error)")
        }
    }
}
