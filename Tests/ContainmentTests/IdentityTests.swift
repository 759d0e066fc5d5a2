internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Who a sandboxed process is, inside and on the host, from its first instruction and in every thread.
    @Suite("Identity")
    struct Identity {
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
            let users = Set(
                (Host.text("/etc/passwd") ?? "").split(separator: "\n").compactMap {
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
                let bare = await
                    (try ChildProcess(
                        ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + program + [source]
                    )).finish(seconds: 20)
                var options = ProbeOptions.limits([.memory: 512 << 20])
                options.program = program
                options.uploadsProbe = false
                let found = try await ProbeRun.run([source], options)
                let zero = "0000000000000000"
                Attempts.record(
                    "C02", "threads of \(program[0])",
                    capable: bare.lines.count >= least && bare.lines[0].hasSuffix("0 0"),
                    contained: found.lines.count >= least
                        && Set(found.lines) == ["\(zero) \(zero) \(zero) 1 2"], found.summary)
            }
        }
    }
}
