internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment.Input {
    /// Programs that make looking hard: many threads, processes that come and go, names and states nobody expects.
    @Suite("hostile programs")
    struct Hostile {
        /// Asks while the program runs, and says how long the slowest of the answers took, in nanoseconds.
        private func slowest(of sandbox: LiveSandbox, count: Int = 20) async -> Int64? {
            var slowest: Int64 = 0
            for _ in 0..<count {
                let start = Host.now
                guard await sandbox.waitsForInput(seconds: 20) != nil else { return nil }
                slowest = max(slowest, Host.now - start)
            }
            return slowest
        }

        private static let programs: [InputCase] = [
            InputCase(
                name: "processes up to the limit", interpreter: InputProgram.python,
                text: """
                    import os, time
                    try:
                        while os.fork(): pass
                        time.sleep(60)
                    except OSError:
                        print('ready', flush=True); time.sleep(60)
                    """),
            InputCase(
                name: "threads up to the limit", interpreter: InputProgram.python,
                text: """
                    import threading, time
                    try:
                        while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
                    except RuntimeError:
                        print('ready', flush=True); time.sleep(60)
                    """),
            InputCase(
                name: "every thread polls a thousand descriptors", interpreter: InputProgram.python,
                text: """
                    import os, select, threading, time
                    r, w = os.pipe()
                    def wait():
                        p = select.poll()
                        for fd in fds: p.register(fd, select.POLLIN)
                        p.poll()
                    fds = [r] + [os.dup(r) for _ in range(200)]
                    try:
                        while True: threading.Thread(target=wait, daemon=True).start()
                    except RuntimeError:
                        print('ready', flush=True); time.sleep(60)
                    """),
            InputCase(
                name: "every thread waits for a full epoll set", interpreter: InputProgram.python,
                text: """
                    import os, select, threading, time
                    r, w = os.pipe()
                    set = select.epoll()
                    for fd in [r] + [os.dup(r) for _ in range(200)]: set.register(fd, select.EPOLLIN)
                    try:
                        while True: threading.Thread(target=set.poll, daemon=True).start()
                    except RuntimeError:
                        print('ready', flush=True); time.sleep(60)
                    """),
            InputCase(
                name: "processes that vanish at once", interpreter: InputProgram.python,
                text: """
                    import os
                    print('ready', flush=True)
                    while True:
                        for _ in range(16):
                            if os.fork() == 0: os._exit(0)
                        while True:
                            try: os.waitpid(-1, 0)
                            except ChildProcessError: break
                    """),
            InputCase(
                name: "zombies", interpreter: InputProgram.python,
                text: """
                    import os, time
                    for _ in range(40):
                        if os.fork() == 0: os._exit(0)
                    print('ready', flush=True); time.sleep(60)
                    """),
            InputCase(
                name: "names full of brackets and newlines", interpreter: InputProgram.python,
                text: """
                    import ctypes, os, time
                    libc = ctypes.CDLL(None)
                    for name in [b') R 1 (', b'0 0x0 0x0 0x0', b'\\n0 0x0\\n', b'\\xff\\xfe%s%n']:
                        if os.fork() == 0:
                            libc.prctl(15, name, 0, 0, 0); time.sleep(60)
                    print('ready', flush=True); time.sleep(60)
                    """),
            InputCase(
                name: "undumpable, and threads whose leader is gone", interpreter: InputProgram.python,
                text: """
                    import ctypes, threading, time
                    libc = ctypes.CDLL(None)
                    libc.prctl(4, 0, 0, 0, 0)
                    threading.Thread(target=lambda: (print('ready', flush=True), time.sleep(60))).start()
                    libc.syscall(60, 0)
                    """),
        ]

        @Test("is answered in time, with no, and the sandbox ends as any other", arguments: programs)
        func answers(program: InputCase) async throws {
            let warden = try await TestWarden.shared
            let before = HostBaseline.capture(warden: warden.pid)
            let sandbox = try await InputProgram.start(
                program.interpreter, program.text, [.processes: 64, .openFiles: 1024])
            _ = try await sandbox.output(until: "ready")
            #expect(await sandbox.waitsForInput() == false)
            let slowest = try #require(await slowest(of: sandbox))
            // An answer takes a millisecond or a few; the rest is for a machine with other things to do.
            #expect(slowest < 5 * Specs.second, "\(slowest / Specs.millisecond) ms")
            sandbox.kill()
            #expect(try await sandbox.finish().verdict == .cancelled)
            await before.expectUnchanged("probing", warden: warden.pid)
        }

        @Test("a look has a bound, however costly a program makes its threads to look at")
        func cost() async throws {
            let text = """
                import os, select, threading, time
                threading.stack_size(65536)
                r, w = os.pipe()
                set = select.epoll()
                for fd in [r] + [os.dup(r) for _ in range(3800)]: set.register(fd, select.EPOLLIN)
                try:
                    while True: threading.Thread(target=set.poll, daemon=True).start()
                except RuntimeError:
                    print('ready', flush=True); time.sleep(60)
                """
            let warden = try await TestWarden.shared
            let sandbox = try await InputProgram.start(
                InputProgram.python, text, [.processes: 600, .openFiles: 4096, .memory: 1 << 30])
            _ = try await sandbox.output(until: "ready")
            let leader = try #require(WardenFamily(of: warden.pid).inits.first { $0.state != "Z" }?.pid)
            func spent() -> Int64 {
                (Host.text("/proc/\(leader)/schedstat") ?? "").split(separator: " ").first.flatMap { Int64($0) } ?? 0
            }
            let before = spent()
            for _ in 0..<4 { #expect(await sandbox.waitsForInput(seconds: 60) == false) }
            // Without a bound one look takes seconds. CPU time, so that a busy machine makes no difference.
            let each = (spent() - before) / 4
            #expect(each > 0 && each < 500 * Specs.millisecond, "\(each / Specs.millisecond) ms")
            sandbox.kill()
            #expect(try await sandbox.finish().verdict == .cancelled)
        }

        @Test("a program that hides its memory and reads is seen all the same")
        func undumpable() async throws {
            let sandbox = try await InputProgram.start(
                InputProgram.python, "import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); input()")
            #expect(await sandbox.comesToWaitForInput())
            sandbox.kill()
            _ = try await sandbox.finish()
        }

        @Test("a thousand questions at once are answered, and by far fewer looks")
        func flood() async throws {
            let sandbox = try await InputProgram.start(InputProgram.bash, "read line")
            #expect(await sandbox.comesToWaitForInput())
            let count = await sandbox.answers(toProbes: 1000)
            #expect(count >= 1 && count < 1000, "\(count) answers")
            // Nothing is stuck after it.
            #expect(await sandbox.waitsForInput() == true)
            sandbox.send("\n")
            _ = try await sandbox.finish()
        }

        @Test("nothing is said about a sandbox whose program has not started, or has ended")
        func notRunning() async throws {
            var options = ProbeOptions()
            options.input = nil
            let sandbox = try await LiveSandbox(["true"], options, on: try await TestWarden.shared)
            #expect(await sandbox.waitsForInput(seconds: 0.3) == nil)
            try sandbox.start()
            _ = try await sandbox.finish()
            #expect(await sandbox.waitsForInput(seconds: 0.3) == nil)
        }

        @Test("looking leaves a program as it was: no signal, no interrupted call, no end")
        func undisturbed() async throws {
            let text = """
                import signal, sys, time
                for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                    signal.signal(number, lambda *a: print('signal', a[0], flush=True))
                print('ready', flush=True)
                start = time.monotonic()
                time.sleep(2)
                print('slept', time.monotonic() - start >= 2, flush=True)
                print(sys.stdin.readline(), end='')
                """
            let sandbox = try await InputProgram.start(InputProgram.python, text)
            _ = try await sandbox.output(until: "ready")
            while try await !sandbox.output(until: "ready").contains("slept") { _ = await sandbox.waitsForInput() }
            #expect(await sandbox.comesToWaitForInput())
            sandbox.send("the end\n")
            let found = try await sandbox.finish()
            #expect(found.lines == ["ready", "slept True", "the end"], "\(found.summary)")
        }
    }
}
