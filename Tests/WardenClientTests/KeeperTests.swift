internal import Foundation
internal import Glibc
internal import SandboxSpec
internal import Testing
internal import WardenClient

extension WardenClientSuite {
    /// The client's side of a keeper, with keepers that are none.
    @Suite("the client of a keeper", .timeLimit(.minutes(1)), .enabled(if: LaunchTests.hasPython))
    struct KeeperTests {
        /// A keeper that runs this Python text for every request, with `peer` its socket.
        private func withKeeper(
            _ answer: String, _ body: (WardenKeeper, URL) async throws -> Void
        ) async throws {
            let directory = FileManager.default.temporaryDirectory.appending(path: "nestbox-test-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: directory) }
            let script = directory.appending(path: "keeper")
            let lines = answer.split(separator: "\n").map { "    \($0)\n" }.joined()
            let text = """
                #!/usr/bin/python3
                import os, socket, sys, time
                here = os.path.dirname(sys.argv[0])
                with open(here + "/arguments", "w") as file: file.write(repr(sys.argv[1:]))
                peer = socket.socket(fileno=3)
                while peer.recv(16):

                """
            try ScriptFile.write(text + lines, to: script)
            let keeper = try WardenKeeper(executable: script.path, arguments: ["--config", "a b"])
            do {
                try await body(keeper, directory)
            } catch {
                await keeper.close()
                throw error
            }
            await keeper.close()
            #expect(kill(keeper.pid, 0) == -1 && errno == ESRCH, "it has been waited for")
        }

        private func failure(of keeper: WardenKeeper) async -> WardenError? {
            do throws(WardenError) {
                await (try await keeper.makeWarden()).close()
                return nil
            } catch {
                return error
            }
        }

        @Test func missingExecutable() {
            let error = #expect(throws: WardenError.self) {
                try WardenKeeper(executable: "/nonexistent/nestbox-warden", arguments: [])
            }
            #expect(error?.description.contains("/nonexistent/nestbox-warden") == true, "\(String(describing: error))")
            #expect(error?.description.contains("ENOENT") == true)
        }

        @Test("it is told its arguments, and an errno it answers with is the error")
        func refusal() async throws {
            try await withKeeper("peer.send(bytes([12, 0, 0, 0]))") { keeper, directory in
                for _ in 0..<2 {
                    guard case .cannotStart(_, let number) = await failure(of: keeper) else {
                        Issue.record("not a refusal")
                        return
                    }
                    #expect(number == ENOMEM)
                }
                let arguments = String(
                    decoding: try Data(contentsOf: directory.appending(path: "arguments")), as: UTF8.self)
                #expect(arguments == "['--keeper', '--socket-fd', '3', '--config', 'a b']")
            }
        }

        @Test(
            "whatever else it answers is an error, and the next request is another one",
            arguments: [
                "peer.send(bytes([0, 0, 0]))", "peer.send(bytes(5))", "peer.send(bytes(4))", "peer.send(bytes(400))",
                "socket.send_fds(peer, [bytes(4)], [0, 1, 2])", "socket.send_fds(peer, [bytes(4)], [0])",
                "socket.send_fds(peer, [bytes(4)], [socket.socketpair()[0].fileno()])",
            ])
        func nonsense(answer: String) async throws {
            try await withKeeper(answer) { keeper, _ in
                #expect(await failure(of: keeper) != nil)
                #expect(await failure(of: keeper) != nil)
            }
        }

        @Test("one that is gone is told apart from a warden that did not start")
        func gone() async throws {
            try await withKeeper("sys.exit(1)") { keeper, _ in
                #expect(await failure(of: keeper) == .disconnected)
                #expect(await failure(of: keeper) == .disconnected)
            }
            let dead = "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)"
            try await withKeeper("\(dead)\nsocket.send_fds(peer, [bytes(4)], [a.fileno()])\na.close()\nb.close()") {
                keeper, _ in
                guard case .system = await failure(of: keeper) else {
                    Issue.record("not an error of the warden")
                    return
                }
            }
        }

        @Test("many who wait for one that does not answer hold up nobody else, and closing lets them go")
        func silent() async throws {
            try await withKeeper("time.sleep(0.01)") { keeper, _ in
                let refused = await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<64 { group.addTask { await failure(of: keeper) == .disconnected } }
                    // The pool has one thread per processor; with all of them blocked by requests this would not end.
                    for _ in 0..<1000 { await Task.yield() }
                    await keeper.close()
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(refused == 64)
            }
        }
    }
}
