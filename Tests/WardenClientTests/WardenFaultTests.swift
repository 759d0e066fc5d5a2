internal import Glibc
internal import LinuxSystem
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

extension WardenClientSuite {
    @Suite("wardens that die, lie or hang", .onThreadAndReactor, .timeLimit(.minutes(1)))
    struct WardenFaultTests {
        @Test func deathBeforeWelcome() async throws {
            await #expect(throws: WardenError.disconnected) {
                try await FakeWarden.run {
                    try $0.expect(.hello(version: WardenProtocolLimits.version))
                } body: { _ in
                }
            }
        }

        @Test func deathWhileCreating() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                _ = try warden.expectCreate()
            } body: { connection in
                await #expect(throws: WardenError.disconnected) { try await connection.makeSandbox(Values.spec()) }
                #expect(await connection.terminated() == .disconnected)
                await #expect(throws: WardenError.disconnected) { try await connection.makeSandbox(Values.spec()) }
            }
        }

        @Test("every living sandbox ends exactly once, with the last sample", arguments: [false, true])
        func deathWhileLiving(started: Bool) async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let ids = [try warden.park(), try warden.park()]
                guard started else { return }
                for id in ids {
                    try warden.send(.started(id))
                    try warden.send(.usage(id, Values.usage(cpu: 7)))
                }
            } body: { connection in
                let sandboxes = [
                    try? await connection.makeSandbox(Values.spec()), try? await connection.makeSandbox(Values.spec()),
                ]
                for case .some(let sandbox) in sandboxes {
                    let outcome = await sandbox.finished()
                    #expect(outcome.verdict == .internalError && outcome.failure?.stage == "warden")
                    #expect(outcome.usage.cpu == (started ? 7 : 0))
                    let end = ["finished internal_error warden"]
                    #expect(await sandbox.words() == (started ? ["started", "usage 7"] : []) + end)
                    #expect(await sandbox.words() == [])
                    #expect(throws: WardenError.disconnected) { try sandbox.start(Values.job) }
                }
            }
        }

        static let lies: [(String, [UInt8])] = [
            ("noise", [0xde, 0xad, 0xbe, 0xef]),
            ("an unknown event", [200, 1, 0, 0, 0, 0, 0, 0, 0]),
            ("a request", [8, 1, 0, 0, 0, 0, 0, 0, 0]),
            ("a trailing byte", [68, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
            ("a sandbox created without descriptors", [66, 1, 0, 0, 0, 0, 0, 0, 0]),
            ("a second welcome", [65, UInt8(WardenProtocolLimits.version), 0, 0, 0, 1, 0, 0, 0]),
        ]

        @Test("nonsense ends the connection, and every sandbox with it", arguments: lies)
        func nonsense(what: String, bytes: [UInt8]) async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                _ = try warden.park()
                try warden.send(bytes: bytes)
                try warden.expectEnd()
            } body: { connection in
                let sandbox = try await connection.makeSandbox(Values.spec())
                #expect(await sandbox.words() == ["finished internal_error warden"])
                guard case .protocolViolation = await connection.terminated() else {
                    Issue.record("\(what) was taken")
                    return
                }
            }
        }

        @Test func tooLongAndTooManyDescriptors() async throws {
            for descriptors in [0, 5] {
                try await FakeWarden.run { warden in
                    try warden.greet()
                    try warden.send(
                        bytes: Array(repeating: 68, count: descriptors == 0 ? 65_537 : 9),
                        Array(repeating: 0, count: descriptors))
                    try warden.expectEnd()
                } body: { connection in
                    guard case .protocolViolation = await connection.terminated() else {
                        Issue.record("it was taken")
                        return
                    }
                }
            }
        }

        @Test("wrong order: events of sandboxes that do not stand yet, or stand already")
        func order() async throws {
            for early in [true, false] {
                try await FakeWarden.run { warden in
                    try warden.greet()
                    let id = try warden.expectCreate()
                    if early {
                        try warden.send(.started(id))
                    } else {
                        _ = try warden.create(id)
                        _ = try warden.create(id)
                    }
                    try warden.expectEnd()
                } body: { connection in
                    let sandbox = try? await connection.makeSandbox(Values.spec())
                    guard case .protocolViolation = await connection.terminated() else {
                        Issue.record("it was taken")
                        return
                    }
                    if let sandbox { #expect(await sandbox.words() == ["finished internal_error warden"]) }
                }
            }
        }

        @Test func wrongVersion() async throws {
            await #expect(throws: WardenError.versionMismatch(ours: WardenProtocolLimits.version, theirs: 9)) {
                try await FakeWarden.run {
                    try $0.greet(version: 9)
                } body: { _ in
                }
            }
            await #expect(throws: WardenError.protocolViolation("it spoke before its welcome")) {
                try await FakeWarden.run { warden in
                    try warden.send(.started(1))
                    try warden.expect(.hello(version: WardenProtocolLimits.version))
                    try warden.expectEnd()
                } body: { _ in
                }
            }
        }

        @Test func silence() async throws {
            var deadlines = WardenDeadlines()
            deadlines.welcome = .milliseconds(30)
            await #expect(throws: WardenError.noWelcome(after: .milliseconds(30))) {
                try await FakeWarden.run(deadlines: deadlines) { warden in
                    try warden.expect(.hello(version: WardenProtocolLimits.version))
                    try warden.expectEnd()
                } body: { _ in
                }
            }
        }

        @Test("a full socket buffer blocks nobody, loses nothing and keeps the order")
        func backpressure() async throws {
            let (sent, send) = AsyncStream.makeStream(of: Void.self)
            let count = 60
            @Sendable func job(_ index: Int) -> Job {
                Job(arguments: ["\(index)", String(repeating: "x", count: 40_000)], environment: [])
            }
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.park()
                let all = DispatchGate(sent)
                all.wait()
                for index in 0..<count { try warden.expect(.start(id, job(index), times: nil)) }
                try warden.send(.finished(id, SandboxOutcome(verdict: .ok, usage: Usage())))
                try warden.expectEnd()
            } body: { connection in
                let sandbox = try await connection.makeSandbox(Values.spec())
                for index in 0..<count { try sandbox.start(job(index)) }
                send.finish()
                #expect(await sandbox.words() == ["finished ok"])
            }
        }

        @Test("a warden that never reads is given up")
        func unresponsive() async throws {
            var deadlines = WardenDeadlines()
            deadlines.send = .milliseconds(50)
            let (over, end) = AsyncStream.makeStream(of: Void.self)
            try await FakeWarden.run(deadlines: deadlines) { warden in
                try warden.greet()
                _ = try warden.park()
                DispatchGate(over).wait()
            } body: { connection in
                let sandbox = try await connection.makeSandbox(Values.spec())
                let big = Job(arguments: ["a", String(repeating: "x", count: 40_000)], environment: [])
                for _ in 0..<50 { try? sandbox.start(big) }
                let outcome = await sandbox.finished()
                #expect(outcome.failure?.stage == "warden")
                guard case .unresponsive(let queued) = await connection.terminated() else {
                    Issue.record("not given up")
                    return
                }
                #expect(queued > 0)
                end.finish()
            }
        }

        /// Ways for a connection to end while descriptors are on the way.
        enum Ending: CaseIterable {
            case finish, death, nonsense, kill
        }

        @Test("whatever was received and not taken is closed, however it ends", arguments: Ending.allCases)
        func leaks(ending: Ending) async throws {
            // The read ends go to the client; the write ends tell when nobody has them any more.
            let file = try Pipe.make()
            let output = try Pipe.make()
            let (fileEnd, outputEnd) = (file.first.number, output.first.number)
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.expectCreate()
                try warden.send(.created(id), [outputEnd, outputEnd, outputEnd])
                // Uploads that nobody reads are lost with the socket.
                _ = try warden.receive()
                try warden.send(.artifact(id, try BoxPath("a"), bytes: 1), [fileEnd])
                switch ending {
                case .death: return
                case .nonsense: try warden.send(bytes: [1, 2, 3], [fileEnd, fileEnd])
                case .finish: try warden.send(.finished(id, SandboxOutcome(verdict: .ok, usage: Usage())))
                case .kill:
                    try warden.expect(.kill(id, .cancelled))
                    // Late, and for nobody.
                    try warden.send(.finished(id, SandboxOutcome(verdict: .cancelled, usage: Usage())))
                    try warden.send(.artifact(id, try BoxPath("a"), bytes: 1), [fileEnd])
                }
                try warden.expectEnd()
            } body: { connection in
                let sandbox = try await connection.makeSandbox(Values.spec())
                try? sandbox.upload(try BoxPath("a"), executable: false, bytes: [1, 2, 3])
                if ending == .kill { sandbox.kill(.cancelled) }
                _ = await sandbox.finished()
            }
            for pipe in [file.takeSecond().release(), output.takeSecond().release()] {
                var watched = pollfd(fd: pipe, events: 0, revents: 0)
                #expect(poll(&watched, 1, 10_000) == 1 && watched.revents & Int16(POLLERR) != 0)
                close(pipe)
            }
        }
    }
}
