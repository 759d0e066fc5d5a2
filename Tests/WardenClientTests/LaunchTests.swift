internal import Foundation
internal import Glibc
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

extension WardenClientSuite {
    @Suite("starting a warden", .timeLimit(.minutes(1)))
    struct LaunchTests {
        /// Puts an executable script into a directory of its own.
        private func withScript(_ text: String, _ body: (String, URL) async throws -> Void) async throws {
            let directory = FileManager.default.temporaryDirectory.appending(path: "nestbox-test-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: directory) }
            let script = directory.appending(path: "warden")
            try ScriptFile.write(text, to: script)
            try await body(script.path, directory)
        }

        private func launch(
            _ executable: String, _ arguments: [String] = [], deadlines: WardenDeadlines = WardenDeadlines()
        ) async -> WardenError? {
            do throws(WardenError) {
                await (try WardenConnection.launch(executable: executable, arguments: arguments, deadlines: deadlines))
                    .close()
                return nil
            } catch {
                return error
            }
        }

        @Test func missingExecutable() async {
            let error = await launch("/nonexistent/nestbox-warden")
            #expect(error == .cannotStart(executable: "/nonexistent/nestbox-warden", errno: ENOENT))
            #expect(error?.description.contains("/nonexistent/nestbox-warden") == true)
            #expect(error?.description.contains("ENOENT") == true)
            #expect(await launch("/etc/passwd") == .cannotStart(executable: "/etc/passwd", errno: EACCES))
        }

        @Test func programsThatAreNoWarden() async {
            // Its sweep fails as well, which is said.
            guard case .exited(.exited(1), let words) = await launch("/bin/false") else {
                Issue.record("not an exit")
                return
            }
            #expect(words == "sweeping after it failed")
            #expect(await launch("/bin/true") == .exited(.exited(0), standardError: ""))
        }

        @Test("its last words become part of the error, and a sweep runs with the same arguments")
        func lastWords() async throws {
            let text = """
                #!/bin/sh
                here=$(dirname "$0")
                if [ "$1" = --sweep ]; then echo "$@" > "$here/swept"; exit 0; fi
                echo "$@" > "$here/arguments"
                head -c 100000 /dev/zero | tr '\\0' x >&2
                echo >&2
                echo "cannot open /etc/nestbox/warden.conf" >&2
                exit 3
                """
            try await withScript(
                text,
                { executable, directory in
                    let error = await launch(executable, ["--config", "a b"])
                    guard case .exited(.exited(3), let words) = error else {
                        Issue.record("\(String(describing: error))")
                        return
                    }
                    #expect(words.hasSuffix(" | cannot open /etc/nestbox/warden.conf"))
                    #expect(words.utf8.count <= 4096 + 3)
                    func text(_ name: String) throws -> String {
                        String(decoding: try Data(contentsOf: directory.appending(path: name)), as: UTF8.self)
                    }
                    let (arguments, swept) = (try text("arguments"), try text("swept"))
                    #expect(arguments == "--socket-fd 3 --config a b\n")
                    #expect(swept == "--sweep --config a b\n")
                })
        }

        @Test("one that neither speaks nor ends is killed and swept after")
        func hangs() async throws {
            let text = """
                #!/bin/sh
                here=$(dirname "$0")
                if [ "$1" = --sweep ]; then touch "$here/swept"; exit 0; fi
                echo $$ > "$here/pid"
                exec sleep 1000
                """
            try await withScript(
                text,
                { executable, directory in
                    var deadlines = WardenDeadlines()
                    deadlines.welcome = .milliseconds(300)
                    let error = await launch(executable, deadlines: deadlines)
                    #expect(error == .noWelcome(after: .milliseconds(300)))
                    #expect(FileManager.default.fileExists(atPath: directory.appending(path: "swept").path))
                    let pid = try Data(contentsOf: directory.appending(path: "pid"))
                    let number = Int32(String(decoding: pid, as: UTF8.self).trimmingCharacters(in: .newlines))
                    #expect(kill(try #require(number), 0) == -1 && errno == ESRCH)
                })
        }

        @Test("what a warden inherits, and what its SIGKILL means to its sandboxes", .enabled(if: hasPython))
        func process() async throws {
            let hello = try Event.welcome(version: WardenProtocolLimits.version, pid: 1).encoded()
            let text = """
                #!/usr/bin/python3
                import os, signal, socket, sys
                here = os.path.dirname(sys.argv[0])
                if sys.argv[1] == "--sweep":
                    open(here + "/swept", "w").close()
                    sys.exit(0)
                peer = socket.socket(fileno=3)
                peer.recv(65536)
                facts = [sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:4], max(int(f) for f in
                    os.listdir("/proc/self/fd")) < 6, os.getpgrp() == os.getpid(), [name for name in sorted(os.environ) if name != "LC_CTYPE"],
                    len(signal.pthread_sigmask(signal.SIG_BLOCK, [])), os.readlink("/proc/self/fd/0")]
                with open(here + "/facts", "w") as file: file.write(repr(facts))
                peer.send(bytes(\(hello)))
                create = peer.recv(65536)
                ends = [os.pipe() for _ in range(3)]
                socket.send_fds(peer, [bytes([66]) + create[1:9]], [ends[0][1], ends[1][0], ends[2][0]])
                if len(sys.argv) > 3: os.kill(os.getpid(), 9)
                while peer.recv(65536): pass
                """
            try await withScript(
                text,
                { executable, directory in
                    // Something of ours that is not close-on-exec, far from the others.
                    let stray = fcntl(0, F_DUPFD, 100)
                    defer { Glibc.close(stray) }
                    let connection = try await WardenConnection.launch(executable: executable)
                    let facts = String(
                        decoding: try Data(contentsOf: directory.appending(path: "facts")), as: UTF8.self)
                    #expect(facts == "[[0, 1, 2, 3], True, True, ['PATH'], 0, '/dev/null']")
                    let sandbox = try await connection.makeSandbox(Values.spec())
                    await connection.close()
                    #expect(await sandbox.finished().failure?.stage == "warden")
                    #expect(!FileManager.default.fileExists(atPath: directory.appending(path: "swept").path))

                    let second = try await WardenConnection.launch(executable: executable, arguments: ["die"])
                    if let sandbox = try? await second.makeSandbox(Values.spec()) {
                        #expect(await sandbox.words() == ["finished internal_error warden"])
                    }
                    #expect(await second.terminated() == .exited(.signaled(9), standardError: ""))
                    #expect(FileManager.default.fileExists(atPath: directory.appending(path: "swept").path))
                })
        }

        static let hasPython = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
    }
}
