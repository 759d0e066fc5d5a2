internal import Foundation
internal import LinuxSystem
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

extension Containment {
    /// The root process behind a service without rights: wardens come from it, and nothing outlives it.
    @Suite("Keeper", .timeLimit(.minutes(3)))
    struct Keeping {
        private func keeper(_ arguments: [String] = []) throws -> WardenKeeper {
            // Also makes the probe program's directory, and ignores SIGPIPE.
            _ = try ProbeProgram.shared.get()
            let executable = try #require(TestWarden.executable)
            return try WardenKeeper(executable: executable, arguments: arguments)
        }

        /// A sandbox with a program in it that never ends.
        private func sleeper(on connection: WardenConnection) async throws -> SandboxHandle {
            let handle = try await connection.makeSandbox(try Specs.spec())
            try handle.start(Job(arguments: ["/bin/sleep", "60"], environment: []))
            for await event in handle.events {
                if case .started = event { return handle }
            }
            throw LiveSandbox.TimedOut(description: "never started: \(await handle.finished())")
        }

        /// Waits until none of these processes runs any more, and no cgroup of the warden is left.
        private func expectGone(
            _ processes: [HostProcess], warden: Int32, at location: SourceLocation = #_sourceLocation
        ) async {
            var left: [String] = []
            _ = await Host.eventually(within: 20) {
                left = processes.filter { !HostProcess.isGone($0.pid) }.map { "\($0.pid) \($0.name)" }
                left += CgroupListing.groups(of: warden)
                return left.isEmpty
            }
            #expect(left.isEmpty, "left behind", sourceLocation: location)
        }

        private func everybody(below pid: Int32) -> [HostProcess] {
            HostProcess.generations(below: pid).flatMap { $0 }
        }

        @Test("a warden from a keeper is the keeper's child and runs programs; closing ends all of it")
        func wholeLife() async throws {
            let keeper = try keeper()
            let connection = try await keeper.makeWarden()
            #expect(HostProcess(pid: connection.pid)?.parent == keeper.pid)
            let handle = try await sleeper(on: connection)
            let family = everybody(below: keeper.pid)
            #expect(family.count >= 4, "warden, zygote, init, program: \(family.map(\.name))")
            #expect(!CgroupListing.groups(of: connection.pid).isEmpty)
            await keeper.close()
            #expect(HostProcess(pid: keeper.pid) == nil, "the keeper has been waited for")
            // In order, so that the client hears how its sandboxes ended.
            #expect(await handle.finished().failure?.stage == "warden_shutdown")
            #expect(await connection.terminated() == .disconnected)
            await expectGone(family, warden: connection.pid)
            let error = await #expect(throws: WardenError.self) { try await keeper.makeWarden() }
            #expect(error == .disconnected)
        }

        @Test("after SIGKILL of a warden its cgroups are removed, and the next one works")
        func killedWarden() async throws {
            let keeper = try keeper()
            let first = try await keeper.makeWarden()
            let handle = try await sleeper(on: first)
            let family = everybody(below: keeper.pid)
            kill(first.pid, SIGKILL)
            #expect(await handle.finished().verdict == .internalError)
            // Nobody has to ask for a new one first.
            await expectGone(family, warden: first.pid)
            #expect(!HostProcess.isGone(keeper.pid))
            let second = try await keeper.makeWarden()
            #expect(second.pid != first.pid)
            _ = try await sleeper(on: second)
            await second.close()
            let third = try await keeper.makeWarden()
            _ = try await sleeper(on: third)
            await keeper.close()
        }

        @Test("one warden at a time: another request ends the one before, soon and in order")
        func oneAtATime() async throws {
            let keeper = try keeper()
            let first = try await keeper.makeWarden()
            let handle = try await sleeper(on: first)
            let start = Host.now
            let second = try await keeper.makeWarden()
            #expect(Host.now - start < 9 * Specs.second, "it was waited for instead of told")
            #expect(HostProcess.isGone(first.pid))
            #expect(await handle.finished().failure?.stage == "warden_shutdown")
            #expect(HostProcess.generations(below: keeper.pid).first?.map(\.pid) == [second.pid])
            await keeper.close()
        }

        @Test("SIGKILL of the keeper is the end of its warden and every sandbox")
        func killedKeeper() async throws {
            let keeper = try keeper()
            let connection = try await keeper.makeWarden()
            let handle = try await sleeper(on: connection)
            let family = everybody(below: keeper.pid)
            kill(keeper.pid, SIGKILL)
            let gone = await Host.eventually(within: 10) { family.allSatisfy { HostProcess.isGone($0.pid) } }
            #expect(gone, "they outlived the keeper")
            #expect(await handle.finished().verdict == .internalError)
            let error = await #expect(throws: WardenError.self) { try await keeper.makeWarden() }
            #expect(error == .disconnected)
            await keeper.close()
            // Nobody was left to clean up; the next warden does, as it starts.
            let next = try await TestWarden()
            await next.close()
            await expectGone(family, warden: connection.pid)
        }

