import Foundation
import Glibc
import RunModel
import SandboxSpec
import TestSupport
import Testing

/// Real runs of the built command: as root, with the warden beside it, on the machine's own programs.
@Suite(
    .enabled(if: NestboxExecutable.canRunPrograms, "needs root, and nestbox, nestbox-warden and nestbox-init built"),
    .serialized)
struct RunTests {
    private let scratch: TemporaryDirectory

    init() throws {
        scratch = try TemporaryDirectory()
        try scratch.write(
            """
            version: 1
            name: bash
            extensions: [sh]
            root: {host: true}
            file: main.sh
            run: [bash, main.sh]
            check: {code: 'echo 1', stdout: "1\\n"}

            """, to: "images/bash/image.yaml")
        try scratch.write(
            """
            version: 1
            name: ghost
            extensions: [ghost]
            root: {host: true}
            file: main.ghost
            run: [no-such-program-anywhere]
            check: {code: 'x', stdout: ''}

            """, to: "images/ghost/image.yaml")
        try scratch.write(
            """
            version: 1
            name: doubled
            extensions: [dbl]
            root: {host: true}
            file: main.dbl
            compile: {run: [bash, main.dbl], produces: [program]}
            run: [bash, program]
            check: {code: 'echo "echo 1" > program', stdout: "1\\n"}

            """, to: "images/doubled/image.yaml")
    }

