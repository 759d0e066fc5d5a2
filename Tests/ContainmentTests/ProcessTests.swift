internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Whom a sandboxed process sees and whom it can signal, and that none of them stays.
    @Suite("Processes")
    struct Processes {
        @Test("B26: only its own processes are visible, and nothing of pid 1")
        func visibleProcesses() async throws {
            // The control: on the host, another process of the same uid is an open book.
            let peer = try Control.start(["hold"])
            _ = await peer.output(until: "ready")
            let bare = try await Control.run(["processes", "\(peer.pid)"])
            _ = await peer.finish()
            let found = try await ProbeRun.run(["processes"])
            let own = Set((found.value("self") ?? "").split(separator: " ").filter { Int($0) != nil }.map(String.init))
            let seen = found.lines.filter { $0.hasPrefix("pid ") }.map { String($0.dropFirst(4)) }
            Attempts.record(
                "B26", "pids in /proc", capable: bare.lines.count { $0.hasPrefix("pid ") } > 5,
                contained: !seen.isEmpty && own.union(["1"]).isSuperset(of: seen), found.summary)
            for file in ["environ", "cmdline", "maps", "mem", "status", "cwd", "exe", "root"] {
                let answer = found.value("other \(file)") ?? "nothing"
                Attempts.record(
                    "B26", "/proc/1/\(file)", capable: bare.value("other \(file)")?.hasPrefix("ok") ?? false,
                    contained: ["ENOENT", "EACCES", "EPERM"].contains { answer.hasPrefix($0) }, answer)
            }
            #expect(!found.text.contains(TestWarden.canary) && !found.text.contains("/work"), "host paths leaked")
        }

        @Test("A14: it cannot signal anybody but itself")
        func signals() async throws {
            let warden = try await TestWarden.shared
            // The control: a process of the same uid can be signalled in each of these ways (with signal 0).
            let peer = try Control.start(["hold"])
            _ = await peer.output(until: "ready")
            let bare = try await Control.run(["signals", "\(peer.pid)", "0"])
            _ = await peer.finish()
            // SIGSTOP and SIGKILL to the parent, to pid 1, and to everybody.
            for (target, number) in [("parent", SIGSTOP), ("parent", SIGKILL), ("1", SIGKILL), ("1", SIGSTOP)] {
                let found = try await ProbeRun.run(
                    ["signals", target, "\(number)"], .limits([.wall: 3 * Specs.second]))
                for call in ["kill", "tgkill", "rt_sigqueueinfo", "pidfd_open", "pidfd_send_signal"] {
                    let answer = found.value(call) ?? "nothing"
                    // pid 1 of a pid namespace is immune to signals from inside: the kernel may well say "ok".
                    // What counts is below: init lived to report how the program ended.
                    let refused = ["EPERM", "ESRCH", "ENOSYS", "EBADF", "EACCES"].contains(answer)
                    Attempts.record(
                        "A14", "\(call) \(number) to \(target)", capable: bare.value(call) == "ok",
                        contained: refused || answer == "ok" && found.verdict != .internalError, answer)
                }
                #expect(found.value("swept") == "0", "signalled a process that is not its own: \(found.summary)")
                #expect(
                    found.verdict != .internalError, "the sandbox's init did not survive: \(found.summary)")
                #expect(HostProcess(pid: warden.pid)?.state != "T", "the warden was stopped")
            }
        }

        @Test("A12: a survivor that holds stdout does not hold up the verdict")
        func survivorKeepsOutput() async throws { try await daemon("A12", "keep") }

        @Test("D08: a daemon that closed everything ends with the run")
        func daemonEnds() async throws { try await daemon("D08", "close") }

        private func daemon(_ row: String, _ mode: String) async throws {
            let bare = try await Control.run(["daemon", mode, "5"])
            let daemonPid = Int32(bare.value("daemon") ?? "") ?? 0
            let survived = daemonPid > 0 && kill(daemonPid, 0) == 0
            if survived { kill(daemonPid, SIGKILL) }
            let warden = try await TestWarden.shared
            let found = try await ProbeRun.run(["daemon", mode, "20"])
            let left = WardenFamily(of: warden.pid).programs
            Attempts.record(
                row, "daemon (\(mode))", capable: survived,
                contained: found.verdict == .ok && found.elapsed < 250 * Specs.millisecond && left.isEmpty
                    && found.value("daemon") != nil,
                "\(found.summary), took \(found.elapsed / Specs.millisecond) ms, left \(left.count)")
        }

        @Test("D10: processes that outrun a kill loop are gone with the run")
        func comet() async throws {
            let bare = try await Control.run(["comet", "3", "200"])
            let warden = try await TestWarden.shared
            let start = Host.now
            let found = try await ProbeRun.run(["comet", "10", "0"], .limits([.wall: 500 * Specs.millisecond]))
            let ended = Host.now
            let left = WardenFamily(of: warden.pid).programs
            Attempts.record(
                "D10", "ten comets", capable: bare.lines == Array(repeating: "landed elsewhere", count: 3),
                contained: [.wallLimit, .cpuLimit].contains(found.verdict) && left.isEmpty
                    && found.elapsed < 1000 * Specs.millisecond && ended - start < 5 * Specs.second,
                "\(found.summary), took \(found.elapsed / Specs.millisecond) ms, left \(left.count)")
        }
    }
}