        @Test("a keeper ends with its client only: SIGTERM, SIGINT and SIGHUP leave runs alone")
        func signals() async throws {
            let keeper = try keeper()
            let connection = try await keeper.makeWarden()
            _ = try await sleeper(on: connection)
            for signal in [SIGTERM, SIGINT, SIGHUP] { kill(keeper.pid, signal) }
            try await Task.sleep(nanoseconds: 200_000_000)
            #expect(!HostProcess.isGone(keeper.pid))
            _ = try await sleeper(on: connection)
            await keeper.close()
        }

        @Test("a warden that cannot start is an error of its own, not the end of the keeper")
        func unfit() async throws {
            let keeper = try keeper(["--init", "/nonexistent/nestbox-init"])
            for _ in 0..<3 {
                let error = await #expect(throws: WardenError.self) { try await keeper.makeWarden() }
                #expect(error != .disconnected)
            }
            #expect(!HostProcess.isGone(keeper.pid))
            await keeper.close()
        }

        @Test("a keeper that was started wrongly is known by the first request")
        func wrongArguments() async throws {
            let keeper = try keeper(["--nonsense"])
            let error = await #expect(throws: WardenError.self) { try await keeper.makeWarden() }
            #expect(error == .disconnected)
            await keeper.close()
        }

        @Test("a client that has given its rights up gets a warden, and runs a program by it")
        func unprivilegedClient() async throws {
            let script = """
                import os, socket, subprocess, sys
                executable, hello, create, start = sys.argv[1], *(bytes.fromhex(text) for text in sys.argv[2:])
                mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                keeper = subprocess.Popen(
                    [executable, '--keeper', '--socket-fd', str(theirs.fileno())], pass_fds=[theirs.fileno()])
                theirs.close()
                os.setgroups([]); os.setgid(65534); os.setuid(65534)
                print('uid', os.getuid(), os.geteuid())
                for attempt in range(2):
                    mine.send(b'x')
                    answer, descriptors, _, _ = socket.recv_fds(mine, 16, 1)
                    print('answer', answer.hex(), len(descriptors))
                    warden = socket.socket(fileno=descriptors[0])
                    warden.send(hello)
                    pid = int.from_bytes(warden.recv(65536)[5:9], 'little')
                    print('welcome', pid > 1)
                    warden.send(create)
                    tag, streams, _, _ = socket.recv_fds(warden, 65536, 4)
                    print('created', tag[0] == 66)
                    warden.send(start)
                    while (event := warden.recv(65536))[0] != 73: pass
                    print('finished', os.read(streams[1], 100).decode().strip())
                    try: os.kill(pid, 0)
                    except PermissionError: print('not mine to kill')
                    warden.close()
                mine.close()
                print('keeper', keeper.wait())
                """
            func hex(_ request: Request) throws -> String {
                try request.encoded().map { String(format: "%02x", $0) }.joined()
            }
            let job = Job(arguments: ["/bin/echo", "hello"], environment: [])
            let child = try ChildProcess([
                "/usr/bin/python3", "-c", script, try #require(TestWarden.executable),
                try hex(.hello(version: WardenProtocolLimits.version)), try hex(.create(1, try Specs.spec())),
                try hex(.start(1, job, times: nil)),
            ])
            let found = await child.finish(seconds: 30)
            let once = ["answer 00000000 1", "welcome True", "created True", "finished hello", "not mine to kill"]
            #expect(found.lines == ["uid 65534 65534"] + once + once + ["keeper 0"])
        }

        enum Rudeness: String, CaseIterable, Sendable {
            case leaves, asksAndLeaves, asksTwiceAndLeaves, asksTooMuch
        }

        @Test("a client that is gone before its answer leaves nothing behind", arguments: Rudeness.allCases)
        func rudeClient(rudeness: Rudeness) async throws {
            let executable = try #require(TestWarden.executable)
            let pair = try PacketSocket.pair()
            let pid = try ProgramStart.run(
                executable, ["--keeper", "--socket-fd", "3"], socket: pair.second.number, standardError: -1)
            let socket = pair.takeFirst()
            switch rudeness {
            case .leaves: break
            case .asksAndLeaves: try PacketSocket.send([1], on: socket.number)
            case .asksTwiceAndLeaves:
                try PacketSocket.send([1], on: socket.number)
                // Its answer is there, unread, when we go: the keeper sees a reset, not an end of file.
                #expect(try Readiness.wait(socket.number, -1, timeout: 10_000).first)
                try PacketSocket.send([1], on: socket.number)
            case .asksTooMuch: try PacketSocket.send(Array(repeating: 1, count: 100), on: socket.number)
            }
            let family = everybody(below: pid)
            _ = consume socket
            let gone = await Host.eventually(within: 20) { HostProcess.isGone(pid) }
            #expect(gone, "the keeper lives on")
            if !gone { kill(pid, SIGKILL) }
            var status: Int32 = -1
            waitpid(pid, &status, 0)
            // Only one that does not keep to the protocol is an error; a client may go whenever it likes.
            #expect((status == 0) == (rudeness != .asksTooMuch), "the keeper ended with wait status \(status)")
            for warden in family { await expectGone([warden], warden: warden.pid) }
        }
    }
}
