internal import Foundation
internal import LinuxSystem
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

extension Containment {
    /// Sandboxes that hold processes, which are started one by one: each is confined as a program is.
    @Suite("Processes that are started one by one", .timeLimit(.minutes(2)))
    struct Held {
        private static func sandbox(
            _ limits: [LimitName: Int64] = [:], network: NetworkAccess = .none
        ) async throws -> HeldSandbox {
            try await HeldSandbox(limits, network: network, on: try await TestWarden.shared)
        }

        @Test("C01: the posture of a process is that of a program")
        func posture() async throws {
            let bare = try await Control.run(["posture"])
            let sandbox = try await Self.sandbox()
            for round in 1...2 {
                let found = try await sandbox.run(["/box/probe", "posture"])
                let lines = found.lines.map { line in
                    line.hasPrefix("rlimit nproc ") && bare.lines.contains(line) ? "rlimit nproc inherited" : line
                }
                let same = try Golden.expect("posture.txt", lines, "the posture of process \(round)")
                Attempts.record(
                    "C01", "posture of process \(round)",
                    capable: bare.value("self Seccomp:") == "0" && bare.value("self NoNewPrivs:") == "0",
                    contained: same, "see the differences above")
            }
            #expect(await sandbox.end().verdict == .cancelled)
        }

        @Test("a process has its streams, its folder and its end, and the sandbox goes on")
        func lives() async throws {
            let sandbox = try await Self.sandbox()
            let first = try await sandbox.run(["sh", "-c", "echo out; echo err >&2; mkdir sub; exit 7"])
            #expect(first.output == "out\n" && first.errors == "err\n" && first.end?.status == .exited(7), "\(first)")
            let second = try await sandbox.run(["sh", "-c", "pwd; kill -TERM $$"], directory: "/box/sub")
            #expect(second.output == "/box/sub\n" && second.end?.status == .signaled(15), "\(second)")
            #expect((second.end?.memoryPeak ?? 0) > 100_000)
            let nowhere = try await sandbox.run(["true"], directory: "/box/none")
            #expect(nowhere.failure?.stage == "working_directory" && nowhere.failure?.errno == ENOENT, "\(nowhere)")
            let missing = try await sandbox.run(["no-such-program"])
            #expect(missing.failure?.stage == "exec" && missing.failure?.errno == ENOENT, "\(missing)")
            let notOne = try await sandbox.run(["/box/sub"])
            #expect(notOne.failure?.stage == "exec" && notOne.failure?.errno == EACCES, "\(notOne)")
            let busy = try await sandbox.run(["python3", "-c", "x = sum(i * i for i in range(3_000_000))"])
            #expect((busy.end?.cpu ?? 0) > 20_000_000, "\(busy)")
            for _ in 1...200 {
                let run = try await sandbox.run(["true"])
                #expect(run.end?.status == .exited(0), "\(run)")
            }
            #expect(await sandbox.end().verdict == .cancelled)
        }

        @Test("a terminal is the process's own")
        func terminal() async throws {
            let sandbox = try await Self.sandbox()
            let run = try await sandbox.run(
                ["sh", "-c", "stty size; tty; ls -1 /dev/pts"], terminal: TerminalSize(rows: 33, columns: 99))
            #expect(run.lines == ["33 99", "/dev/pts/0", "0", "ptmx"] && run.end?.status == .exited(0), "\(run)")
            _ = await sandbox.end()
        }

        @Test("C31: no process can have pid 1, the program that was parked, or another's memory in its power")
        func neighbours() async throws {
            let sandbox = try await Self.sandbox()
            let (number, _) = try await sandbox.spawn(["sleep", "1000"])
            // Everybody that it may: the sleeper and itself.
            let all = try await sandbox.run(["sh", "-c", "kill -9 -1"])
            #expect(all.end?.status == .exited(0), "\(all)")
            let end = await sandbox.ended(number)
            let state = await sandbox.state
            #expect(end?.status == .signaled(9), "\(String(describing: end)), \(state)")
            let look = try await sandbox.run(["sh", "-c", "kill -9 1; cat /proc/1/environ; ls -A /proc/1/fd; ls /proc"])
            #expect(look.errors.contains("Permission denied") || look.errors.contains("not permitted"), "\(look)")
            Attempts.record(
                "C31", "kill -9 -1 and pid 1", capable: true, contained: look.end != nil && sandbox.handle.isAlive,
                "\(look)")
            _ = await sandbox.end()
        }

