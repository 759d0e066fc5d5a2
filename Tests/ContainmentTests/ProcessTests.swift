internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Who a sandboxed process is, whom it sees and whom it can signal, and that none of them stays.
    @Suite("Processes")
    struct Processes {
        @Test("C26: every living sandbox has a host uid of its own, never 0, never a user's")
        func hostIdentity() async throws {
            let warden = try await TestWarden.shared
            // The control: two plain children share a uid, and the oracle sees it.
            let one = try Control.start(["hold"])
            let two = try Control.start(["hold"])
            _ = await one.output(until: "ready")
            _ = await two.output(until: "ready")
            let shared = [one, two].compactMap { HostProcess(pid: $0.pid)?.uids.first }
            _ = await one.finish()
            _ = await two.finish()
            var living: [LiveSandbox] = []
            var options = ProbeOptions()
            options.input = nil
            for _ in 0..<4 {
                let sandbox = try await LiveSandbox(["hold"], options, on: warden)
                try sandbox.start()
                _ = try await sandbox.output(until: "ready")
                living.append(sandbox)
            }
            let family = WardenFamily(of: warden.pid)
            let users = Set((Host.text("/etc/passwd") ?? "").split(separator: "\n").compactMap {
                $0.split(separator: ":", omittingEmptySubsequences: false).dropFirst(2).first.flatMap { UInt32($0) }
            })
            let uids = family.programs.map(\.uids)
            Attempts.record(
                "C26", "program uids on the host", capable: shared == [65534, 65534],
                contained: uids.count == 4 && Set(uids.compactMap(\.first)).count == 4
                    && uids.allSatisfy { Set($0).count == 1 && !$0.contains(0) && users.isDisjoint(with: $0) },
                "\(uids)")
            let everybody = (family.inits + family.programs).flatMap(\.uids)
            Attempts.record(
                "C26", "uids of inits too", capable: shared == [65534, 65534], contained: !everybody.contains(0),
                "\(everybody)")
            for sandbox in living { sandbox.closeInput() }
            for sandbox in living { _ = try await sandbox.finish() }
        }

        @Test("C01: the posture at the first instruction is the golden one, in every task")
        func posture() async throws {
            let bare = try await Control.run(["posture"])
            let found = try await ProbeRun.run(["posture"])
            // One limit is the kernel's own, by the size of its memory; the golden file says "inherited" for it.
            let lines = found.lines.map { line in
                line.hasPrefix("rlimit nproc ") && bare.lines.contains(line) ? "rlimit nproc inherited" : line
            }
            let same = try Golden.expect("posture.txt", lines, "the posture")
            Attempts.record(
                "C01", "posture", capable: bare.value("self Seccomp:") == "0" && bare.value("self NoNewPrivs:") == "0",
                contained: same, "see the differences above")
        }

        @Test("C02: every thread of an interpreter is under the filter")
        func interpreterThreads() async throws {
            let python = """
                import threading, glob
                e = threading.Event()
                for _ in range(4): threading.Thread(target=e.wait).start()
                for f in glob.glob("/proc/self/task/*/status"):
                    print(" ".join(l.split()[1] for l in open(f) if l.split(":")[0] in
                                   ("Seccomp", "NoNewPrivs", "CapEff", "CapBnd", "CapPrm")))
                e.set()
                """
            let node = """
                const fs = require('fs'), { Worker } = require('worker_threads');
                const w = new Worker('setInterval(() => {}, 1000)', { eval: true });
                w.on('online', () => {
                  for (const t of fs.readdirSync('/proc/self/task')) {
                    const s = fs.readFileSync(`/proc/self/task/${t}/status`, 'utf8');
                    console.log(s.split('\\n').filter((l) => /^(Seccomp|NoNewPrivs|CapEff|CapBnd|CapPrm):/.test(l))
                      .map((l) => l.split(/\\s+/)[1]).join(' '));
                  }
                  process.exit(0);
                });
                """
            for (program, source, least) in [
                (["/usr/bin/python3", "-c"], python, 5), (["/usr/bin/node", "-e"], node, 6),
            ] {
                guard access(program[0], X_OK) == 0 else {
                    Attempts.skip("C02", "no \(program[0])")
                    continue
                }
                let bare = await (try ChildProcess(
                    ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + program + [source]
                )).finish(seconds: 20)
                var options = ProbeOptions.limits([.memory: 512 << 20])
                options.program = program
                options.uploadsProbe = false
                let found = try await ProbeRun.run([source], options)
                let zero = "0000000000000000"
                Attempts.record(
                    "C02", "threads of \(program[0])", capable: bare.lines.count >= least && bare.lines[0].hasSuffix("0 0"),
                    contained: found.lines.count >= least
                        && Set(found.lines) == ["\(zero) \(zero) \(zero) 1 2"], found.summary)
            }
        }

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
