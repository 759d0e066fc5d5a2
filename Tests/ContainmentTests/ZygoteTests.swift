internal import Foundation
internal import SandboxSpec
internal import Testing
internal import WardenClient

extension Containment {
    /// Interpreters that misbehave before or while they are forked: the sandbox is refused with the reason, nothing of them
    /// stays, and the same program starts cold.
    @Suite(
        "Zygotes", .enabled(if: access("/usr/bin/python3", X_OK) == 0, "needs python3"),
        .enabled(if: TestWarmth.ofThisRun == .cold, "runs once, beside the cold suite"))
    struct Zygotes {
        /// A module that is to be loaded before the fork, and how the request for a sandbox has to fail.
        struct Fault: Sendable, CustomTestStringConvertible {
            let name: String
            let code: String
            var stage = "zygote_boot"
            var errno = ECHILD
            var words = ""

            var testDescription: String { name }
        }

        static let faults = [
            Fault(name: "raises", code: "raise ValueError('no such thing')", words: "ValueError: no such thing"),
            Fault(name: "crashes", code: "import os\nos.kill(os.getpid(), 11)", words: "python3"),
            Fault(name: "ends", code: "raise SystemExit(0)", words: "python3"),
            Fault(
                name: "hangs", code: "import time\ntime.sleep(1000)",
                words: "did not look at its script within 2 s"),
            Fault(
                name: "prints", code: "print('a word from a module')",
                words: "wrote something while it booted; a word from a module"),
            Fault(
                name: "complains", code: "import sys\nsys.stderr.write('a word from a module')",
                words: "wrote something while it booted; a word from a module"),
            Fault(name: "forks", code: "import os\nos.fork()", words: "a module has"),
            Fault(
                name: "spawns",
                code: "import subprocess, sys\n"
                    + "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])",
                words: "a module has started a process"),
            Fault(
                name: "bombs", code: "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
                words: "did not look at its script within 2 s"),
            Fault(name: "eats", code: "b'x' * (1 << 30)", words: "took more than 128 MiB of memory to boot"),
            Fault(
                name: "threads",
                code: "import threading, time\n"
                    + "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
                words: "a module has started a thread"),
            Fault(
                name: "hangs before a fork",
                code: "import os, time\nos.register_at_fork(before=lambda: time.sleep(1000))", stage: "zygote_fork",
                errno: ETIMEDOUT, words: "did not answer within 1 s"),
            Fault(
                name: "ends before a fork", code: "import os\nos.register_at_fork(before=lambda: os._exit(1))",
                stage: "zygote", words: "python3"),
            Fault(
                name: "starts a thread before a fork",
                code: "import os, threading, time\nos.register_at_fork(after_in_parent=lambda: "
                    + "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start())",
                errno: EBUSY),
            Fault(
                name: "hangs in the child",
                code: "import os, time\nos.register_at_fork(after_in_child=lambda: time.sleep(1000))",
                stage: "prepare", errno: ETIMEDOUT),
        ]

        private static let settings = """
            zygote_boot_seconds = 2
            zygote_answer_seconds = 1
            preparation_seconds = 2
            zygote_memory = 134217728
            """

        private static let environment = ["PATH=/usr/bin:/bin", "HOME=/box", "LANG=C.UTF-8"]

        private static func spec(_ modules: [String] = [], root: RootSource = .host) throws -> SandboxSpec {
            var spec = try Specs.spec(root: root)
            spec.preparation = .fork(
                .python,
                try Interpreter(
                    command: ["python3", "main.py"], environment: environment, script: "main.py", modules: modules))
            return spec
        }

        /// Asks for a sandbox that will not be had; nil when it was.
        private static func refusal(_ spec: SandboxSpec, _ warden: TestWarden) async throws -> StageFailure? {
            do {
                _ = try await warden.connection.makeSandbox(spec)
                return nil
            } catch let failure as StageFailure {
                return failure
            }
        }

        private static func runsCold(_ root: RootSource, _ warden: TestWarden) async throws {
            var options = ProbeOptions()
            options.root = root
            options.uploadsProbe = false
            options.warmth = .cold
            options.program = ["python3", "-c", "print(6 * 7)"]
            let result = try await ProbeRun.run([], options, on: warden)
            #expect(result.verdict == .ok && result.text == "42\n", "cold: \(result.summary)")
        }

