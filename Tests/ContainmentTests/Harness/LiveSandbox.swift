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
    private let ending: Task<Outcome, Never>

    private struct Collected {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var counted: Int64 = 0
        var warnings: [LimitHit] = []
        var artifacts: [(path: String, bytes: Int64, content: [UInt8])] = []
        var skipped: [(name: String, reason: String)] = []
        var started: Int64 = 0
        var finished: Int64 = 0
    }

    /// The harness gave up waiting.
    struct Impatience: Error, CustomStringConvertible {
        let description: String
    }

    init(_ probe: [String], _ options: ProbeOptions = ProbeOptions(), on warden: TestWarden) async throws {
        self.options = options
        let spec = try Specs.spec(
            root: options.root, options.limits, network: options.network, terminal: options.terminal)
        handle = try await warden.connection.makeSandbox(spec)
        if options.uploadsProbe {
            try handle.upload(BoxPath("probe"), executable: true, descriptor: try ProbeProgram.sealed())
        }
        for (name, content) in options.files {
            try handle.upload(try BoxPath(name), executable: false, bytes: content)
        }
        job = Job(
            arguments: options.program + probe, environment: options.environment, artifacts: options.artifacts)
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

    /// The descriptor to write input to, and those to read output from.
    private static func streams(of handle: SandboxHandle) -> (Int32, [Int32]) {
        switch handle.takeStdio() {
        case .pipes(let stdin, let stdout, let stderr)?: return (stdin.release(), [stdout.release(), stderr.release()])
        case .terminal(let terminal)?:
            let number = terminal.release()
            return (fcntl(number, F_DUPFD_CLOEXEC, 3), [number])
        case nil: return (-1, [])
        }
    }

    /// Takes every event down until the last.
    private static func follow(_ handle: SandboxHandle, _ collected: Locked<Collected>) async -> Outcome {
        for await event in handle.events {
            switch event {
            case .started: collected.withLock { $0.started = Host.now }
            case .usage: break
            case .warning(let hit): collected.withLock { $0.warnings.append(hit) }
            case .artifact(let path, let bytes, let descriptor):
                guard let file = descriptor.take() else { break }
                let content = Host.readAll(file.number, limit: 16 << 20)
                collected.withLock { $0.artifacts.append((path.description, bytes, content)) }
            case .artifactSkipped(let name, let reason): collected.withLock { $0.skipped.append((name, reason)) }
            case .finished(let outcome):
                collected.withLock { $0.finished = Host.now }
                return outcome
            }
        }
        return await handle.finished()
    }

    /// Reads one stream to its end, as the reader in production does: keeps at most the limit and a chunk, and asks for
    /// the end once there is more.
    private static func drain(
        _ stream: Int32, isOutput: Bool, into collected: Locked<Collected>, limit: Int64, _ handle: SandboxHandle
    ) {
        defer { close(stream) }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(stream, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return }
            let over = collected.withLock { state -> Int64? in
                let before = state.counted
                state.counted += Int64(count)
                if before <= limit {
                    if isOutput { state.output += chunk[..<count] } else { state.errors += chunk[..<count] }
                }
                return before <= limit && state.counted > limit ? state.counted : nil
            }
            handle.activity()
            if let over { handle.kill(.output(bytes: over)) }
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

    func kill(_ reason: KillReason = .cancelled) { handle.kill(reason) }

    /// Waits until the program has printed `mark`.
    func output(until mark: String) async throws -> String {
        let found = await Host.eventually(within: options.patience) { [collected] in
            collected.withLock { String(decoding: $0.output, as: UTF8.self).contains(mark) }
        }
        let text = collected.withLock { String(decoding: $0.output, as: UTF8.self) }
        guard found else { throw Impatience(description: "never printed \(mark), only: \(text.prefix(200))") }
        return text
    }

    /// Waits for the last event and the end of the output.
    func finish() async throws -> ProbeResult {
        let watchdog = Task { [handle, options] in
            try await Task.sleep(nanoseconds: UInt64(options.patience * 1e9))
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
