internal import Glibc
internal import LinuxSystem
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply
internal import SessionModel
internal import Synchronization
internal import WardenClient
internal import WardenProtocol

/// A driver in its sandbox, spoken to as simply as can be: one thing at a time, with a deadline for each.
final class DrivenSession: Sendable {
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    struct Output: Sendable {
        let stdout: String
        let stderr: String
        let verdict: Verdict
    }

    private static let patience = Duration.seconds(30)

    private let lease: SandboxLease
    private let channel: ProgramChannel
    private let streams: (stdin: SharedDescriptor, stdout: SharedDescriptor, stderr: SharedDescriptor)
    private let frames = Mutex(FrameReader())
    private let ended: Task<SandboxOutcome?, Never>

    init(_ lease: SandboxLease, _ plan: SessionPlan) throws {
        guard let channel = lease.sandbox.channel,
            case .pipes(let stdin, let stdout, let stderr) = lease.sandbox.streams
        else { throw Broken(description: "a sandbox without a channel") }
        self.lease = lease
        self.channel = channel
        streams = (stdin, stdout, stderr)
        lease.sandbox.streams.setNonblocking()
        let sandbox = lease.sandbox
        ended = Task {
            while let event = await sandbox.nextEvent() {
                if case .finished(let outcome) = event { return outcome }
            }
            return nil
        }
        try sandbox.start(plan.job, times: plan.times)
    }

    var warmth: WarmStart { lease.warmth }

    /// What the program reads; nothing comes after it.
    func write(_ text: String) {
        _ = text.withCString { Glibc.write(streams.stdin.number, $0, strlen($0)) }
        streams.stdin.close()
    }

    func execute(_ code: String, id: String) throws {
        let frame = try DriverCommand.execute(id: id, code: code, silent: false).frame()
        let count = frame.withUnsafeBytes { Glibc.write(channel.commands.number, $0.baseAddress, $0.count) }
        guard count == frame.count else { throw Broken(description: "wrote \(count) of \(frame.count) bytes") }
    }

    func nextRecord() async throws -> DriverRecord {
        let end = ContinuousClock.now + Self.patience
        while true {
            if let bytes = try frames.withLock({ try $0.next() }) {
                return try DriverRecord.decode(bytes).record
            }
            guard let more = Self.read(channel.records.number) else {
                try await wait(until: end, for: "a record")
                continue
            }
            guard !more.isEmpty else {
                throw Broken(description: "end of file instead of a record; \(Self.drain(streams.stderr.number))")
            }
            frames.withLock { $0.push(more) }
        }
    }

    /// Speaks no more, and waits for the driver to end by itself.
    func close() async throws -> Output {
        channel.commands.close()
        let (sandbox, patience) = (lease.sandbox, Self.patience)
        let watchdog = Task {
            try await Task.sleep(for: patience)
            sandbox.kill(.cancelled)
        }
        let outcome = await ended.value
        watchdog.cancel()
        let output = Output(
            stdout: Self.drain(streams.stdout.number), stderr: Self.drain(streams.stderr.number),
            verdict: outcome?.verdict ?? .internalError)
        channel.close()
        lease.sandbox.streams.close()
        return output
    }

    private func wait(until end: ContinuousClock.Instant, for what: String) async throws {
        guard ContinuousClock.now < end else { throw Broken(description: "no \(what) for \(Self.patience)") }
        try await Task.sleep(for: .milliseconds(2))
    }

    /// Nil when there is nothing yet, empty at the end.
    private static func read(_ number: Int32) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(number, &chunk, chunk.count)
        if count < 0 { return errno == EAGAIN ? nil : [] }
        return Array(chunk[..<count])
    }

    private static func drain(_ number: Int32) -> String {
        var bytes: [UInt8] = []
        while let more = read(number), !more.isEmpty { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Workshop {
    /// Starts a driver, in a sandbox made for it.
    func openSession(_ plan: SessionPlan, _ preparation: Preparation) async throws -> DrivenSession {
        try DrivenSession(try await source(preparation).lease(plan.spec), plan)
    }
}