        @Test("a bad module", arguments: faults)
        func bad(_ fault: Fault) async throws {
            let module = "bad_" + fault.name.replacingOccurrences(of: " ", with: "_")
            try InterpreterTree.add(module, fault.code)
            let root = try InterpreterTree.root
            let warden = try await TestWarden(configuration: Self.settings)
            // The plain zygote, by whose user those of interpreters are known.
            try await Self.runsCold(root, warden)
            let user = try #require(WardenFamily(of: warden.pid).zygotes.first?.uids.first)
            let before = HostBaseline.capture(warden: warden.pid)
            let spec = try Self.spec([module], root: root)
            // The second thread is there once the first child is born.
            if fault.errno == EBUSY { _ = try await warden.connection.makeSandbox(spec) }
            let start = Host.now
            let failure = try #require(try await Self.refusal(spec, warden))
            let seconds = Double(Host.now - start) / 1e9
            #expect(failure.stage == fault.stage && failure.errno == fault.errno, "\(failure)")
            #expect(fault.words.isEmpty || failure.object.contains(fault.words), "\(failure)")
            #expect(seconds < 6, "refused after \(seconds) s")
            try await Self.runsCold(root, warden)
            if fault.stage == "zygote_boot", fault.errno == ECHILD {
                let gone = await Host.eventually(within: 3) {
                    HostProcess.all().allSatisfy {
                        $0.uids.first != user || $0.state == "Z" || $0.name == "nestbox-init"
                    }
                }
                #expect(gone, "something of the interpreter runs on")
                await before.expectUnchanged("a zygote that \(fault.name)", warden: warden.pid)
            }
            await warden.close()
        }

        @Test("what is more than the plain interpreter of a language is not started")
        func refused() async throws {
            func fork(
                _ language: ZygoteLanguage, _ command: [String], _ entry: String = "LANG=C", _ modules: [String] = []
            ) throws -> Preparation {
                .fork(
                    language,
                    try Interpreter(
                        command: command, environment: ["PATH=/usr/bin:/bin", entry], script: "main", modules: modules))
            }
            let warden = try await TestWarden()
            for preparation in [
                try fork(.python, ["sh", "main"]), try fork(.python, ["perl", "main"]), try fork(.perl, ["perl"]),
                try fork(.perl, ["perl", "-Mx", "main"]), try fork(.perl, ["perl", "other"]),
                try fork(.python, ["/usr/bin/python3", "main"]), try fork(.python, ["python3/../sh", "main"]),
                try fork(.lua, ["lua5.4", "main"], "LUA_INIT=os.exit()"),
                try fork(.python, ["python3", "main"], "PATH=/proc/self/cwd"),
                try fork(.python, ["python3", "main"], "LD_PRELOAD=/box/x"),
                try fork(.perl, ["perl", "main"], "LANG=C", ["strict"]),
                try fork(.python, ["python3", "main"], "LANG=C", ["a/b"]),
            ] {
                var spec = try Specs.spec()
                spec.preparation = preparation
                let failure = try await Self.refusal(spec, warden)
                #expect(failure?.stage == "admit" && failure?.errno == EPERM, "\(preparation)")
            }
            #expect(WardenFamily(of: warden.pid).zygotes.isEmpty)
            await warden.close()
        }

        /// The python zygotes of a warden.
        private static func interpreters(_ warden: TestWarden) -> [Int32] {
            WardenFamily(of: warden.pid).zygotes.filter { $0.name.hasPrefix("python") }.map(\.pid)
        }

        @Test("one that stops answering is ended, and another takes its place")
        func stopped() async throws {
            let warden = try await TestWarden(configuration: Self.settings)
            let spec = try Self.spec()
            _ = try await warden.connection.makeSandbox(spec)
            let zygote = try #require(Self.interpreters(warden).first)
            kill(zygote, SIGSTOP)
            let start = Host.now
            async let first = Self.refusal(spec, warden)
            async let second = Self.refusal(spec, warden)
            for failure in [try await first, try await second] {
                #expect(failure?.stage == "zygote_fork" && failure?.errno == ETIMEDOUT)
                #expect(failure?.object == "python3: did not answer within 1 s")
            }
            #expect(Host.now - start < 4 * Specs.second)
            #expect(await Host.eventually(within: 2) { HostProcess.isGone(zygote) })
            #expect(try await Self.refusal(spec, warden) == nil)
            await warden.close()
        }

