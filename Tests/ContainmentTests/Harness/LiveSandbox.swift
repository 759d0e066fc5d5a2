internal import Foundation
internal import LinuxSystem
internal import SandboxSpec
internal import WardenClient
internal import WardenProtocol

/// A sandbox under test: parked after `init`, running after `start`, over after `finish`.
///
/// Reads the output as a client of the warden does: counts it, keeps it, and asks for the end when it exceeds the limit.
final class LiveSandbox: Sendable {
    private let handle: SandboxHandle
    private let options: ProbeOptions
    private let job: Job
    private let input: Locked<Int32>
    private let collected: Locked<Collected>
    private let readers = DispatchGroup()
    private let ending: Task<SandboxOutcome, Never>

    /// What the events and the streams have brought so far.
    struct Collected {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var counted: Int64 = 0
        var warnings: [LimitHit] = []
        /// What was answered to probes for input.
        var answers: [Bool] = []
        var files: [FilesResult] = []
        var artifacts: [(path: String, bytes: Int64, content: [UInt8])] = []
        var skipped: [(name: String, reason: String)] = []
        var started: Int64 = 0
        var finished: Int64 = 0
    }

    /// The harness gave up waiting.
    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    init(_ probe: [String], _ options: ProbeOptions = ProbeOptions(), on warden: TestWarden) async throws {
        self.options = options
        var spec = try Specs.spec(
            root: options.root, options.limits, network: options.network, terminal: options.terminal)
        spec.preparation = try options.preparation ?? options.warmth.preparation(terminal: options.terminal)
        spec.hasChannel = options.hasChannel
        handle = try await warden.connection.makeSandbox(spec)
        if options.uploadsProbe {
            try handle.upload(BoxPath("probe"), executable: true, descriptor: try ProbeProgram.sealed())
        }
        for (name, content) in options.files {
            try handle.upload(try BoxPath(name), executable: false, bytes: content)
        }
        let plain = Job(
            arguments: options.program + probe, environment: options.environment, artifacts: options.artifacts)
        job = try options.warmth.job(plain, terminal: options.terminal)
        let collected = Locked(Collected())
        self.collected = collected
        let (writer, streams) = Self.streams(of: handle)
        input = Locked(writer)
        let handle = self.handle
        ending = Task { await Self.follow(handle, collected) }
        let limit = spec.limits[.output]
        for (index, stream) in streams.enumerated() {
            readers.enter()
            Thread.detachNewThread { [readers] in
                Self.drain(stream, isOutput: index == 0, into: collected, limit: limit, handle)
                readers.leave()
            }
        }
    }

    /// Lets the program go and feeds it its input.
    func start() throws {
        try handle.start(job)
        guard let bytes = options.input else { return }
        let descriptor = input.withLock { fcntl($0, F_DUPFD_CLOEXEC, 3) }
        closeInput()
        Thread.detachNewThread {
            // The program may go before it has read everything; that must not end this process.
            var done = 0
            while done < bytes.count {
                let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, min($0.count, 1 << 20)) }
                if count < 0 { break }
                done += count
            }
            close(descriptor)
        }
    }

    /// Lets the program see end of file.
    func closeInput() {
        input.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    func send(_ text: String) {
        input.withLock { _ = write($0, text, text.utf8.count) }
    }

    var channel: ProgramChannel? { handle.channel }

    var listener: SharedDescriptor? { handle.listener }

    func kill(_ reason: KillReason = .cancelled) { handle.kill(reason) }

    func signal(_ number: UInt8) throws { try handle.signal(number) }

    /// Asks once whether the program waits for input.
    /// - Returns: the answer; nil when there is none, because nothing runs.
    func waitsForInput(seconds: Double = 10) async -> Bool? {
        let before = collected.withLock { $0.answers.count }
        handle.probe()
        _ = await Host.eventually(within: seconds) { [collected] in
            collected.withLock { $0.answers.count > before || $0.finished != 0 }
        }
        return collected.withLock { $0.answers.count > before ? $0.answers.last : nil }
    }

    /// Asks until the answer is yes, or for ten seconds.
    func comesToWaitForInput() async -> Bool {
        let deadline = Host.now + 10 * Specs.second
        while Host.now < deadline {
            guard let answer = await waitsForInput() else { return false }
            if answer { return true }
        }
        return false
    }

    /// Asks a few times, so that no is not just the moment before yes.
    func neverWaitsForInput() async -> Bool {
        for _ in 0..<40 {
            guard await waitsForInput() == false else { return false }
        }
        return true
    }

    /// Asks many times without waiting for answers.
    /// - Returns: how many answers have come until half a second of silence.
    func answers(toProbes count: Int) async -> Int {
        let before = collected.withLock { $0.answers.count }
        for _ in 0..<count { handle.probe() }
        var seen = -1
        while true {
            let now = collected.withLock { $0.answers.count } - before
            if now == seen { return now }
            seen = now
            try? await Task.sleep(nanoseconds: 500_000_000)
        }
    }

    /// How many files have been handed out so far.
    var artifactCount: Int { collected.withLock { $0.artifacts.count } }

    /// Waits until the program has printed `mark`.
    func output(until mark: String) async throws -> String {
        let found = await Host.eventually(within: options.timeout) { [collected] in
            collected.withLock { String(decoding: $0.output, as: UTF8.self).contains(mark) }
        }
        let text = collected.withLock { String(decoding: $0.output, as: UTF8.self) }
        guard found else { throw TimedOut(description: "never printed \(mark), only: \(text.prefix(200))") }
        return text
    }

    /// Waits for the last event and the end of the output.
    func finish() async throws -> ProbeResult {
        let watchdog = Task { [handle, options] in
            try await Task.sleep(nanoseconds: UInt64(options.timeout * 1e9))
            handle.kill(.cancelled)
        }
        let outcome = await ending.value
        watchdog.cancel()
        closeInput()
        await withCheckedContinuation { done in readers.notify(queue: .global()) { done.resume() } }
        return collected.withLock {
            ProbeResult(
                output: $0.output, errors: $0.errors, outcome: outcome, warnings: $0.warnings,
                artifacts: $0.artifacts, skipped: $0.skipped,
                elapsed: $0.started == 0 ? 0 : $0.finished - $0.started)
        }
    }
}