    /// Those of this project.
    private var policies: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../policies").standardizedFileURL.path
    }

    private func nestbox(_ arguments: [String], input: String = "") throws -> NestboxExecutable.Answer {
        return try NestboxExecutable.run(
            arguments,
            environment: [
                "NESTBOX_POLICIES": policies, "NESTBOX_IMAGES": scratch.path + "/images",
                "NESTBOX_STATE": scratch.path + "/state", "SECRET": "never",
            ], input: input, directory: scratch.path)
    }

    private func run(_ program: String, _ arguments: [String] = [], input: String = "") throws
        -> NestboxExecutable.Answer
    {
        try scratch.write(program, to: "main.sh")
        return try nestbox(["run", "-p", "default"] + arguments, input: input)
    }

    private func result(_ program: String, _ arguments: [String] = []) throws -> RunResult {
        let answer = try run(program, ["--json"] + arguments + ["main.sh"])
        return try JSONText.decode(RunResult.self, from: Array(answer.stdout.utf8))
    }

    @Test func outputInputAndStatusAreTheProgramsOwn() throws {
        let answer = try run("cat; echo problem >&2; exit 3", ["main.sh"], input: "line\n")
        #expect(answer.status == 3)
        #expect(answer.stdout == "line\n")
        #expect(answer.stderr.hasPrefix("problem\nnestbox: nonzero_exit (3) · cpu "))
        let quiet = try run("echo $1", ["-q", "main.sh", "--", "--json"])
        #expect(quiet.stdout == "--json\n")
        #expect(quiet.stderr == "")
    }

    @Test func theEnvironmentIsWhatItSays() throws {
        let answer = try run("env | sort; pwd", ["--env", "A=b=c", "main.sh"])
        let lines = answer.stdout.split(separator: "\n")
        for line in ["A=b=c", "HOME=/box", "LANG=C.UTF-8", "USER=nestbox", "PATH=/usr/local/bin:/usr/bin:/bin", "/box"]
        {
            #expect(lines.contains(Substring(line)), "\(answer.stdout)")
        }
        #expect(!answer.stdout.contains("SECRET"))
    }

    @Test(arguments: [("[random]", ""), ("[this]", "The Zen of Python"), ("[no_such_module]", "ModuleNotFoundError")])
    func imagesAreCheckedColdAndWarm(preload: String, trouble: String) throws {
        try scratch.write(
            """
            version: 1
            name: python
            extensions: [py]
            root: {host: true}
            file: main.py
            run: [python3, main.py]
            warm: {mode: fork, language: python, preload: \(preload)}
            check: {code: 'print(6 * 7)', stdout: "42\\n"}

            """, to: "images/python/image.yaml")
        let answer = try nestbox(["image", "check", "python"])
        #expect(answer.stdout.hasPrefix("python: cold: ok, wall "), "\(answer)")
        if trouble.isEmpty {
            #expect(answer.status == 0 && answer.stdout.contains(", fork: ok, wall "), "\(answer)")
        } else {
            #expect(answer.status != 0 && answer.stdout.hasSuffix(", warm: unhealthy\n"), "\(answer)")
            #expect(answer.stderr.contains("image python (warm): ") && answer.stderr.contains(trouble), "\(answer)")
        }
    }

    @Test func signalsAndLimitsHaveTheirStatus() throws {
        #expect(try run("kill -SEGV $$", ["main.sh"]).status == 139)
        let spinning = try run("while :; do :; done", ["--limit", "cpu=200ms", "main.sh"])
        #expect(spinning.status == 124)
        #expect(spinning.stderr.contains("cpu_limit"))
        #expect(try run("sleep 60", ["--limit", "wall=300ms", "main.sh"]).status == 124)
        #expect(try run("sleep 60", ["--limit", "idle=300ms", "main.sh"]).status == 124)
    }

    @Test func aResultHoldsEverything() throws {
        let text = try result("echo out; echo err >&2; exit 4")
        #expect(text.outcome.verdict == .nonzeroExit)
        #expect(text.outcome.status == .exited(4))
        #expect(text.stdout.bytes == Array("out\n".utf8))
        #expect(text.stderr.bytes == Array("err\n".utf8))
        #expect(text.output.bytes.count == 8)
        #expect(text.warm == .cold)
        #expect(text.outcome.usage.wallMilliseconds > 0)
        #expect(try result("printf '\\377\\0'").stdout.bytes == [0xff, 0])
        let long = try result("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", ["--limit", "output=1000B"])
        #expect(long.outcome.verdict == .outputLimit)
        #expect(long.outcome.truncated)
        #expect(long.stdout.bytes.count == 1000)
    }

    @Test func eventsAreInOrder() throws {
        let answer = try run("echo one; echo two", ["--events", "main.sh"])
        let events = try answer.stdout.split(separator: "\n").map {
            try JSONText.decode(RunEvent.self, from: Array($0.utf8))
        }
        #expect(events.map(\.sequence) == Array(0..<Int64(events.count)))
        #expect(events.first?.kind == .accepted(position: 0))
        #expect(events.filter(\.kind.isTerminal).count == 1)
        #expect(events.last?.kind.isTerminal == true)
        #expect(answer.stderr == "")
    }

    @Test func filesGoInAndArtifactsComeOut() throws {
        try scratch.write("data", to: "in.txt")
        let program = "mkdir -p out/deep; cp data/in.txt out/deep/copy; ln -s /etc/passwd out/link; echo no > other"
        let answer = try run(
            program,
            ["--file", "data/in.txt=in.txt", "--artifacts", "out/**", "--output", scratch.path + "/kept", "main.sh"])
        #expect(answer.status == 0)
        #expect(try scratch.text("kept/out/deep/copy") == "data")
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/kept/other"))
        #expect(throws: (any Error).self) {
            try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path + "/kept/out/link")
        }
        #expect(answer.stderr.contains("link"))
    }

    @Test func compilingIsAStepOfItsOwn() throws {
        try scratch.write("echo 'echo made; exit 2' > program", to: "good.dbl")
        let good = try nestbox(["run", "-p", "default", "good.dbl"])
        #expect(good.stdout == "made\n")
        #expect(good.status == 2)
        try scratch.write("echo wrong >&2; exit 1", to: "bad.dbl")
        let bad = try nestbox(["run", "-p", "default", "bad.dbl"])
        #expect(bad.status == 126)
        #expect(bad.stderr.hasPrefix("wrong\nnestbox: compile_error (1)"))
    }

    @Test func aProgramThatIsNotInTheImageIsOurFault() throws {
        try scratch.write("x", to: "x.ghost")
        let answer = try nestbox(["run", "-p", "default", "x.ghost"])
        #expect(answer.status == 125)
        #expect(answer.stderr.contains("no-such-program-anywhere"))
    }

    @Test func aTerminalIsOne() throws {
        let answer = try run("test -t 0 && test -t 1 && stty size", ["--tty", "main.sh"])
        #expect(answer.status == 0)
        #expect(answer.stdout.contains("24 80"))
    }

    @Test func aReaderThatLeavesEndsTheRun() throws {
        try scratch.write("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", to: "main.sh")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "\"$1\" run -q -p default main.sh 2>err | head -c 5 >out", "sh",
            try #require(NestboxExecutable.path),
        ]
        process.environment = [
            "NESTBOX_POLICIES": policies, "NESTBOX_IMAGES": scratch.path + "/images", "PATH": "/usr/bin:/bin",
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        try process.run()
        process.waitUntilExit()
        #expect(try scratch.text("out").hasPrefix("xxxxx"))
        #expect(try scratch.text("err") == "")
    }

    @Test func aSignalCancelsTheRun() throws {
        try scratch.write("echo ready; sleep 60", to: "main.sh")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(NestboxExecutable.path))
        process.arguments = ["run", "-p", "default", "main.sh"]
        process.environment = ["NESTBOX_POLICIES": policies, "NESTBOX_IMAGES": scratch.path + "/images"]
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        let output = Pipe()
        let errors = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        #expect(output.fileHandleForReading.availableData == Data("ready\n".utf8))
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(words.hasPrefix("nestbox: cancelled"))
    }

    @Test func imagesAreCheckedByRunningThem() throws {
        let good = try nestbox(["image", "check", "bash"])
        // The policy called like the image is that of this project, for an image of the same name.
        #expect(good.status == 0, "\(good.stderr)")
        #expect(good.stdout.hasPrefix("bash: cold: ok, wall "))
        try scratch.write(
            """
            version: 1
            name: absent
            root: {directory: not-there}
            file: main
            run: [main]
            check: {code: 'x', stdout: ''}

            """, to: "images/absent/image.yaml")
        let all = try nestbox(["image", "check", "bash", "ghost", "absent"])
        #expect(all.status == 1, "\(all)")
        #expect(all.stdout.hasPrefix("IMAGE ") && all.stdout.contains("FAILED"), "\(all)")
        #expect(all.stdout.hasSuffix("\n1 of 3 images passed; failed: ghost, absent\n"), "\(all)")
        let every = try nestbox(["image", "check", "--all"])
        #expect(every.stdout.contains("skipped: its directory is not there"), "\(every)")
        #expect(every.stdout.contains("images passed; skipped: absent; failed: "), "\(every)")
        #expect(all.stderr.contains("] bash: cold: ok") && all.stderr.contains("image ghost: "), "\(all)")
        let json = try nestbox(["image", "check", "bash", "--json"])
        let reports = try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [[String: Any]]
        #expect((reports?.first?["cold"] as? [String: Any])?["warm"] as? String == "cold", "\(json)")
    }

    private static let freezer = "/sys/fs/cgroup/freezer"

    /// Processes below one, without its children and theirs: nestbox, warden, zygote, and then the sandbox.
    private static func sandbox(below pid: Int32) -> [Int32] {
        var parents: [Int32: Int32] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(name), let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")")
            else { continue }
            let fields = stat[end...].split(separator: " ")
            if fields.count > 2 { parents[pid] = Int32(fields[2]) }
        }
        func distance(_ other: Int32) -> Int? {
            var current = other
            for distance in 0..<16 {
                if current == pid { return distance }
                guard let parent = parents[current] else { return nil }
                current = parent
            }
            return nil
        }
        return parents.keys.filter { distance($0) ?? 0 > 2 }
    }

    @Test(
        "SIGTERM ends a run whose program cannot be killed, and says what is left",
        .enabled(if: access("\(RunTests.freezer)/cgroup.procs", W_OK) == 0), .timeLimit(.minutes(1)))
    func stuck() throws {
        try scratch.write("sleep 50", to: "stuck.sh")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(NestboxExecutable.path))
        process.arguments = [
            "run", "--images", scratch.path + "/images", "--policies", policies, "--state", scratch.path + "/state",
            "--limit", "wall=50s", "--limit", "idle=50s", scratch.path + "/stuck.sh",
        ]
        process.environment = ["PATH": "/usr/bin:/bin"]
        let errors = scratch.path + "/errors"
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        process.standardInput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        var pids: [Int32] = []
        // pid 1, bash, sleep.
        for _ in 0..<500 where pids.count < 3 {
            usleep(20_000)
            pids = Self.sandbox(below: process.processIdentifier)
        }
        let early = try scratch.text("errors")
        #expect(pids.count >= 3, "\(early)")
        let group = "\(Self.freezer)/nbfreeze-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: group, withIntermediateDirectories: false)
        func tell(_ text: String, _ file: String) {
            try? text.write(toFile: "\(group)/\(file)", atomically: false, encoding: .utf8)
        }
        for pid in pids { tell("\(pid)", "cgroup.procs") }
        tell("FROZEN", "freezer.state")
        usleep(200_000)
        let start = ContinuousClock.now
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        let taken = ContinuousClock.now - start
        tell("THAWED", "freezer.state")
        for _ in 0..<2000 where rmdir(group) != 0 { usleep(1000) }
        #expect(process.terminationStatus == 128 + SIGTERM)
        #expect(taken < .seconds(18))
        let text = try scratch.text("errors")
        #expect(text.contains("quarantine"), "\(text)")
    }
}