        @Test("the plain one that stops answering is ended, too")
        func plainStopped() async throws {
            let warden = try await TestWarden(configuration: Self.settings)
            try await Self.runsCold(.host, warden)
            let zygote = try #require(WardenFamily(of: warden.pid).zygotes.first?.pid)
            kill(zygote, SIGSTOP)
            let failure = try await Self.refusal(try Specs.spec(), warden)
            #expect(failure?.stage == "zygote_fork" && failure?.errno == ETIMEDOUT)
            try await Self.runsCold(.host, warden)
            await warden.close()
        }

        @Test("one that does not answer, or boots, does not keep the warden from its end", arguments: [true, false])
        func shutdown(hasBooted: Bool) async throws {
            // The timeout that holds without a configuration.
            let warden = try await TestWarden()
            if hasBooted { _ = try await warden.connection.makeSandbox(try Self.spec()) }
            try InterpreterTree.add("bad_endless", "import time\ntime.sleep(1000)")
            let spec = hasBooted ? try Self.spec() : try Self.spec(["bad_endless"], root: try InterpreterTree.root)
            let asked: Task<Void, any Error>
            if hasBooted {
                let zygote = try #require(Self.interpreters(warden).first)
                kill(zygote, SIGSTOP)
                asked = Task { _ = try await warden.connection.makeSandbox(spec) }
            } else {
                asked = Task { _ = try await warden.connection.makeSandbox(spec) }
                #expect(await Host.eventually(within: 5) { !Self.interpreters(warden).isEmpty })
            }
            try await Task.sleep(nanoseconds: 100_000_000)
            let family = WardenFamily(of: warden.pid)
            let start = Host.now
            await warden.close()
            #expect(Host.now - start < 3 * Specs.second)
            _ = await asked.result
            #expect(await Host.eventually(within: 2) { family.everybody.allSatisfy { HostProcess.isGone($0.pid) } })
        }

        /// Runs a program in a sandbox that is made for it, or forked.
        private static func run(
            _ files: [String: [UInt8]], _ command: [String], _ preparation: Preparation?, _ warden: TestWarden
        ) async throws -> String {
            var options = ProbeOptions()
            options.files = files.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            options.uploadsProbe = false
            options.warmth = .cold
            options.preparation = preparation
            options.program = command
            let result = try await ProbeRun.run([], options, on: warden)
            return "\(result.summary)\n\(String(decoding: result.errors, as: UTF8.self))"
        }

        /// Programs that a module of theirs, or their own form, takes away from an interpreter that has loaded `random` and
        /// `json` already.
        static let overtaking: [[String: String]] = [
            ["main.py": "import random\nprint(random.mine)", "random.py": "mine = 1"],
            // What `random` itself imports.
            ["main.py": "import random\nprint(random.random() < 1)", "bisect.py": "print('mine')"],
            ["main.py": "import json\nprint(json.mine)", "json/__init__.py": "mine = 2"],
            ["main.py": "import json\nprint(json.__file__)", "json/other.py": ""],
            ["main.py": "import sys\nprint(sys.flags, sys.argv, sys.path, sorted(sys.modules))", "json.py": ""],
            ["main.py": "import signal\nprint(signal.getsignal(signal.SIGPIPE))", "random.py": ""],
            ["main.py": "print(1) # PK\u{5}\u{6}                        "],
            ["main.py": "import helper", "helper.py": "print('mine')"],
        ]

        @Test("python finds the program's own modules before loaded ones")
        func overtaken() async throws {
            let warden = try await TestWarden()
            let warm = try Self.spec(["json", "random"]).preparation
            let command = ["python3", "main.py"]
            for program in Self.overtaking {
                let files = program.mapValues { Array($0.utf8) }
                let cold = try await Self.run(files, command, nil, warden)
                #expect(try await Self.run(files, command, warm, warden) == cold)
            }
            await warden.close()
        }

