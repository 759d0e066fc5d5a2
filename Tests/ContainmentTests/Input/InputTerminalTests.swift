internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment.Input {
    /// The same on a terminal: its line discipline, its job control, its second name.
    @Suite("on a terminal")
    struct OnTerminal {
        private static let waiting: [InputCase] = [
            InputCase(name: "bash read", interpreter: InputProgram.bash, text: "read line"),
            InputCase(name: "python input()", interpreter: InputProgram.python, text: "input('name? ')"),
            InputCase(
                name: "python input() with readline", interpreter: InputProgram.python,
                text: "import readline; input('name? ')"),
            InputCase(
                name: "an interactive shell", interpreter: ["/bin/bash", "--norc", "-i", "-c"], text: "read -e line"),
            InputCase(name: "read from /dev/tty", interpreter: InputProgram.bash, text: "read line < /dev/tty"),
            InputCase(
                name: "getpass", interpreter: InputProgram.python, text: "import getpass; getpass.getpass()"),
        ]

        @Test("a program that waits for its terminal is seen to", arguments: waiting)
        func waits(program: InputCase) async throws {
            let sandbox = try await InputProgram.start(program.interpreter, program.text, terminal: true)
            #expect(await sandbox.comesToWaitForInput())
            sandbox.kill()
            #expect(try await sandbox.finish().verdict == .cancelled)
        }

        @Test("a program with a terminal that sleeps is not taken to wait")
        func sleeps() async throws {
            let sandbox = try await InputProgram.start(InputProgram.bash, "sleep 60", terminal: true)
            #expect(await sandbox.neverWaitsForInput())
            sandbox.kill()
            _ = try await sandbox.finish()
        }

        @Test("half a line does not end the wait, a whole one does")
        func lines() async throws {
            let sandbox = try await InputProgram.start(
                InputProgram.bash, "read line; echo \"got <$line>\"; sleep 60", terminal: true)
            #expect(await sandbox.comesToWaitForInput())
            sandbox.send("half")
            #expect(await sandbox.comesToWaitForInput())
            sandbox.send(" and half\n")
            _ = try await sandbox.output(until: "got <half and half>")
            #expect(await sandbox.neverWaitsForInput())
            sandbox.kill()
            _ = try await sandbox.finish()
        }

        @Test("node's prompt on a terminal is a wait")
        func node() async throws {
            guard InputProgram.has(InputProgram.node) else { return Attempts.skip("node", "not installed") }
            let sandbox = try await InputProgram.start(
                InputProgram.node, "require('readline').createInterface(process.stdin, process.stdout).prompt()",
                terminal: true, [.memory: 1 << 30])
            #expect(await sandbox.comesToWaitForInput())
            sandbox.kill()
            _ = try await sandbox.finish()
        }
    }
}
