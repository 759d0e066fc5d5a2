internal import Glibc
internal import LinuxSystem
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

extension WardenClientSuite {
    @Suite("giving up", .onThreadAndReactor, .timeLimit(.minutes(1)))
    struct CancellationTests {
        @Test("a cancelled creation is given up on both sides")
        func creation() async throws {
            let (asked, ask) = AsyncStream.makeStream(of: Void.self)
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.expectCreate()
                ask.finish()
                try warden.expect(.kill(id, .cancelled))
                let ends = try warden.create(id)
                var watched = pollfd(fd: ends.stdout.number, events: 0, revents: 0)
                #expect(poll(&watched, 1, 10_000) == 1 && watched.revents & Int16(POLLERR) != 0)
                try warden.send(.finished(id, SandboxOutcome(verdict: .cancelled, usage: Usage())))
                try warden.expectEnd()
            } body: { connection in
                let task = Task { try await connection.makeSandbox(Values.spec()) }
                for await _ in asked {}
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }

        @Test("a task that is cancelled already sends nothing")
        func cancelledBefore() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                try warden.expectEnd()
            } body: { connection in
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    _ = try await connection.makeSandbox(Values.spec())
                }
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }

        @Test("a cancelled consumer gets no more events, and can still wait for the end")
        func consumer() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.park()
                try warden.expect(.kill(id, .output(bytes: 3)))
                try warden.send(.finished(id, SandboxOutcome(verdict: .outputLimit, usage: Usage())))
                try warden.expectEnd()
            } body: { connection in
                let sandbox = try await connection.makeSandbox(Values.spec())
                let task = Task { await sandbox.words() }
                task.cancel()
                #expect(await task.value == [])
                sandbox.kill(.output(bytes: 3))
                #expect(await sandbox.finished().verdict == .outputLimit)
            }
        }

        @Test("a handle that is dropped ends its sandbox")
        func dropped() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.park()
                try warden.expect(.kill(id, .cancelled))
                try warden.expectEnd()
            } body: { connection in
                _ = try await connection.makeSandbox(Values.spec())
            }
        }

        @Test("whoever reads the events need not hold the handle")
        func eventsAlone() async throws {
            let (listening, listen) = AsyncStream.makeStream(of: Void.self)
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.park()
                try warden.send(.started(id))
                DispatchGate(listening).wait()
                try warden.send(.finished(id, SandboxOutcome(verdict: .ok, usage: Usage())))
                try warden.expectEnd()
            } body: { connection in
                let events = try await connection.makeSandbox(Values.spec()).events
                var count = 0
                for await _ in events {
                    count += 1
                    listen.finish()
                }
                #expect(count == 2)
            }
        }

        @Test("close lets the warden tell how its sandboxes ended")
        func close() async throws {
            try await FakeWarden.run { warden in
                try warden.greet()
                let id = try warden.park()
                try warden.expectEnd()
                try warden.send(.finished(id, SandboxOutcome(verdict: .cancelled, usage: Values.usage(cpu: 5))))
            } body: { connection in
                let sandbox = try await connection.makeSandbox(Values.spec())
                await connection.close()
                #expect(await sandbox.words() == ["finished cancelled"])
                #expect(await connection.terminated() == .closed)
                await #expect(throws: WardenError.closed) { try await connection.makeSandbox(Values.spec()) }
            }
        }

        @Test("a connection that is dropped is closed")
        func droppedConnection() async throws {
            let live = try PacketSocket.pair()
            let near = try live.first.duplicate()
            let welcome = try Event.welcome(version: WardenProtocolLimits.version, pid: 1).encoded()
            try PacketSocket.send(welcome, on: live.second.number)
            _ = try await WardenConnection.adopt(socket: near, reactor: OnThreadAndReactor.reactor)
            let hello = try PacketSocket.receive(on: live.second.number, limit: 64, maximumDescriptors: 0)
            #expect(try Request(decoding: hello.bytes) == .hello(version: WardenProtocolLimits.version))
            let end = try PacketSocket.receive(on: live.second.number, limit: 64, maximumDescriptors: 0)
            #expect(end.bytes.isEmpty)
        }
    }
}