        @Test("python executes an archive")
        func archive() async throws {
            let text =
                "UEsDBBQAAAAAAAAAIQBRXsvqJQAAACUAAAALAAAAX19tYWluX18ucHlpbXBvcnQgc3lzOyBwcmludChzeXMuYXJn"
                + "diwgX19maWxlX18pUEsBAhQDFAAAAAAAAAAhAFFey+olAAAAJQAAAAsAAAAAAAAAAAAAAIABAAAAAF9fbWFpbl9f"
                + "LnB5UEsFBgAAAAABAAEAOQAAAE4AAAAAAA=="
            let archive = Array(try #require(Data(base64Encoded: text)))
            let warden = try await TestWarden()
            let command = ["python3", "main.py"]
            let cold = try await Self.run(["main.py": archive], command, nil, warden)
            #expect(cold.contains("['main.py'] /box/main.py/__main__.py"), "\(cold)")
            #expect(try await Self.run(["main.py": archive], command, try Self.spec().preparation, warden) == cold)
            await warden.close()
        }

        /// lua reads its script as R does, and is called R here.
        @Test(
            "a script that is opened before its interpreter boots is waited for by its first read",
            .enabled(if: access("/usr/bin/lua5.4", X_OK) == 0, "needs lua5.4"))
        func late() async throws {
            let warden = try await TestWarden()
            let command = ["bash", "-c", "export MADE=there GIVEN=overridden; exec -a R lua5.4 main.R"]
            let warm = Preparation.boot(
                try Interpreter(command: command, environment: Self.environment, script: "main.R"))
            let code = """
                for _, name in ipairs {"MADE", "HOME", "LD_PRELOAD", "NESTBOX_ZYGOTE_SCRIPT"} do print(os.getenv(name)) end
                print(arg[0], io.read("a"))
                local again = io.open("main.R"):read("l")
                print(again)
                """
            let cold = try await Self.run(["main.R": Array(code.utf8)], command, nil, warden)
            #expect(cold.contains("there"), "\(cold)")
            #expect(try await Self.run(["main.R": Array(code.utf8)], command, warm, warden) == cold)
            await warden.close()
        }

        /// A shell copies its environment when it starts, and gives the copy to what it executes.
        @Test("what an interpreter that was booted starts is told nothing of that")
        func children() async throws {
            let warden = try await TestWarden()
            let command = ["sh", "-c", "exec sh main.sh"]
            let warm = Preparation.boot(
                try Interpreter(command: command, environment: Self.environment, script: "main.sh"))
            let code = """
                echo "${LD_PRELOAD-none} ${NESTBOX_ZYGOTE_SCRIPT-none}"
                env | grep -c -e LD_PRELOAD -e NESTBOX_ZYGOTE
                (exec env) | grep -c -e LD_PRELOAD -e NESTBOX_ZYGOTE
                cat main.sh | wc -l
                """
            let cold = try await Self.run(["main.sh": Array(code.utf8)], command, nil, warden)
            #expect(cold.contains("none none\n0\n0\n3"), "\(cold)")
            let booted = try await Self.run(["main.sh": Array(code.utf8)], command, warm, warden)
            #expect(booted == cold)
            await warden.close()
        }

        @Test("perl's time of start is the program's", .enabled(if: access("/usr/bin/perl", X_OK) == 0, "needs perl"))
        func timeOfStart() async throws {
            let warden = try await TestWarden()
            let command = ["perl", "main.pl"]
            let warm = Preparation.fork(
                .perl, try Interpreter(command: command, environment: Self.environment, script: "main.pl"))
            let files = ["main.pl": Array(#"print time - $^T < 2 && -M $0 < 2 / 86400 ? "new" : "old", "\n""#.utf8)]
            #expect(try await Self.run(files, command, warm, warden).contains("output new"))
            try await Task.sleep(nanoseconds: 2_500_000_000)
            #expect(try await Self.run(files, command, warm, warden).contains("output new"))
            await warden.close()
        }
    }
}
