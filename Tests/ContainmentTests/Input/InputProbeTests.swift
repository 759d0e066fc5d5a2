internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Whether a program waits for input, as pid 1 of its sandbox sees it.
    @Suite("Input", .timeLimit(.minutes(3)))
    struct Input {
        private static let waiting: [InputCase] = [
            InputCase(name: "python input()", interpreter: InputProgram.python, text: "input('name? ')"),
            InputCase(
                name: "python sys.stdin.read()", interpreter: InputProgram.python, text: "import sys; sys.stdin.read()"),
            InputCase(name: "bash read", interpreter: InputProgram.bash, text: "read line"),
            InputCase(name: "a child that reads", interpreter: InputProgram.bash, text: "cat | (sort; true)"),
            InputCase(
                name: "a grandchild that reads", interpreter: InputProgram.bash, text: "(bash -c 'cat; true'; true)"),
            InputCase(
                name: "stdin on descriptor 7", interpreter: InputProgram.bash,
                text: "exec 7<&0 0</dev/null; read -u 7 l"),
            InputCase(
                name: "stdin opened anew", interpreter: InputProgram.python,
                text: "import os; os.read(os.open('/proc/self/fd/0', os.O_RDONLY), 1)"),
            InputCase(
                name: "a thread that reads", interpreter: InputProgram.python,
                text: "import threading, sys, time; threading.Thread(target=sys.stdin.readline).start(); time.sleep(60)"
            ),
            InputCase(
                name: "readv", interpreter: InputProgram.python,
                text: "import os; os.readv(0, [bytearray(9), bytearray(9)])"),
            InputCase(
                name: "preadv2 at no offset", interpreter: InputProgram.python,
                text: "import os; os.preadv(0, [bytearray(9)], -1)"),
            InputCase(
                name: "poll", interpreter: InputProgram.python,
                text: "import select; p = select.poll(); p.register(0, select.POLLIN); p.poll()"),
            InputCase(
                name: "select", interpreter: InputProgram.python, text: "import select; select.select([0], [], [])"),
            InputCase(
                name: "epoll", interpreter: InputProgram.python,
                text: "import select; p = select.epoll(); p.register(0, select.EPOLLIN); p.poll()"),
            InputCase(
                name: "splice", interpreter: InputProgram.python,
                text: "import os; r, w = os.pipe(); os.splice(0, w, 4096)"),
        ]

        private static let busy: [InputCase] = [
            InputCase(name: "sleep", interpreter: InputProgram.python, text: "import time; time.sleep(60)"),
            InputCase(name: "a busy loop", interpreter: InputProgram.python, text: "while True: pass"),
            InputCase(
                name: "another pipe on descriptor 0", interpreter: InputProgram.python,
                text: "import os; r, w = os.pipe(); os.dup2(r, 0); os.read(0, 1)"),
            InputCase(
                name: "a pipe between two children", interpreter: InputProgram.bash, text: "sleep 60 | cat; true"),
            InputCase(
                name: "poll for room to write", interpreter: InputProgram.python,
                text: """
                    import os, select
                    r, w = os.pipe(); os.set_blocking(w, False)
                    try:
                        while True: os.write(w, b'x' * 65536)
                    except BlockingIOError: pass
                    p = select.poll(); p.register(w, select.POLLOUT); p.poll()
                    """),
            InputCase(
                name: "epoll on a pipe of its own", interpreter: InputProgram.python,
                text: """
                    import os, select
                    r, w = os.pipe(); p = select.epoll(); p.register(r, select.EPOLLIN); p.poll()
                    """),
            InputCase(
                name: "waiting for a child", interpreter: InputProgram.python,
                text: "import subprocess; subprocess.run(['sleep', '60'])"),
        ]

        @Test("a program that waits for input is seen to", arguments: waiting)
        func waits(program: InputCase) async throws {
            let sandbox = try await InputProgram.start(program.interpreter, program.text)
            #expect(await sandbox.comesToWaitForInput())
            sandbox.kill()
            #expect(try await sandbox.finish().verdict == .cancelled)
        }

        @Test("a program that does something else is not taken to wait", arguments: busy)
        func works(program: InputCase) async throws {
            let sandbox = try await InputProgram.start(program.interpreter, program.text)
            #expect(await sandbox.neverWaitsForInput())
            sandbox.kill()
            #expect(try await sandbox.finish().verdict == .cancelled)
        }

        @Test("what is answered changes with what the program does")
        func changes() async throws {
            let text = """
                import time
                a = input()
                print('got', a, flush=True)
                time.sleep(3)
                print('awake', flush=True)
                b = input()
                print('then', b, flush=True)
                """
            let sandbox = try await InputProgram.start(InputProgram.python, text)
            #expect(await sandbox.comesToWaitForInput())
            sandbox.send("one\n")
            _ = try await sandbox.output(until: "got one")
            let early = await sandbox.waitsForInput()
            let isAsleep = try await !sandbox.output(until: "got").contains("awake")
            #expect(early == false || !isAsleep)
            _ = try await sandbox.output(until: "awake")
            #expect(await sandbox.comesToWaitForInput())
            sandbox.send("two\n")
            let found = try await sandbox.finish()
            #expect(found.verdict == .ok && found.text.hasSuffix("then two\n"), "\(found.summary)")
        }

        @Test("node waits for input while it listens to stdin, and not while it only has a timer")
        func node() async throws {
            guard InputProgram.has(InputProgram.node) else { return Attempts.skip("node", "not installed") }
            let limits: [LimitName: Int64] = [.memory: 1 << 30]
            let reading = try await InputProgram.start(
                InputProgram.node, "require('readline').createInterface({input: process.stdin}).on('line', () => {})",
                limits)
            #expect(await reading.comesToWaitForInput())
            reading.kill()
            _ = try await reading.finish()
            let timed = try await InputProgram.start(
                InputProgram.node, "setInterval(() => {}, 20); console.log('ready')", limits)
            _ = try await timed.output(until: "ready")
            #expect(await timed.neverWaitsForInput())
            timed.kill()
            _ = try await timed.finish()
        }
    }
}
