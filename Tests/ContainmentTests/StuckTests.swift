internal import Foundation
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

extension Containment {
    /// Tasks that do not hear SIGKILL, and a warden that stands still: every run ends all the same, with its true cause.
    /// None of it depends on how warm a sandbox is.
    @Suite("Stuck", .timeLimit(.minutes(2)), .enabled(if: TestWarmth.ofThisRun == .cold))
    struct Stuck {
        /// A sandbox with a shell in it.
        private func shell(
            _ script: String, _ changes: [LimitName: Int64] = [:], on connection: WardenConnection,
            artifacts: ArtifactRequest = .none
        ) async throws -> SandboxHandle {
            let handle = try await connection.makeSandbox(try Specs.spec(changes))
            try handle.start(
                Job(
                    arguments: ["/bin/sh", "-c", script], environment: ["PATH=/usr/bin:/bin"], artifacts: artifacts))
            for await event in handle.events {
                if case .started = event { return handle }
            }
            throw LiveSandbox.TimedOut(description: "never started: \(await handle.finished())")
        }

        private func quarantined(_ connection: WardenConnection, is count: Int64) async -> Bool {
            await Host.eventually(within: 6) { connection.status?.value.quarantined == count }
        }

        @Test(
            "a sandbox that cannot be killed is put into quarantine; its run ends with its true cause",
            .enabled(if: Freezer.isThere))
        func frozen() async throws {
            let shared = try await TestWarden.shared
            let before = HostBaseline.capture(warden: shared.pid)
            let warden = try await TestWarden()
            let handle = try await shell("sleep 60", [.wall: Specs.second], on: warden.connection)
            let family = WardenFamily(of: warden.pid)
            let freezer = try Freezer((family.inits + family.programs).map(\.pid))
            let start = Host.now
            let outcome = await handle.finished()
            #expect(outcome.verdict == .wallLimit, "\(outcome)")
            #expect(Host.now - start < 9 * Specs.second)
            #expect(await quarantined(warden.connection, is: 1))
            #expect(warden.connection.status?.value.sandboxes == 1)
            // The others do not mind.
            #expect(try await ProbeRun.run(["true"], on: warden).verdict == .ok)
            freezer.thaw()
            #expect(await quarantined(warden.connection, is: 0), "it is let go of when it has ended")
            await warden.close()
            await before.expectUnchanged("a quarantine", warden: shared.pid, within: 5)
        }

        @Test("a warden whose client goes does not wait for what is stuck, and says so", .enabled(if: Freezer.isThere))
        func closing() async throws {
            let warden = try await TestWarden()
            let handle = try await shell("sleep 60", on: warden.connection)
            let family = WardenFamily(of: warden.pid)
            let freezer = try Freezer((family.inits + family.programs).map(\.pid))
            let start = Host.now
            await warden.connection.close()
            #expect(Host.now - start < 9 * Specs.second)
            #expect(HostProcess.isGone(warden.pid))
            #expect(await handle.finished().verdict == .internalError)
            #expect(warden.connection.remains.contains("quarantine"), "\(warden.connection.remains)")
            freezer.thaw()
            let gone = await Host.eventually(within: 5) { family.everybody.allSatisfy { HostProcess.isGone($0.pid) } }
            #expect(gone)
            // What it had to leave is swept up by the next one.
            await (try await TestWarden()).close()
            #expect(CgroupListing.groups(of: warden.pid).isEmpty)
        }

