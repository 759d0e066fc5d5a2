import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import SessionService
import Testing

extension SessionHost {
    /// Files go up and down by way of pid 1, whatever code of the session does meanwhile.
    @Suite(.enabled(if: SessionHost.canRun)) struct FileTests {
        private func code<Value>(_ body: () async throws -> Value) async -> APIError.Code? {
            do {
                _ = try await body()
                return nil
            } catch {
                return (error as? APIError)?.code
            }
        }

        @Test func filesGoUpAndDown() async throws {
            try await SessionHost.withSession { session, _ in
                _ = try await session.run("import os")
                let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                try await session.writeFile(try BoxPath("a/b/run"), bytes, executable: true)
                let seen = try await session.run(
                    "f = open('a/b/run', 'rb').read(); len(f), f[77], os.access('a/b/run', os.X_OK), os.stat('a').st_uid == os.getuid()"
                )
                #expect(seen.repr == "(100000, \(bytes[77]), True, True)")
                #expect(try await session.readFile(try BoxPath("a/b/run")) == bytes)
                // Also while a cell runs, which finds the new content.
                let id = try await session.submit(
                    CellRequest(code: "import time\nwhile open('a/b/run', 'rb').read() != b'new': time.sleep(0.01)"))
                try await session.writeFile(try BoxPath("a/b/run"), Array("new".utf8), executable: false)
                #expect(await session.outcome(of: id)?.status == .ok)
                let (entries, hasMore) = try await session.listFiles()
                #expect(entries.map(\.path) == ["a", "a/b", "a/b/run"] && !hasMore)
                #expect(entries.last?.size == 3 && entries.last?.isExecutable == false)
                try await session.removeFile(try BoxPath("a"))
                #expect(try await session.run("os.listdir()").repr == "[]")
            }
        }

        @Test func nothingLeadsOutOfTheBox() async throws {
            try await SessionHost.withSession { session, _ in
                let made = try await session.run(
                    """
                    import os
                    os.symlink('/proc/self', 'p'); os.symlink('/tmp', 't'); os.symlink('/tmp/secret', 's'); os.mkfifo('fifo')
                    open('/tmp/secret', 'w').write('x'); os.mkdir('d'); os.chmod('d', 0)
                    """)
                #expect(made.status == .ok, "\(made)")
                for path in ["p/status", "t/secret", "s", "fifo", "p", "d"] {
                    #expect(await code { try await session.readFile(try BoxPath(path)) } == .filesFailed, "\(path)")
                }
                for path in ["p/x", "t/new", "d"] {
                    #expect(
                        await code { try await session.writeFile(try BoxPath(path), [1], executable: false) }
                            == .filesFailed, "\(path)")
                }
                // A link is replaced, not followed.
                try await session.writeFile(try BoxPath("s"), [1], executable: false)
                #expect(try await session.run("open('/tmp/secret').read(), os.path.islink('s')").repr == "('x', False)")
                #expect(await code { try await session.removeFile(try BoxPath("t/secret")) } == .filesFailed)
                try await session.removeFile(try BoxPath("t"))
                #expect(try await session.run("os.path.exists('/tmp/secret')").repr == "True")
                #expect(await code { try await session.readFile(try BoxPath("none")) } == .fileNotFound)
                let long = try BoxPath(String(repeating: "n", count: 200))
                #expect(await code { try await session.writeFile(long, [], executable: false) } == .invalidFileName)
            }
        }

        @Test func whatDoesNotFitIsRefusedAndLeavesNothing() async throws {
            try await SessionHost.withSession(limits: ["disk": "4MiB"]) { session, _ in
                _ = try await session.run("1")
                let big = [UInt8](repeating: 1, count: 5 << 20)
                #expect(
                    await code { try await session.writeFile(try BoxPath("big"), big, executable: false) }
                        == .filesFailed)
                #expect(try await session.run("import os; os.listdir()").repr == "[]")
                // A file with a hole is as large as it says.
                _ = try await session.run("f = open('hole', 'wb'); f.truncate(20 << 20); f.close()")
                #expect(await code { try await session.readFile(try BoxPath("hole")) } == .filesFailed)
            }
        }

        /// pid 1 looks while a program renames, links and removes what it looks at.
        @Test func aProgramThatChangesEverythingMeanwhileHarmsNobody() async throws {
            try await SessionHost.withSession { session, _ in
                _ = try await session.run("1")
                let id = try await session.submit(
                    CellRequest(
                        code: """
                            import os, shutil, time
                            end = time.time() + 3
                            while time.time() < end:
                                os.makedirs('d/e', exist_ok=True)
                                open('d/e/f', 'w').write('x' * 10000)
                                shutil.rmtree('d')
                                os.symlink('/proc/1', 'd')
                                os.unlink('d')
                            """))
                for round in 0..<60 {
                    _ = try await session.listFiles()
                    _ = await code { try await session.readFile(try BoxPath("d/e/f")) }
                    _ = await code { try await session.writeFile(try BoxPath("d/e/g\(round)"), [1], executable: false) }
                    _ = await code { try await session.removeFile(try BoxPath("d/e")) }
                }
                let outcome = try #require(await session.outcome(of: id))
                // The program may have met a folder of ours where it wanted a link.
                #expect(outcome.status == .ok || outcome.error != nil, "\(outcome)")
                #expect(try await session.run("1").repr == "1")
            }
        }
    }
}
