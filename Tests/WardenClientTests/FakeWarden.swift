internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

/// The warden's end of a connection: blocking, with the real codec, on a thread of its own.
final class FakeWarden: Sendable {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// A request and what came with it.
    struct Received: Sendable {
        let request: Request
        let descriptors: [SharedDescriptor]
    }

    private let socket: Int32

    fileprivate init(socket: Int32) {
        self.socket = socket
    }

    /// The next request; nil at end of file. Questions how it is going are answered on the way.
    func receive() throws -> Received? {
        while let received = try receiveAny() {
            guard received.request == .inquire else { return received }
            try send(.status(WardenStatus()))
        }
        return nil
    }

    /// The next request, whatever it is.
    func receiveAny() throws -> Received? {
        var watched = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, 10_000) == 1 else { throw Failed(description: "nothing came for 10 s") }
        var packet = try PacketSocket.receive(on: socket, limit: 65_536, maximumDescriptors: 4)
        if packet.bytes.isEmpty { return nil }
        let request = try Request(decoding: packet.bytes)
        try request.check(descriptorCount: packet.descriptors.count)
        var descriptors: [SharedDescriptor] = []
        while let descriptor = packet.descriptors.take() { descriptors.append(SharedDescriptor(descriptor)) }
        return Received(request: request, descriptors: descriptors)
    }

    /// The next request, which must be this one.
    @discardableResult
    func expect(_ request: Request) throws -> Received {
        guard let received = try receive() else { throw Failed(description: "end of file instead of \(request)") }
        guard received.request == request else { throw Failed(description: "\(received.request), not \(request)") }
        return received
    }

    /// The next request, which must be a `create`.
    func expectCreate() throws -> SandboxID {
        guard case .create(let id, _) = try receive()?.request else { throw Failed(description: "not a create") }
        return id
    }

    func expectEnd() throws {
        if let received = try receive() { throw Failed(description: "\(received.request) instead of end of file") }
    }

    func greet(version: UInt32 = WardenProtocolLimits.version) throws {
        try expect(.hello(version: WardenProtocolLimits.version))
        try send(.welcome(version: version, pid: 4711))
    }

    func send(_ event: Event, _ descriptors: [Int32] = []) throws {
        try send(bytes: try event.encoded(), descriptors)
    }

    func send(bytes: [UInt8], _ descriptors: [Int32] = []) throws {
        try PacketSocket.send(bytes, descriptors: descriptors, on: socket)
    }

    /// Answers with `created` and three pipes, and returns the program's ends of them.
    func create(_ id: SandboxID) throws -> ProgramEnds {
        let input = try Pipe.make()
        let output = try Pipe.make()
        let error = try Pipe.make()
        try send(.created(id), [input.second.number, output.first.number, error.first.number])
        return ProgramEnds(
            stdin: try input.first.duplicate(), stdout: try output.second.duplicate(),
            stderr: try error.second.duplicate())
    }

    /// The next request, answered by a parked sandbox.
    func park() throws -> SandboxID {
        let id = try expectCreate()
        _ = try create(id)
        return id
    }

    /// Runs `script` as the warden and `body` as its client, whose connection is where `OnThreadAndReactor` says. The warden dies when `script` returns.
    static func run(
        deadlines: WardenDeadlines = WardenDeadlines(), script: @escaping @Sendable (FakeWarden) throws -> Void,
        body: (WardenConnection) async throws -> Void
    ) async throws {
        let pair = try PacketSocket.pair()
        let client = try pair.first.duplicate()
        let result = start(socket: pair.takeSecond(), script)
        do {
            let connection = try await WardenConnection.adopt(
                socket: client, deadlines: deadlines, reactor: OnThreadAndReactor.reactor)
            try await body(connection)
            await connection.close()
        } catch {
            // What went wrong on the other side may be the reason.
            try await result.value
            throw error
        }
        try await result.value
    }

    private static func start(
        socket: consuming OwnedDescriptor, _ script: @escaping @Sendable (FakeWarden) throws -> Void
    ) -> Task<Void, any Error> {
        let number = socket.release()
        let (results, continuation) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
        // Not from a task: those wait for each other where many tests block.
        Thread.detachNewThread {
            let result = Result { try script(FakeWarden(socket: number)) }
            close(number)
            continuation.yield(result)
            continuation.finish()
        }
        return Task {
            for await result in results { try result.get() }
        }
    }
}

/// The ends of the pipes that a program in a sandbox would have.
struct ProgramEnds: ~Copyable {
    let stdin: OwnedDescriptor
    let stdout: OwnedDescriptor
    let stderr: OwnedDescriptor

    /// Writes to both outputs and closes them.
    consuming func speak(stdout output: String, stderr errors: String) {
        _ = output.withCString { write(stdout.number, $0, strlen($0)) }
        _ = errors.withCString { write(stderr.number, $0, strlen($0)) }
    }
}

enum Values {
    static func spec(terminal: TerminalSize? = nil, hasChannel: Bool = false) -> SandboxSpec {
        SandboxSpec(
            root: .host, limits: .maximum, warnAt: 80, network: .none, syscalls: ["read", "write"], terminal: terminal,
            hasChannel: hasChannel)
    }

    static func usage(cpu: Int64) -> Usage {
        var usage = Usage()
        usage.cpu = cpu
        return usage
    }

    static let job = Job(arguments: ["true"], environment: [])

    static func read(_ file: Int32) throws -> String {
        String(decoding: try Files.read(file, limit: 65_536), as: UTF8.self)
    }
}

extension SandboxHandle {
    /// All events to the last, as short words.
    func words() async -> [String] {
        var words: [String] = []
        for await event in events {
            switch event {
            case .started: words.append("started")
            case .usage(let usage): words.append("usage \(usage.cpu)")
            case .warning(let hit): words.append("warning \(hit.name.rawValue)")
            case .inputAwaited(let isAwaited): words.append("input \(isAwaited)")
            case .files(let result, _): words.append("files \(result.errno) \(result.files)")
            case .listening(let tables): words.append("listening \(tables.count)")
            case .spawned(let process, let streams):
                if case .terminal = streams {
                    words.append("spawned \(process) on a terminal")
                } else {
                    words.append("spawned \(process)")
                }
            case .spawnFailed(let process, let failure): words.append("failed \(process) \(failure.stage)")
            case .exited(let process, let end): words.append("exited \(process) \(end.status)")
            case .dialed(let dial, let errno, let socket):
                words.append("dialed \(dial) \(errno) \(socket == nil ? "" : "socket")")
            case .artifact(let path, let bytes, let file):
                var text = "?"
                if let file = file.take() { text = (try? Values.read(file.number)) ?? "unreadable" }
                words.append("artifact \(path) \(bytes) \(text)")
            case .artifactSkipped(let name, let reason): words.append("skipped \(name) \(reason)")
            case .finished(let outcome):
                words.append("finished \(outcome.verdict.rawValue)" + (outcome.failure.map { " \($0.stage)" } ?? ""))
            }
        }
        return words
    }
}
