internal import Glibc
internal import LinuxSystem
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

/// Serialized: every test has threads and processes of its own, and some have deadlines.
@Suite("the client of a warden", .serialized)
enum WardenClientSuite {}

extension WardenClientSuite {
    @Suite("the life of a sandbox", .onThreadAndReactor, .timeLimit(.minutes(1)))
    struct SandboxLifeTests {
        @Test("from create to finished, with every event in order")
        func wholeLife() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.expectCreate()
                let ends = try warden.create(id)
                let upload = try warden.expect(.upload(id, try BoxPath("main.py"), executable: true))
                guard let file = upload.descriptors.first?.take() else {
                    throw FakeWarden.Failed(description: "no file")
                }
                #expect(MemoryFile.isSealed(file.number))
                lseek(file.number, 0, SEEK_SET)
                #expect(try Values.read(file.number) == "print(42)")
                try warden.expect(.start(id, Values.job, times: nil))
                try warden.send(.started(id))
                try warden.expect(.activity(id))
                try warden.expect(.signal(id, 2))
                try warden.expect(.resize(id, TerminalSize(rows: 3, columns: 4)))
                ends.speak(stdout: "hello", stderr: "oops")
                try warden.send(.usage(id, Values.usage(cpu: 1)))
                try warden.send(.warning(id, LimitHit(name: .cpu, used: 1, allowed: 2)))
                let artifact = try MemoryFile.sealed(Array("picture".utf8), name: "test")
                lseek(artifact.number, 0, SEEK_SET)
                try warden.send(.artifact(id, try BoxPath("out/a.png"), bytes: 7), [artifact.number])
                try warden.send(.artifactSkipped(id, name: "b", reason: "too big"))
                try warden.send(
                    .finished(id, SandboxOutcome(verdict: .ok, status: .exited(0), usage: Values.usage(cpu: 2))))
                try warden.expectEnd()
            } body: { connection in
                #expect(connection.pid == 4711)
                let sandbox = try await connection.makeSandbox(Values.spec())
                try sandbox.upload(try BoxPath("main.py"), executable: true, bytes: Array("print(42)".utf8))
                try sandbox.start(Values.job)
                sandbox.activity()
                try sandbox.signal(2)
                sandbox.resize(TerminalSize(rows: 3, columns: 4))
                #expect(
                    await sandbox.words() == [
                        "started", "usage 1", "warning cpu", "artifact out/a.png 7 picture", "skipped b too big",
                        "finished ok",
                    ])
                let outcome = await sandbox.finished()
                #expect(outcome.status == .exited(0) && outcome.usage.cpu == 2)
                switch sandbox.streams {
                case .pipes(let stdin, let stdout, let stderr):
                    #expect(try Values.read(stdout.number) == "hello")
                    #expect(try Values.read(stderr.number) == "oops")
                    #expect(stdin.number >= 0)
                    sandbox.streams.close()
                    #expect([stdin, stdout, stderr].map(\.number) == [-1, -1, -1])
                case .terminal: Issue.record("not three pipes")
                }
                // Messages about a sandbox that is over go nowhere.
                sandbox.kill(.cancelled)
                try sandbox.start(Values.job)
            }
        }

        @Test("every probe is sent, and every answer is an event in its place")
        func probes() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.park()
                try warden.expect(.start(id, Values.job, times: nil))
                try warden.send(.started(id))
                for answer in [false, true] {
                    try warden.expect(.probe(id))
                    try warden.send(.input(id, isAwaited: answer))
                }
                try warden.send(.finished(id, SandboxOutcome(verdict: .ok, status: .exited(0), usage: Usage())))
                try warden.expectEnd()
            } body: { connection in
                let sandbox = try await connection.makeSandbox(Values.spec())
                try sandbox.start(Values.job)
                sandbox.probe()
                sandbox.probe()
                #expect(await sandbox.words() == ["started", "input false", "input true", "finished ok"])
                // About a sandbox that is over there is nothing to be asked.
                sandbox.probe()
            }
        }

        @Test("an answer about a sandbox that nobody has is passed over, one about a sandbox in the making is not")
        func answersToNobody() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                try warden.send(.input(77, isAwaited: true))
                let id = try warden.expectCreate()
                try warden.send(.input(id, isAwaited: true))
                try warden.expectEnd()
            } body: { connection in
                let error = await #expect(throws: WardenError.self) { try await connection.makeSandbox(Values.spec()) }
                guard case .protocolViolation = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }

        @Test func terminal() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.expectCreate()
                let pipe = try Pipe.make()
                try warden.send(.created(id), [pipe.second.number])
                try warden.send(.finished(id, SandboxOutcome(verdict: .cancelled, usage: Usage())))
                try warden.expectEnd()
            } body: { connection in
                let sandbox = try await connection.makeSandbox(
                    Values.spec(terminal: TerminalSize(rows: 24, columns: 80)))
                switch sandbox.streams {
                case .terminal(let terminal):
                    #expect(terminal.number >= 0)
                    sandbox.streams.close()
                    #expect(terminal.number == -1)
                case .pipes: Issue.record("not a terminal")
                }
                #expect(await sandbox.finished().verdict == .cancelled)
            }
        }

        @Test(
            "the ends of a channel come after the streams, and not without having been asked for",
            arguments: [true, false])
        func channel(hasTerminal: Bool) async throws {
            let size = hasTerminal ? TerminalSize(rows: 24, columns: 80) : nil
            try await FakeWarden.run { warden in
                try warden.greet()
                // Open to the end: the client reads from one that is empty, and not at its end.
                var kept: [[(first: SharedDescriptor, second: SharedDescriptor)]] = []
                defer { withExtendedLifetime(kept) {} }
                let standard = hasTerminal ? 1 : 3
                for count in [standard, standard + 4] {
                    let id = try warden.expectCreate()
                    let pipes = try (0..<count).map { _ in try Pipe.make().shared() }
                    kept.append(pipes)
                    // Commands are written by the client: the first after the streams is a write end.
                    let ends = pipes.enumerated().map { $0 == standard ? $1.second.number : $1.first.number }
                    try warden.send(.created(id), ends)
                    if count > standard {
                        _ = "record".withCString { write(pipes[standard + 1].second.number, $0, 6) }
                        var watched = pollfd(fd: pipes[standard].first.number, events: Int16(POLLIN), revents: 0)
                        #expect(poll(&watched, 1, 10_000) == 1)
                    }
                    try warden.send(.finished(id, SandboxOutcome(verdict: .cancelled, usage: Usage())))
                }
                // This one was not asked for.
                let id = try warden.expectCreate()
                let pipes = try (0..<7).map { _ in try Pipe.make().shared() }
                try warden.send(.created(id), pipes.map(\.first.number))
                try warden.expectEnd()
            } body: { connection in
                let plain = try await connection.makeSandbox(Values.spec(terminal: size))
                #expect(plain.channel == nil && plain.meter == nil)
                let driven = try await connection.makeSandbox(Values.spec(terminal: size, hasChannel: true))
                let channel = try #require(driven.channel)
                #expect(driven.meter != nil)
                #expect(write(channel.commands.number, "x", 1) == 1)
                var bytes = [UInt8](repeating: 0, count: 10)
                var watched = pollfd(fd: channel.records.number, events: Int16(POLLIN), revents: 0)
                #expect(poll(&watched, 1, 10_000) == 1)
                #expect(read(channel.records.number, &bytes, 10) == 6)
                #expect(read(channel.records.number, &bytes, 10) == -1 && errno == EAGAIN)
                channel.close()
                #expect(channel.commands.number == -1 && channel.records.number == -1)
                let error = await #expect(throws: WardenError.self) { try await connection.makeSandbox(Values.spec()) }
                guard case .protocolViolation = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }

        @Test func refusal() async throws {
            let failure = StageFailure(stage: "mount_proc", index: 1, errno: EPERM, object: "/proc")
            try await FakeWarden.run { warden in
                try warden.greet()
                try warden.send(.refused(try warden.expectCreate(), failure))
                // Refused later, for an upload.
                let id = try warden.park()
                _ = try warden.receive()
                try warden.send(.refused(id, failure))
                try warden.expectEnd()
            } body: { connection in
                await #expect(throws: failure) { try await connection.makeSandbox(Values.spec()) }
                let sandbox = try await connection.makeSandbox(Values.spec())
                try sandbox.upload(try BoxPath("a"), executable: false, bytes: [])
                #expect(await sandbox.words() == ["finished internal_error mount_proc"])
            }
        }

        @Test("a value out of bounds does not leave this side, and harms nothing")
        func bounds() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.park()
                try warden.expect(.kill(id, .cancelled))
                try warden.send(.finished(id, SandboxOutcome(verdict: .cancelled, usage: Usage())))
                try warden.expectEnd()
            } body: { connection in
                var bad = Values.spec()
                bad.warnAt = 0
                await #expect(throws: ProtocolError.self) { try await connection.makeSandbox(bad) }
                let sandbox = try await connection.makeSandbox(Values.spec())
                #expect(throws: ProtocolError.self) { try sandbox.start(Job(arguments: [], environment: [])) }
                #expect(throws: ProtocolError.self) { try sandbox.signal(0) }
                sandbox.kill(.cancelled)
                #expect(await sandbox.words() == ["finished cancelled"])
            }
        }

        @Test("samples that nobody reads are replaced, nothing else is lost")
        func coalescing() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.park()
                try warden.send(.started(id))
                for cpu in 0..<1000 {
                    try warden.send(.usage(id, Values.usage(cpu: Int64(cpu))))
                    if cpu % 100 == 0 { try warden.send(.warning(id, LimitHit(name: .wall, used: 1, allowed: 1))) }
                }
                try warden.send(.finished(id, SandboxOutcome(verdict: .ok, usage: Usage())))
                try warden.expectEnd()
            } body: { connection in
                let sandbox = try await connection.makeSandbox(Values.spec())
                _ = await sandbox.finished()
                let warnings = Array(repeating: "warning wall", count: 10)
                #expect(await sandbox.words() == ["started"] + warnings + ["usage 999", "finished ok"])
            }
        }

        @Test("two sandboxes on one connection do not hear each other")
        func multiplexing() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let first = try warden.expectCreate()
                let second = try warden.expectCreate()
                #expect(first != second)
                // Answered the other way round.
                _ = try warden.create(second)
                _ = try warden.create(first)
                for id in [first, second] { try warden.send(.started(id)) }
                try warden.send(
                    .finished(second, SandboxOutcome(verdict: .ok, usage: Values.usage(cpu: Int64(second)))))
                try warden.send(.warning(first, LimitHit(name: .disk, used: 1, allowed: 1)))
                try warden.send(
                    .finished(first, SandboxOutcome(verdict: .signaled, usage: Values.usage(cpu: Int64(first)))))
                try warden.expectEnd()
            } body: { connection in
                async let one = connection.makeSandbox(Values.spec())
                async let two = connection.makeSandbox(Values.spec())
                let sandboxes = try await [one, two].sorted { $0.id < $1.id }
                let outcomes = [await sandboxes[0].finished(), await sandboxes[1].finished()]
                #expect(outcomes.map(\.usage.cpu) == sandboxes.map { Int64($0.id) })
                let words = [await sandboxes[0].words(), await sandboxes[1].words()].sorted { $0.count < $1.count }
                #expect(words[0] == ["started", "finished ok"])
                #expect(words[1] == ["started", "warning disk", "finished signaled"])
            }
        }

        @Test("descriptors of sandboxes that nobody knows are closed")
        func unknownSandbox() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let ends = try warden.create(99)
                try warden.send(.artifact(98, try BoxPath("a"), bytes: 1), [ends.stdin.number])
                try warden.send(.finished(97, SandboxOutcome(verdict: .ok, usage: Usage())))
                // The reader of the pipe was in flight only; once it is closed, so is the pipe.
                var watched = pollfd(fd: ends.stdout.number, events: 0, revents: 0)
                #expect(poll(&watched, 1, 10_000) == 1 && watched.revents & Int16(POLLERR) != 0)
                // The connection is none the worse for it.
                try warden.expect(.kill(try warden.park(), .cancelled))
                try warden.expectEnd()
            } body: { connection in
                _ = try await connection.makeSandbox(Values.spec())
            }
        }
    }
}
