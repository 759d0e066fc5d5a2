internal import Foundation
internal import LinuxSystem
internal import SandboxSpec
internal import Synchronization
internal import WardenClient
internal import WardenProtocol

/// A sandbox in which processes are started one by one. It lives until `end`.
actor HeldSandbox {
    /// How a process ended, and all that it wrote.
    struct Run: Sendable {
        var end: ProcessEnd?
        var failure: StageFailure?
        var output = ""
        var errors = ""

        var lines: [String] { output.split(whereSeparator: \.isNewline).map(String.init) }
    }

    static let environment = ["PATH=/usr/bin:/bin", "HOME=/box", "LANG=C.UTF-8"]

    nonisolated let handle: SandboxHandle
    private(set) var warnings: [LimitHit] = []
    private(set) var tables: [SharedDescriptor] = []
    private var last: UInt32 = 0
    private var spawns: [UInt32: CheckedContinuation<Result<ProgramStreams, StageFailure>, Never>] = [:]
    private var ends: [UInt32: ProcessEnd] = [:]
    private var endWaiters: [UInt32: CheckedContinuation<ProcessEnd?, Never>] = [:]
    private var dials: [UInt32: CheckedContinuation<(Int32, SharedDescriptor?), Never>] = [:]
    private var orders: [CheckedContinuation<(FilesResult, SharedDescriptor?), Never>] = []
    private var starting: CheckedContinuation<Void, Never>?
    private var outcome: SandboxOutcome?

    init(
        _ limits: [LimitName: Int64] = [:], network: NetworkAccess = .none, on warden: TestWarden
    ) async throws {
        var spec = try Specs.spec(limits, network: network)
        spec.hasProcesses = true
        handle = try await warden.connection.makeSandbox(spec)
        try handle.upload(BoxPath("probe"), executable: true, descriptor: try ProbeProgram.sealed())
        let handle = handle
        Task { while let event = await handle.nextEvent() { self.take(event) } }
        try handle.start(Job(arguments: ["-"], environment: []))
        await withCheckedContinuation { starting = $0 }
    }

    private func take(_ event: SandboxEvent) {
        switch event {
        case .listening(let tables):
            self.tables = tables
            starting?.resume()
            starting = nil
        case .spawned(let number, let streams): spawns.removeValue(forKey: number)?.resume(returning: .success(streams))
        case .spawnFailed(let number, let failure):
            spawns.removeValue(forKey: number)?.resume(returning: .failure(failure))
        case .exited(let number, let end):
            if let waiter = endWaiters.removeValue(forKey: number) {
                waiter.resume(returning: end)
            } else {
                ends[number] = end
            }
        case .dialed(let number, let errno, let socket):
            dials.removeValue(forKey: number)?.resume(returning: (errno, socket))
        case .files(let result, let file): orders.removeFirst().resume(returning: (result, file))
        case .warning(let hit): warnings.append(hit)
        case .finished(let outcome):
            self.outcome = outcome
            let gone = StageFailure(stage: "gone", errno: 0, object: "\(outcome)")
            for waiter in spawns.values { waiter.resume(returning: .failure(gone)) }
            for waiter in endWaiters.values { waiter.resume(returning: nil) }
            for waiter in dials.values { waiter.resume(returning: (ESRCH, nil)) }
            for waiter in orders { waiter.resume(returning: (FilesResult(errno: ESRCH), nil)) }
            (spawns, endWaiters, dials, orders) = ([:], [:], [:], [])
            starting?.resume()
            starting = nil
        case .started, .usage, .inputAwaited, .artifact, .artifactSkipped: break
        }
    }

    /// - Returns: its number and streams, or why it does not run.
    func spawn(
        _ arguments: [String], directory: String = "/box", terminal: TerminalSize? = nil
    ) async throws -> (UInt32, Result<ProgramStreams, StageFailure>) {
        last += 1
        let number = last
        if let outcome { return (number, .failure(StageFailure(stage: "gone", errno: 0, object: "\(outcome)"))) }
        try handle.spawn(
            number, Job(arguments: arguments, environment: Self.environment),
            SpawnOptions(directory: directory, terminal: terminal))
        return (number, await withCheckedContinuation { spawns[number] = $0 })
    }

    func ended(_ number: UInt32) async -> ProcessEnd? {
        if let end = ends.removeValue(forKey: number) { return end }
        if outcome != nil { return nil }
        return await withCheckedContinuation { endWaiters[number] = $0 }
    }

    /// A process from beginning to end.
    func run(
        _ arguments: [String], directory: String = "/box", terminal: TerminalSize? = nil
    ) async throws -> Run {
        let (number, started) = try await spawn(arguments, directory: directory, terminal: terminal)
        var run = Run()
        switch started {
        case .failure(let failure): run.failure = failure
        case .success(.pipes(let stdin, let stdout, let stderr)):
            stdin.close()
            async let output = Self.read(stdout)
            async let errors = Self.read(stderr)
            (run.output, run.errors) = await (output, errors)
            run.end = await ended(number)
        case .success(.terminal(let terminal)):
            run.output = await Self.read(terminal)
            run.end = await ended(number)
        }
        return run
    }

    /// What comes to the end, read on a thread of its own.
    private static func read(_ descriptor: SharedDescriptor) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var bytes: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 65_536)
                while bytes.count < 1 << 22 {
                    var watched = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
                    guard poll(&watched, 1, 30_000) == 1 else { break }
                    let count = Glibc.read(descriptor.number, &chunk, chunk.count)
                    if count < 0, errno == EAGAIN || errno == EINTR { continue }
                    guard count > 0 else { break }
                    bytes += chunk[..<count]
                }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    func dial(_ port: UInt16) async throws -> (errno: Int32, socket: SharedDescriptor?) {
        last += 1
        let number = last
        try handle.dial(number, port: port)
        return await withCheckedContinuation { dials[number] = $0 }
    }

    func files(_ order: FilesOrder, archive: SharedDescriptor? = nil) async throws -> (FilesResult, SharedDescriptor?) {
        try handle.files(order, archive: archive)
        return await withCheckedContinuation { orders.append($0) }
    }

    nonisolated func waitForWarning(_ name: LimitName) async -> Bool {
        await Host.eventually(within: 10) { await self.warnings.contains { $0.name == name } }
    }

    /// Ports of the sandbox's network on which something listens.
    func listening() throws -> Set<UInt16> {
        var ports: Set<UInt16> = []
        for table in tables {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = pread(table.number, &buffer, buffer.count, 0)
            guard count >= 0 else { throw StageFailure(stage: "pread", errno: errno) }
            for line in String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").dropFirst() {
                let columns = line.split(separator: " ")
                guard columns.count > 3, columns[3] == "0A", let port = columns[1].split(separator: ":").last else {
                    continue
                }
                ports.insert(UInt16(port, radix: 16) ?? 0)
            }
        }
        return ports
    }

    /// For messages: how it ended, if it has.
    var state: String { outcome.map { "\($0)" } ?? "lives" }

    func end() async -> SandboxOutcome {
        handle.kill(.cancelled)
        return await handle.finished()
    }
}