        @Test("a program whose child cannot be killed has ended as it ended", .enabled(if: Freezer.isThere))
        func frozenChild() async throws {
            let warden = try await TestWarden()
            let handle = try await shell(
                "sleep 60 & read line; exit 7", [.idle: 2 * Specs.second], on: warden.connection,
                artifacts: ArtifactRequest(patterns: ["*"]))
            var sleeping: [Int32] = []
            _ = await Host.eventually(within: 5) {
                sleeping = WardenFamily(of: warden.pid).programs.filter { $0.name == "sleep" }.map(\.pid)
                return !sleeping.isEmpty
            }
            let freezer = try Freezer(sleeping)
            // End of file for `read`.
            handle.streams.close()
            var skipped: [String] = []
            for await event in handle.events {
                if case .artifactSkipped(_, let reason) = event { skipped.append(reason) }
            }
            let outcome = await handle.finished()
            #expect(outcome.verdict == .nonzeroExit && outcome.status == .exited(7), "\(outcome)")
            #expect(skipped.contains { $0.contains("could not be ended") }, "\(skipped)")
            freezer.thaw()
            await warden.close()
        }

        @Test("a warden that stands still is noticed and replaced; nothing of it is left")
        func stopped() async throws {
            let keeper = try WardenKeeper(executable: try #require(TestWarden.executable), arguments: [])
            var deadlines = WardenDeadlines()
            deadlines.inquiry = .milliseconds(100)
            deadlines.answer = .milliseconds(500)
            let first = try await keeper.makeWarden(deadlines: deadlines)
            let handle = try await shell("sleep 60", on: first)
            let family = HostProcess.generations(below: keeper.pid).flatMap { $0 }
            kill(first.pid, SIGSTOP)
            #expect(await handle.finished().verdict == .internalError)
            #expect(await first.terminated() == .silent(after: .milliseconds(500)))
            let start = Host.now
            let second = try await keeper.makeWarden(deadlines: WardenDeadlines())
            #expect(Host.now - start < 5 * Specs.second, "a stopped one is not waited for")
            let gone = await Host.eventually(within: 5) { family.allSatisfy { HostProcess.isGone($0.pid) } }
            #expect(gone)
            #expect(CgroupListing.groups(of: first.pid).isEmpty)
            _ = try await shell("exit 0", on: second).finished()
            await keeper.close()
        }

        @Test(
            "a program that ended well while the warden stood still has ended well", .enabled(if: Freezer.isThere))
        func stall() async throws {
            let warden = try await TestWarden()
            let handle = try await warden.connection.makeSandbox(try Specs.spec([.idle: Specs.second]))
            // So that both messages of pid 1 are unread when the warden goes on, and the clock has run out.
            let freezer = try Freezer(WardenFamily(of: warden.pid).inits.map(\.pid))
            try handle.start(Job(arguments: ["/bin/true"], environment: []))
            try await Task.sleep(for: .milliseconds(200))
            kill(warden.pid, SIGSTOP)
            freezer.thaw()
            try await Task.sleep(for: .milliseconds(2500))
            kill(warden.pid, SIGCONT)
            let outcome = await handle.finished()
            #expect(outcome.verdict == .ok, "\(outcome)")
            await warden.close()
        }

        @Test("the kernel stands behind the cpu limit")
        func backstop() async throws {
            let warden = try await TestWarden()
            let handle = try await shell("while :; do :; done", [.cpu: Specs.second], on: warden.connection)
            kill(warden.pid, SIGSTOP)
            let pids = WardenFamily(of: warden.pid).programs.map(\.pid)
            #expect(!pids.isEmpty)
            let ended = await Host.eventually(within: 15) { pids.allSatisfy { HostProcess.isGone($0) } }
            #expect(ended, "nobody ended the program")
            kill(warden.pid, SIGCONT)
            let outcome = await handle.finished()
            #expect(outcome.verdict == .cpuLimit && outcome.status == .signaled(24), "\(outcome)")
            #expect(outcome.usage.cpu < 4 * Specs.second)
            await warden.close()
        }

        @Test("SIGKILL of a warden with forty sandboxes: all end by themselves")
        func orphans() async throws {
            let warden = try await TestWarden()
            var handles: [SandboxHandle] = []
            for _ in 0..<40 { handles.append(try await warden.connection.makeSandbox(try Specs.spec())) }
            let family = WardenFamily(of: warden.pid).everybody
            #expect(family.count >= 80)
            kill(warden.pid, SIGKILL)
            let gone = await Host.eventually(within: 5) { family.allSatisfy { HostProcess.isGone($0.pid) } }
            #expect(gone, "left: \(family.filter { !HostProcess.isGone($0.pid) })")
            for handle in handles { #expect(await handle.finished().verdict == .internalError) }
            await warden.close()
            #expect(CgroupListing.groups(of: warden.pid).isEmpty)
        }

        @Test("a client that asks for far too many sandboxes gets what it may have, and holds nobody up")
        func flood() async throws {
            let warden = try await TestWarden(configuration: "max_sandboxes = 20\n")
            let connection = warden.connection
            let results = await withTaskGroup(of: String.self) { group in
                for _ in 0..<600 {
                    group.addTask {
                        do {
                            let handle = try await connection.makeSandbox(try Specs.spec())
                            // Some are given up at once, so that their place is asked for again.
                            handle.kill(.cancelled)
                            return await handle.finished().verdict.rawValue
                        } catch let failure as StageFailure {
                            return failure.stage
                        } catch {
                            return "\(error)"
                        }
                    }
                }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect((results["cancelled"] ?? 0) >= 20, "\(results)")
            #expect((results["admit"] ?? 0) > 0 && Set(results.keys) == ["cancelled", "admit"], "\(results)")
            #expect(try await ProbeRun.run(["true"], on: warden).verdict == .ok)
            await warden.close()
        }

        @Test("what nobody reads from connections over loopback is bounded")
        func unreadConnections() async throws {
            let script = """
                import socket
                l = socket.socket(); l.bind(("127.0.0.1", 0)); l.listen(200)
                kept, n = [], 0
                for i in range(60):
                    a = socket.create_connection(l.getsockname())
                    b, _ = l.accept(); a.setblocking(False)
                    a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
                    try:
                        while n < 400 << 20: n += a.send(b"x" * 65536)
                    except OSError: pass
                    kept.append((a, b))
                print(n >> 20)
                """
            let bare = try await ChildProcess(["/usr/bin/python3", "-c", script], directory: "/").finish(seconds: 20)
            var options = ProbeOptions.limits([.memory: 64 << 20, .wall: 20 * Specs.second])
            options.network = .loopback
            options.program = ["/usr/bin/python3", "-c", script]
            options.uploadsProbe = false
            options.warmth = .cold
            let found = try await ProbeRun.run([], options)
            let held = Int(found.lines.last ?? "") ?? 0
            Attempts.record(
                "E31", "unread TCP data", capable: (Int(bare.lines.last ?? "") ?? 0) > 100,
                contained: found.verdict == .memoryLimit || (found.verdict == .ok && held <= 64), found.summary)
        }

        @Test("many long names and slow patterns cost artifacts, not the verdict")
        func slowPatterns() async throws {
            let warden = try await TestWarden()
            // Each looks for many a's in the middle of names that are nothing but that.
            let patterns = (0..<32).map { "**/*" + String(repeating: "a", count: 115) + "b\($0)*" }
            let name = String(repeating: "a", count: 235)
            let script = "mkdir \(name) && cd \(name) && seq -f '\(name)%05.0f' 3500 | xargs touch"
            let handle = try await shell(
                script, [.cpu: 20 * Specs.second], on: warden.connection,
                artifacts: ArtifactRequest(patterns: patterns))
            var skipped: [String] = []
            let start = Host.now
            for await event in handle.events {
                if case .artifactSkipped(_, let reason) = event { skipped.append(reason) }
            }
            let outcome = await handle.finished()
            #expect(outcome.verdict == .ok, "\(outcome), after \((Host.now - start) / 1_000_000) ms")
            #expect(skipped.contains { $0.contains("took too long") }, "\(skipped)")
            await warden.close()
        }
    }
}
