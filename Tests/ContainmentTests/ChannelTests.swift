internal import Foundation
internal import LinuxSystem
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

extension Containment {
    /// The two pipes by which a program is driven, in sandboxes of every preparation.
    @Suite("Channel")
    struct Channel {
        private static func options(_ warmth: TestWarmth, _ script: String) throws -> ProbeOptions {
            var options = ProbeOptions()
            options.hasChannel = true
            options.warmth = .cold
            options.uploadsProbe = false
            options.input = nil
            options.program = ["python3", "main.py"]
            options.files = [("main.py", Array(script.utf8))]
            let interpreter = try Interpreter(
                command: options.program, environment: options.environment, script: "main.py")
            options.preparation =
                switch warmth {
                case .cold: Preparation.none
                case .boot: .boot(interpreter)
                case .fork: .fork(.python, interpreter)
                }
            return options
        }

        private static func start(_ script: String, _ warmth: TestWarmth) async throws -> (LiveSandbox, ProgramChannel)
        {
            let live = try await LiveSandbox([], try options(warmth, script), on: try await TestWarden.shared)
            let channel = try #require(live.channel)
            try live.start()
            return (live, channel)
        }

        /// What comes until there are `count` bytes, or, without a number, until the end; nil when it does not come within ten seconds.
        private static func read(_ channel: ProgramChannel, _ count: Int = .max) -> String? {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 4096)
            while bytes.count < count {
                var watched = pollfd(fd: channel.records.number, events: Int16(POLLIN), revents: 0)
                guard poll(&watched, 1, 10_000) == 1 else { return nil }
                let got = Glibc.read(channel.records.number, &chunk, chunk.count)
                guard got > 0 else { return got == 0 && count == .max ? String(decoding: bytes, as: UTF8.self) : nil }
                bytes += chunk[..<got]
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        private static func write(_ text: String, _ channel: ProgramChannel) -> Int {
            text.withCString { Glibc.write(channel.commands.number, $0, strlen($0)) }
        }

        @Test("a program reads commands and writes records, until each side closes", arguments: TestWarmth.allCases)
        func echo(_ warmth: TestWarmth) async throws {
            let (live, channel) = try await Self.start(
                """
                import os
                while True:
                    command = os.read(100, 65536)
                    if not command: break
                    os.write(101, command.upper())
                print("closed")
                """, warmth)
            for text in ["hello", "twice"] {
                #expect(Self.write(text, channel) == text.utf8.count)
                #expect(Self.read(channel, text.utf8.count) == text.uppercased())
            }
            channel.commands.close()
            let result = try await live.finish()
            #expect(result.text == "closed\n" && result.verdict == .ok, "\(result.summary)")
            #expect(Self.read(channel) == "")
        }

        @Test(
            "nobody but the program holds its ends, and both are non-blocking on this side",
            arguments: TestWarmth.allCases)
        func soleHolder(_ warmth: TestWarmth) async throws {
            let (live, channel) = try await Self.start(
                """
                import os
                os.write(101, b"last words")
                os.close(100)
                os.close(101)
                print(input())
                """, warmth)
            // The end is there while the program still runs.
            #expect(Self.read(channel) == "last words")
            #expect(Self.write("x", channel) == -1 && errno == EPIPE)
            #expect(await live.comesToWaitForInput())
            for number in [channel.commands.number, channel.records.number] {
                #expect(fcntl(number, F_GETFL) & O_NONBLOCK != 0)
                #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
            }
            live.send("bye\n")
            let result = try await live.finish()
            #expect(result.text == "bye\n" && result.verdict == .ok, "\(result.summary)")
        }

        @Test("the end comes with the program's, also when a child of it lives on", arguments: TestWarmth.allCases)
        func endsWithTheProgram(_ warmth: TestWarmth) async throws {
            let (live, channel) = try await Self.start(
                """
                import os, signal
                if os.fork() == 0:
                    os.setsid()
                    os.write(101, b"child")
                    signal.pause()
                os.read(100, 1)
                os._exit(7)
                """, warmth)
            #expect(Self.read(channel, 5) == "child")
            #expect(Self.write("x", channel) == 1)
            #expect(Self.read(channel) == "")
            #expect(try await live.finish().status == .exited(7))
        }

        @Test("the program cannot open its ends anew, and what it executes has them", arguments: TestWarmth.allCases)
        func descriptors(_ warmth: TestWarmth) async throws {
            let (live, channel) = try await Self.start(
                """
                import errno, os
                for number in (100, 101):
                    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
                        try: print("opened", os.open(f"/proc/self/fd/{number}", flags))
                        except OSError as error: print(errno.errorcode[error.errno])
                print(os.get_inheritable(100), os.get_inheritable(101), flush=True)
                os.execv("/usr/bin/python3", ["python3", "-c", "import os; os.write(101, b'kept')"])
                """, warmth)
            #expect(Self.read(channel) == "kept")
            let result = try await live.finish()
            let expected = [String](repeating: "EACCES", count: 6) + ["True True"]
            Attempts.record(
                "A20", "ends of the channel opened anew, \(warmth)", capable: true, contained: result.lines == expected,
                result.summary)
        }

        @Test("A02: exactly the streams and the channel are open, with a terminal too")
        func open() async throws {
            var options = ProbeOptions()
            options.hasChannel = true
            let pipes = ["open 100 pipe", "open 101 pipe", "live 100", "live 101", "cwd /box"]
            let found = try await ProbeRun.run(["fds"], options)
            Attempts.record(
                "A02", "descriptors with a channel", capable: true,
                contained: found.lines.sorted() == (pipes + (0...2).map { "open \($0) pipe" }).sorted(), found.summary)
            options.terminal = TerminalSize(rows: 24, columns: 80)
            let onTerminal = try await ProbeRun.run(["fds"], options)
            Attempts.record(
                "A02", "descriptors with a terminal and a channel", capable: true,
                contained: onTerminal.lines.sorted() == (pipes + (0...2).map { "open \($0) character" }).sorted(),
                onTerminal.summary)
            // Another sandbox of the same zygote, right after: nothing of it is left.
            options.terminal = nil
            options.hasChannel = false
            let after = try await ProbeRun.run(["fds"], options)
            #expect(!after.text.contains("10"), "\(after.summary)")
        }

        @Test("the warden makes no channel in a sandbox with too few descriptors")
        func tooFewDescriptors() async throws {
            var options = try Self.options(.cold, "import os; os.write(101, b'x')")
            options.limits = [.openFiles: SandboxSpec.channelOpenFiles - 1]
            let failure = await #expect(throws: StageFailure.self) {
                try await LiveSandbox([], options, on: try await TestWarden.shared)
            }
            #expect(failure?.stage == "admit" && failure?.errno == EINVAL)
            #expect(failure?.object.contains("open_files of 127, with a channel it is at least 128") == true)
            options.limits = [.openFiles: SandboxSpec.channelOpenFiles]
            let live = try await LiveSandbox([], options, on: try await TestWarden.shared)
            try live.start()
            #expect(Self.read(try #require(live.channel)) == "x")
            #expect(try await live.finish().verdict == .ok)
        }
    }
}
