internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// The filter: which system calls reach the kernel, by number, by ABI and by argument.
    @Suite("Syscalls")
    struct Syscalls {
        /// Answers that say a call did not reach the kernel.
        static let denials: Set<String> = ["EPERM", "ENOSYS", "EACCES", "EAFNOSUPPORT", "SIGSYS"]

        /// Calls that every argument of the sweep (-1) is refused for, or that are never carried out: whatever they answer.
        static let judged: Set<String> = [
            "ioctl", "fcntl", "setsockopt", "getsockopt", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg",
            "recvmmsg", "fsync", "fdatasync", "sync_file_range", "msync", "pipe2", "mmap", "memfd_create", "shmget",
            "madvise", "preadv2", "pwritev2",
        ]

        @Test("C03: exactly the golden system calls reach the kernel", arguments: ["main", "thread", "exec"])
        func numberSweep(variant: String) async throws {
            let arguments = ["sweep"] + (variant == "main" ? [] : [variant])
            let bare = try await Control.run(arguments).lines
            let found = try await ProbeRun.run(arguments)
            let names = try Golden.lines("syscalls.txt").map { $0.split(separator: " ").map(String.init) }
            let numbers = found.lines.map { $0.prefix { $0 != " " } }
            #expect(numbers == (0..<1024).map { "\($0)"[...] }, "the sweep was cut short, or answered twice")
            // Denied answers as they are, all others as "reached": which error a bad argument gives is the kernel's.
            let rows = zip(found.lines, names).map { line, golden in
                let answer = line.split(separator: " ").last.map(String.init) ?? ""
                // Since 6.14 the kernel shows a filter neither of these two; off its own trampolines it answers with a
                // signal or ENXIO, before that with ENOSYS.
                if ["335", "336"].contains(golden[0]) && ["SIGILL", "ENXIO", "EPROTO", "ENOSYS"].contains(answer) {
                    return "\(golden[0]) \(golden[1]) exempt"
                }
                let isTold = Self.denials.contains(answer) || Self.judged.contains(golden[1])
                return "\(golden[0]) \(golden[1]) \(isTold ? answer : "reached")"
            }
            let same = try Golden.expect("syscalls.txt", rows, "the sweep (\(variant))")
            Attempts.record(
                "C03", "number sweep, \(variant)", capable: bare.filter { !Self.isDenied($0) }.count > 300,
                contained: same, "see the differences above")
        }

        private static func isDenied(_ line: String) -> Bool {
            line.split(separator: " ").last.map { denials.contains(String($0)) } ?? true
        }

        @Test("C04: the i386 gate kills")
        func foreignABI() async throws {
            let numbers = ["20", "11", "5", "102", "21", "359"]
            let bare = try await Control.run(["int80"] + numbers)
            let found = try await ProbeRun.run(["int80"] + numbers)
            for number in numbers {
                Attempts.record(
                    "C04", "int 0x80 eax=\(number)",
                    capable: bare.value("int80 \(number)").map { $0 != "SIGSEGV" } ?? false,
                    contained: found.value("int80 \(number)") == "SIGSYS", found.summary)
            }
            let own = try await ProbeRun.run(["int80", "here", "20"])
            Attempts.record(
                "C04", "verdict of the program itself", capable: bare.value("int80 20") == "ok",
                contained: own.verdict == .syscallDenied && own.status == .signaled(31), own.summary)
        }

        @Test("B06: the new mount interface is absent")
        func mountInterface() async throws {
            try await deny("B06", [428, 429, 430, 431, 432, 433, 442, 467, 457, 458], as: .root)
        }

        @Test("C14: io_uring is absent")
        func ioUring() async throws {
            try await deny("C14", [425, 426, 427], as: .nobody)
        }

        @Test("C18: keyrings are absent")
        func keyrings() async throws {
            try await deny("C18", [248, 249, 250], as: .nobody)
            let name = "nestbox-probe-\(Host.token())"
            _ = try await Control.run(["keys", "make", name])
            let bare = try await Control.run(["keys", "find", name])
            let maker = try await ProbeRun.run(["keys", "make", name])
            let finder = try await ProbeRun.run(["keys", "find", name])
            Attempts.record(
                "C18", "a key for a later run", capable: bare.value("search") == "ok",
                contained: Self.denials.contains(maker.value("add_key") ?? "")
                    && Self.denials.contains(finder.value("search") ?? ""), maker.summary + finder.summary)
            let listing = try await ProbeRun.run(["cat", "/proc/keys"])
            Attempts.record(
                "C18", "/proc/keys", capable: try await Control.run(["cat", "/proc/keys"]).lines.count > 0,
                contained: ["ENOENT", "EACCES"].contains(listing.value("cat /proc/keys") ?? "")
                    || listing.output.isEmpty, listing.summary)
        }

        /// Each number with arguments that the kernel answers with EBADF, EFAULT or EINVAL when it runs the call.
        private func deny(_ row: String, _ numbers: [Int], as user: Control.User) async throws {
            let arguments = ["calls"] + numbers.map(String.init)
            let bare = try await Control.run(arguments, as: user)
            let found = try await ProbeRun.run(arguments)
            for number in numbers {
                let answer = found.value("call \(number)") ?? "nothing"
                Attempts.record(
                    row, "call \(number)",
                    capable: bare.value("call \(number)").map { !Self.denials.contains($0) } ?? false,
                    contained: ["EPERM", "ENOSYS"].contains(answer), "answered \(answer)")
            }
        }

        @Test("B08, C10: no new namespaces, by whichever call")
        func namespaces() async throws {
            let bare = try await Control.run(["clone"])
            let found = try await ProbeRun.run(["clone"])
            #expect(found.lines.count == bare.lines.count, "the probe was cut short: \(found.summary)")
            for line in found.lines {
                let parts = line.split(separator: " ").map(String.init)
                guard parts.count == 3 else { continue }
                let name = "\(parts[0]) \(parts[1])"
                // clone3 must look absent: its flags are in memory, where a filter cannot look.
                let wanted: Set<String> = parts[0] == "clone3" ? ["ENOSYS"] : ["EPERM", "ENOSYS"]
                var capable = bare.value(name) == "ok" || parts[1] == "invalid"
                if !capable { capable = bare.value("\(parts[0]) NEWUSER+\(parts[1])") == "ok" }
                Attempts.record(
                    parts[0] == "unshare" ? "B08" : "C10", name, capable: capable, contained: wanted.contains(parts[2]),
                    "answered \(parts[2])")
            }
        }

        @Test("B08: the user namespace itself allows none below it, filter or no filter")
        func namespaceLimit() async throws {
            let path = "/proc/sys/user/max_user_namespaces"
            let warden = try await TestWarden.shared
            var options = ProbeOptions()
            options.input = nil
            let sandbox = try await LiveSandbox(["hold"], options, on: warden)
            try sandbox.start()
            _ = try await sandbox.output(until: "ready")
            // This file shows the limit of the reader's own user namespace.
            let program = WardenFamily(of: warden.pid).programs.first?.pid ?? 0
            let inside = await (try ChildProcess(["/usr/bin/nsenter", "-t", "\(program)", "-U", "/usr/bin/cat", path]))
                .finish()
            sandbox.closeInput()
            _ = try await sandbox.finish()
            Attempts.record(
                "B08", "max_user_namespaces", capable: Host.text(path).map { $0 != "0\n" } ?? false,
                contained: inside.lines == ["0"], "\(inside.lines)")
        }

        @Test("C10: threads and child processes still work")
        func functionalPair() async throws {
            let found = try await ProbeRun.run(["works"])
            #expect(found.verdict == .ok)
            for name in ["pthread", "fork", "vfork", "posix_spawn", "popen"] {
                #expect(found.value(name) == "ok", "\(name) is broken inside: \(found.summary)")
            }
        }

        @Test("C10: interpreters can still start threads and processes")
        func interpreters() async throws {
            let python = """
                import subprocess, threading, multiprocessing.dummy as pool
                t = threading.Thread(target=lambda: print("thread ok", flush=True)); t.start(); t.join()
                print("subprocess", subprocess.run(["/bin/echo", "ok"], capture_output=True).stdout.decode().strip())
                """
            let node = """
                const { Worker } = require('worker_threads'), { execFileSync } = require('child_process');
                console.log('execFile ' + execFileSync('/bin/echo', ['ok']).toString().trim());
                new Worker("require('worker_threads').parentPort.postMessage('ok')", { eval: true })
                  .on('message', (m) => console.log('worker ' + m));
                """
            for (program, source, marks) in [
                (["/usr/bin/python3", "-c"], python, ["thread", "subprocess"]),
                (["/usr/bin/node", "-e"], node, ["worker", "execFile"]),
            ] {
                guard access(program[0], X_OK) == 0 else {
                    Attempts.skip("C10", "no \(program[0])")
                    continue
                }
                var options = ProbeOptions.limits([.memory: 512 << 20, .processes: 64])
                options.program = program
                options.uploadsProbe = false
                let found = try await ProbeRun.run([source], options)
                for mark in marks {
                    #expect(found.value(mark) == "ok", "\(program[0]): \(mark) is broken: \(found.summary)")
                }
            }
        }
    }
}
