import Foundation
import TestSupport
import Testing

@Suite("nestbox workspace", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct WorkspaceCommandTests {
    private let service: Service

    init() throws {
        service = try Service.shared(["--rate-burst", "100000", "--rate-per-minute", "100000"])
    }

    private func run(_ executable: String, _ arguments: [String], input: String = "") throws -> (
        status: Int32, output: String, errors: String
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, stderr)
        try process.run()
        stdin.fileHandleForWriting.write(Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        let errors = stderr.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: output, as: UTF8.self), String(decoding: errors, as: UTF8.self)
        )
    }

    private func nestbox(_ arguments: String..., input: String = "") throws -> (
        status: Int32, output: String, errors: String
    ) {
        let products = try #require(Service.products)
        let rest = arguments.drop { $0 != "--" }
        return try run(
            products + "/nestbox",
            ["workspace"] + arguments.prefix { $0 != "--" } + ["--server", service.url] + rest, input: input)
    }

    @Test("a folder goes up, a command runs, its files come down", .timeLimit(.minutes(2)))
    func project() throws {
        let made = try nestbox("create", "--name", "by command", "--env", "WHO=you")
        let id = made.output.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        #expect(made.status == 0 && id.count == 20, "\(made)")
        defer { _ = try? nestbox("delete", id) }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nestbox-cp-\(id)").path
        try FileManager.default.createDirectory(atPath: folder + "/app/sub", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("echo hello $WHO; cat; echo made > out".utf8).write(
            to: URL(fileURLWithPath: folder + "/app/run me.sh"))
        try Data([0, 255, 10]).write(to: URL(fileURLWithPath: folder + "/app/sub/bytes"))
        let up = try nestbox("cp", folder + "/app", "\(id):app")
        #expect(up.status == 0, "\(up)")
        let ran = try nestbox("exec", id, "--cwd", "app", "--", "sh", "run me.sh", input: "typed")
        #expect(ran.status == 0 && ran.output == "hello you\ntyped", "\(ran)")
        let failed = try nestbox("exec", id, "--", "echo no >&2; exit 7")
        #expect(failed.status == 7 && failed.output == "" && failed.errors == "no\n", "\(failed)")
        let killed = try nestbox("exec", id, "--", "kill -9 $$")
        #expect(killed.status == 137, "\(killed)")
        let late = try nestbox("exec", id, "--timeout", "1s", "--", "sleep", "100")
        #expect(late.status == 124, "\(late)")
        let down = try nestbox("cp", "\(id):app", folder + "/back")
        #expect(down.status == 0, "\(down)")
        #expect(FileManager.default.contents(atPath: folder + "/back/sub/bytes") == Data([0, 255, 10]))
        #expect(FileManager.default.contents(atPath: folder + "/back/out") == Data("made\n".utf8))
        let listed = try nestbox("list")
        #expect(listed.output.contains(id), "\(listed)")
    }

    @Test("a process in the background is listed, and its log is there", .timeLimit(.minutes(2)))
    func background() throws {
        let id = try nestbox("create").output.trimmingCharacters(in: .newlines)
        defer { _ = try? nestbox("delete", id) }
        let started = try nestbox("exec", id, "--detach", "--name", "worker", "--", "echo begun; exec sleep 1000")
        #expect(started.status == 0 && started.output.hasPrefix("p"), "\(started)")
        let listed = try nestbox("ps", id)
        #expect(listed.output.contains("worker") && listed.output.contains("running"), "\(listed)")
        let end = Date.now.addingTimeInterval(10)
        while try nestbox("logs", id, "worker").output != "begun\n", Date.now < end { usleep(20_000) }
        #expect(try nestbox("logs", id, "worker").output == "begun\n")
        #expect(try nestbox("stop", id).status == 0)
        #expect(try nestbox("exec", id, "--", "true").status == 125)
        #expect(try nestbox("start", id).status == 0)
        #expect(try nestbox("exec", id, "--", "true").status == 0)
    }

    @Test("a terminal: keys go in, the program's status comes out", .timeLimit(.minutes(2)))
    func shell() throws {
        let id = try nestbox("create").output.trimmingCharacters(in: .newlines)
        defer { _ = try? nestbox("delete", id) }
        let products = try #require(Service.products)
        let script = """
            import os, pty, sys, time, select
            pid, terminal = pty.fork()
            if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
            text, sent, end = "", 0, time.monotonic() + 30
            while time.monotonic() < end:
                if select.select([terminal], [], [], 0.1)[0]:
                    try: text += os.read(terminal, 65536).decode(errors="replace")
                    except OSError: break
                if "$ " in text and time.monotonic() - sent > 3:
                    os.write(terminal, b"echo $((6*7)); exit 3\\r")
                    sent = time.monotonic()
            print(text)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """
        let shell = try run(
            "/usr/bin/python3",
            [
                "-c", script, products + "/nestbox", "workspace", "shell", id, "--command", "PS1='$ ' exec sh",
                "--server", service.url,
            ])
        #expect(shell.status == 3 && shell.output.contains("42"), "\(shell)")
        let without = try nestbox("shell", id)
        #expect(without.status == 125 && without.errors.contains("terminal"), "\(without)")
    }

    @Test("a port of a workspace is one of this machine", .timeLimit(.minutes(2)))
    func forward() throws {
        let id = try nestbox("create").output.trimmingCharacters(in: .newlines)
        defer { _ = try? nestbox("delete", id) }
        let server = try nestbox(
            "exec", id, "--detach", "--", "head -c 3000000 /dev/zero >big; exec python3 -m http.server 8000")
        #expect(server.status == 0, "\(server)")
        let products = try #require(Service.products)
        let forward = Process()
        forward.executableURL = URL(fileURLWithPath: products + "/nestbox")
        forward.arguments = ["workspace", "forward", id, "8000", "--listen", "0", "--server", service.url]
        let output = Pipe()
        forward.standardOutput = output
        try forward.run()
        defer {
            forward.terminate()
            forward.waitUntilExit()
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let url = line.trimmingCharacters(in: .newlines)
        #expect(url.hasPrefix("http://127.0.0.1:"), "\(line)")
        let fetched = try run(
            "/usr/bin/curl",
            [
                "-sS", "--retry", "30", "--retry-delay", "1", "--retry-all-errors", "-o", "/dev/null", "-w",
                "%{http_code} %{size_download}", url + "/big",
            ])
        #expect(fetched.output == "200 3000000", "\(fetched)")
        let list = try run("/usr/bin/curl", ["-sS", "--max-time", "10", url + "/"])
        #expect(list.output.contains(">big<"), "\(list)")
    }

    @Test("what is wrong is said", .timeLimit(.minutes(1)))
    func wrong() throws {
        let unknown = try nestbox("exec", String(repeating: "a", count: 20), "--", "true")
        #expect(unknown.status == 125 && unknown.errors.contains("workspace"), "\(unknown)")
        #expect(try nestbox("cp", "a", "b").status == 125)
        #expect(try nestbox("create", "--env", "X").errors.contains("NAME=VALUE"))
        #expect(try nestbox("create", "--image", "no-such-image").status == 125)
    }
}
