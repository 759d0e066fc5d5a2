import Foundation
import NestboxClient
import Synchronization
import TestSupport
import Testing

@Suite(
    "Swift client and nestbox run --server", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized
)
struct RemoteTests {
    private let service: Service

    init() throws {
        service = try Service.shared([
            "--rate-burst", "100000", "--max-running-runs", "4", "--rate-per-minute", "100000",
        ])
    }

    private final class Told: Sendable {
        let output = Mutex<[UInt8]>([])
        let prompts = Mutex<[String]>([])
    }

    @Test("a program runs, is answered when it asks, and ends", .timeLimit(.minutes(1)))
    func conversation() async throws {
        let client = try NestboxClient(service.url)
        let told = Told()
        let (commands, send) = AsyncStream.makeStream(of: NestboxControl.self)
        let outcome = try await client.run(
            NestboxProgram(language: "python", code: "print('Hello', input('Name? '))"), commands: commands
        ) { event in
            switch event {
            case .output(let bytes, isError: false): told.output.withLock { $0 += bytes }
            case .inputRequest(let prompt):
                told.prompts.withLock { $0.append(prompt) }
                send.yield(.input(Array("Ada\n".utf8)))
            default: break
            }
        }
        #expect(told.prompts.withLock { $0 } == ["Name? "])
        #expect(told.output.withLock { String(decoding: $0, as: UTF8.self) } == "Name? Hello Ada\n")
        #expect(outcome.verdict == "ok" && outcome.exitCode == 0)
    }

    @Test("with compression the output is the same", .timeLimit(.minutes(1)))
    func compression() async throws {
        let client = try NestboxClient(service.url, compression: true)
        let told = Told()
        let outcome = try await client.run(
            NestboxProgram(language: "bash", code: "for i in {1..2000}; do echo All work and no play; done")
        ) { event in
            if case .output(let bytes, _) = event { told.output.withLock { $0 += bytes } }
        }
        #expect(outcome.verdict == "ok")
        let wanted = String(repeating: "All work and no play\n", count: 2000)
        #expect(told.output.withLock { String(decoding: $0, as: UTF8.self) } == wanted)
    }

    @Test("a run is cancelled, a wrong one refused, and a service that is not there is told", .timeLimit(.minutes(1)))
    func failures() async throws {
        let client = try NestboxClient(service.url)
        let (commands, send) = AsyncStream.makeStream(of: NestboxControl.self)
        let outcome = try await client.run(
            NestboxProgram(language: "bash", code: "while :; do :; done"), commands: commands
        ) { event in
            if case .started = event { send.yield(.cancel) }
        }
        #expect(outcome.verdict == "cancelled")
        let refused = await #expect(throws: NestboxError.self) {
            try await client.run(NestboxProgram(language: "nope", code: "x"))
        }
        #expect(refused?.code == "UNKNOWN_LANGUAGE")
        let lost = await #expect(throws: NestboxError.self) {
            try await NestboxClient("http://127.0.0.1:1").run(NestboxProgram(language: "bash", code: "x"))
        }
        #expect(lost?.retryable == true)
        #expect(throws: NestboxError.self) { try NestboxClient("ftp://x") }
    }

    private func nestbox(
        _ arguments: [String], input: String = ""
    ) throws -> (status: Int32, output: String, errors: String) {
        let directory = NSTemporaryDirectory() + "nestbox-remote-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Data(input.utf8).write(to: URL(fileURLWithPath: directory + "/in"))
        try Data("import sys\nsys.stdout.write(sys.stdin.read())\nsys.exit(7)\n".utf8)
            .write(to: URL(fileURLWithPath: directory + "/echo.py"))
        for name in ["out", "err"] {
            try #require(FileManager.default.createFile(atPath: directory + "/" + name, contents: nil))
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Service.products) + "/nestbox")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: directory + "/in"))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: directory + "/out"))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: directory + "/err"))
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus, try String(contentsOfFile: directory + "/out", encoding: .utf8),
            try String(contentsOfFile: directory + "/err", encoding: .utf8)
        )
    }

    @Test("nestbox run --server passes input and output on as they are, and ends as the program did")
    func commandLine() throws {
        let input = (0..<20_000).map { "line \($0)\n" }.joined()
        let run = ["run", "--server", service.url]
        let answer = try nestbox(run + ["--quiet", "--language", "python", "echo.py"], input: input)
        #expect(answer.status == 7)
        #expect(answer.output == input)
        #expect(try nestbox(run + ["--language", "nope", "echo.py"]).status == 125)
        #expect(try nestbox(run + ["--tty", "--language", "python", "echo.py"]).status == 125)
    }

    @Test("nestbox pool list prints a row for each pool, or all of them as JSON")
    func pools() throws {
        let table = try nestbox(["pool", "list", "--server", service.url])
        #expect(table.status == 0)
        let rows = table.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.first?.prefix(6) == ["IMAGE", "POLICY", "STEP", "WARM", "TARGET", "PARKED"])
        // Here python's sandboxes are made as bash's are, and share their pool.
        #expect(rows.contains { $0.starts(with: ["bash", "bash", "run", "parked"]) }, "\(table.output)")

        let json = try nestbox(["pool", "list", "--json", "--server", service.url + "/"])
        #expect(json.status == 0)
        let pools = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
        #expect(pools?.count == rows.count - 1)
        let bash = try #require(pools?.first { $0["image"] as? String == "bash" })
        #expect(bash["step"] as? String == "run")
        #expect(bash["hits"] is Int && bash["build_ms"] is Double)
    }

    @Test("nestbox pool list says which service it could not reach, and ends with 125")
    func noPools() throws {
        let lost = try nestbox(["pool", "list", "--server", "http://127.0.0.1:1"])
        #expect(lost.status == 125)
        #expect(lost.output == "" && lost.errors.contains("127.0.0.1:1"), "\(lost.errors)")
        let json = try nestbox(["pool", "list", "--json", "--server", "http://127.0.0.1:1"])
        #expect(json.status == 125)
        #expect(
            json.output.contains("\"CONNECTION_LOST\"") && json.output.contains("\"retryable\":true"), "\(json.output)")
        let wrong = try nestbox(["pool", "list", "--server", "ftp://x"])
        #expect(wrong.status == 125 && wrong.errors.contains("ftp://x"), "\(wrong.errors)")
    }
}