        @Test("at most sixteen live, and what one leaves behind ends with the sandbox")
        func many() async throws {
            let sandbox = try await Self.sandbox()
            var numbers: [UInt32] = []
            for _ in 1...SandboxSpec.maximumProcesses {
                let (number, started) = try await sandbox.spawn(["sleep", "1000"])
                guard case .success = started else {
                    Issue.record("\(started)")
                    continue
                }
                numbers.append(number)
            }
            let over = try await sandbox.run(["true"])
            #expect(over.failure?.stage == "program_fork" && over.failure?.errno == EAGAIN, "\(over)")
            try sandbox.handle.signal(UInt8(SIGKILL), process: numbers[3])
            #expect(await sandbox.ended(numbers[3])?.status == .signaled(9))
            let marker = "31\(Int.random(in: 100_000...999_999))"
            let left = try await sandbox.run(["sh", "-c", "setsid sleep \(marker) >/dev/null 2>&1 & echo left"])
            #expect(left.output == "left\n")
            #expect(await Host.eventually(within: 10) { Self.hostHas(marker) })
            #expect(await sandbox.end().verdict == .cancelled)
            #expect(!Self.hostHas(marker))
        }

        private static func hostHas(_ argument: String) -> Bool {
            ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).contains { name in
                guard Int(name) != nil, let line = try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .utf8)
                else { return false }
                return line.split(separator: "\0").last.map { $0 == argument } ?? false
            }
        }

        @Test("C41: one that uses too much memory is ended, which is told, and the others go on")
        func memory() async throws {
            let sandbox = try await Self.sandbox([.memory: 64 << 20, .stack: 8 << 20])
            let (number, _) = try await sandbox.spawn(["sleep", "1000"])
            let run = try await sandbox.run(["python3", "-c", "x = bytearray(200 << 20); print(len(x))"])
            Attempts.record(
                "C41", "200 MiB of 64", capable: true, contained: run.end?.status == .signaled(9) && run.output == "",
                "\(run)")
            #expect(await sandbox.waitForWarning(.memory))
            let next = try await sandbox.run(["echo", "on"])
            #expect(next.output == "on\n")
            try sandbox.handle.signal(UInt8(SIGTERM), process: number)
            #expect(await sandbox.ended(number)?.status == .signaled(15))
            _ = await sandbox.end()
        }

        @Test("the limits of the whole end the whole")
        func time() async throws {
            let sandbox = try await Self.sandbox([.cpu: Specs.second, .wall: 60 * Specs.second])
            _ = try await sandbox.spawn(["sh", "-c", "while :; do :; done"])
            #expect(await sandbox.handle.finished().verdict == .cpuLimit)
        }

        private static let server = """
            import socket, sys
            family, host, port = {"4": (socket.AF_INET, "127.0.0.1", 8001), "6": (socket.AF_INET6, "::1", 8002)}[sys.argv[1]]
            server = socket.socket(family)
            server.bind((host, port))
            server.listen()
            print("ready", flush=True)
            client, _ = server.accept()
            client.sendall(client.recv(100).upper())
            """

        @Test("ports are seen and dialed from outside, on both families, and refused without a network")
        func ports() async throws {
            let sandbox = try await Self.sandbox(network: .loopback)
            #expect(try await sandbox.listening().isEmpty)
            for (family, port) in [("4", UInt16(8001)), ("6", 8002)] {
                async let server = sandbox.run(["python3", "-c", Self.server, family])
                #expect(await Host.eventually(within: 10) { (try? await sandbox.listening().contains(port)) == true })
                let (error, socket) = try await sandbox.dial(port)
                let connection = try #require(socket, "errno \(error)")
                let written = write(connection.number, "hello", 5)
                #expect(written == 5, "errno \(errno)")
                var answer = [UInt8](repeating: 0, count: 16)
                var watched = pollfd(fd: connection.number, events: Int16(POLLIN), revents: 0)
                #expect(poll(&watched, 1, 10_000) == 1)
                #expect(read(connection.number, &answer, 16) == 5)
                #expect(String(decoding: answer[..<5], as: UTF8.self) == "HELLO")
                connection.close()
                let end = try await server
                #expect(end.end?.status == .exited(0), "\(end)")
            }
            let closed = try await sandbox.dial(9)
            #expect(closed.errno == ECONNREFUSED && closed.socket == nil)
            _ = await sandbox.end()
            let without = try await Self.sandbox()
            let refused = try await without.dial(80)
            #expect(refused.errno == ENETUNREACH && refused.socket == nil)
            _ = await without.end()
        }

        @Test("files are opened and renamed from inside, and no link is followed")
        func files() async throws {
            let sandbox = try await Self.sandbox()
            _ = try await sandbox.run([
                "sh", "-c", "echo hi >a; ln -s /etc/passwd link; ln -s /etc dir; mkfifo fifo; mkdir d; echo 1 >d/x",
            ])
            let (result, file) = try await sandbox.files(.open(BoxPath("a")))
            var bytes = [UInt8](repeating: 0, count: 8)
            let opened = try #require(file, "\(result)")
            #expect(pread(opened.number, &bytes, 8, 0) == 3)
            // Only for reading.
            #expect(write(opened.number, "x", 1) == -1)
            for (path, errno) in [
                ("link", ELOOP), ("dir/passwd", ELOOP), ("fifo", EINVAL), ("d", EISDIR), ("none", ENOENT),
                ("a/b", ENOTDIR),
            ] {
                let (result, file) = try await sandbox.files(.open(BoxPath(path)))
                #expect(result.errno == errno && file == nil, "\(path): \(result.errno)")
            }
            #expect(try await sandbox.files(.move(BoxPath("a"), BoxPath("new/b"), replacing: false)).0.errno == 0)
            #expect(
                try await sandbox.files(.move(BoxPath("new/b"), BoxPath("d/x"), replacing: false)).0.errno == EEXIST)
            #expect(try await sandbox.files(.move(BoxPath("new/b"), BoxPath("d/x"), replacing: true)).0.errno == 0)
            let through = try await sandbox.files(.move(BoxPath("d/x"), BoxPath("dir/x"), replacing: true)).0
            #expect(through.errno == ENOTDIR || through.errno == ELOOP, "\(through)")
            #expect(try await sandbox.run(["cat", "d/x"]).output == "hi\n")
            _ = await sandbox.end()
        }

        @Test("a tree of many folders comes back, with what was in it and nothing else")
        func folders() async throws {
            let sandbox = try await Self.sandbox()
            let made = try await sandbox.run([
                "sh", "-c", "for i in $(seq 700); do mkdir -p t/$i; echo $i >t/$i/f; done; find t | sort | md5sum",
            ])
            var name = Array("/tmp/nestbox-folders-XXXXXX".utf8CString)
            let archive = SharedDescriptor(OwnedDescriptor(owning: mkstemp(&name)))
            unlink(name)
            let packing = FilesOrder.Packing(maximumBytes: 32 << 20, maximumFiles: 10_000)
            let packed = try await sandbox.files(.pack(nil, packing), archive: archive).0
            #expect(packed.errno == 0 && packed.files > 1400, "\(packed)")
            _ = try await sandbox.run([
                "sh", "-c", "mkdir -p new/deep t/7/more; echo x >t/8/f; rm -r t/9; echo y >t/more",
            ])
            let unpacked = try await sandbox.files(.unpack(replacing: true), archive: archive).0
            #expect(unpacked.errno == 0, "\(unpacked)")
            let found = try await sandbox.run(["sh", "-c", "find t | sort | md5sum; cat t/8/f t/9/f; ls"])
            #expect(found.output == made.output + "8\n9\nprobe\nt\n", "\(found)")
            _ = await sandbox.end()
        }

        @Test("a warden that is killed leaves nothing of them")
        func warden() async throws {
            let warden = try await TestWarden()
            let sandbox = try await HeldSandbox(on: warden)
            let marker = "32\(Int.random(in: 100_000...999_999))"
            for _ in 1...3 { _ = try await sandbox.spawn(["sleep", marker]) }
            #expect(await Host.eventually(within: 10) { Self.hostHas(marker) })
            kill(warden.pid, SIGKILL)
            #expect(await Host.eventually(within: 10) { !Self.hostHas(marker) })
            await warden.close()
        }

        @Test("what does not go together is refused")
        func refused() async throws {
            let warden = try await TestWarden.shared
            let changes: [(inout SandboxSpec) -> Void] = [
                { $0.hasChannel = true }, { $0.terminal = TerminalSize(rows: 1, columns: 1) },
            ]
            for change in changes {
                var spec = try Specs.spec()
                spec.hasProcesses = true
                change(&spec)
                let failure = await #expect(throws: StageFailure.self) {
                    try await warden.connection.makeSandbox(spec)
                }
                #expect(failure?.stage == "admit" && failure?.errno == EINVAL)
            }
            // An ordinary sandbox takes none.
            let handle = try await warden.connection.makeSandbox(try Specs.spec())
            try handle.spawn(1, Job(arguments: ["true"], environment: []), SpawnOptions())
            while let event = await handle.nextEvent() {
                guard case .spawnFailed(1, let failure) = event else { continue }
                #expect(failure.errno == EBUSY)
                break
            }
            handle.kill(.cancelled)
            _ = await handle.finished()
        }
    }
}
