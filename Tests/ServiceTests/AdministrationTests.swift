import Foundation
import Glibc
import TestSupport
import Testing

/// What administrators see and end, and the record of it.
@Suite("Administration", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct AdministrationTests {
    /// A directory that the user of a service may write in; gone with its owner.
    private final class Folder {
        let path = NSTemporaryDirectory() + "nestbox-admin-" + UUID().uuidString
        var log: String { path + "/audit.jsonl" }
        private var isMounted = false

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            chmod(path, 0o777)
        }

        /// Gives it a disk of its own, which is soon full.
        func mount() throws {
            let result = try Promtool.execute(
                "/bin/mount", ["-t", "tmpfs", "-o", "size=32k,mode=777", "none", path])
            try #require(result.status == 0, "\(result.output)")
            isMounted = true
        }

        deinit {
            if isMounted { umount2(path, Int32(MNT_DETACH)) }
            try? FileManager.default.removeItem(atPath: path)
        }

        func records() -> [[String: Any]] {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").compactMap {
                (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
            }
        }
    }

    private static func nestbox(_ arguments: [String]) throws -> (status: Int32, output: String) {
        try Promtool.execute(try #require(Service.products) + "/nestbox", arguments)
    }

    private static func submit(_ service: Service, _ code: String = "sleep 50") throws -> String {
        let answer = try service.request(
            "POST", "/api/v1/runs", body: Service.json(["language": "bash", "code": code]))
        return try #require(answer.json["run_id"] as? String, "\(answer.text)")
    }

    private static func overview(_ service: Service) throws -> [String: Any] {
        let answer = try service.request("GET", "/api/v1/admin/overview")
        try #require(answer.status == 200, "\(answer.text)")
        return answer.json
    }

    @Test("live runs and sessions are seen and ended, each with two records; the chain verifies, also after kill -9")
    func actions() throws {
        let folder = try Folder()
        let settings = ["--audit-log", folder.log, "--max-running-runs", "2"]
        do {
            let service = try Service(settings)
            let id = try Self.submit(service)
            #expect(
                try service.eventually {
                    let runs = try Self.overview(service)["runs"] as? [[String: Any]] ?? []
                    return runs.contains {
                        $0["run_id"] as? String == id && $0["stage"] as? String == "running"
                            && $0["address"] as? String == "127.0.0.1"
                    }
                })
            let top = try Self.nestbox(["top", "--server", service.url])
            #expect(
                top.status == 0 && top.output.contains(id.prefix(12)) && top.output.contains("1/2"), "\(top.output)")
            #expect(try service.request("DELETE", "/api/v1/admin/runs/\(id)").status == 202)
            #expect(
                try service.eventually {
                    let result = try service.request("GET", "/api/v1/runs/\(id)").json["result"] as? [String: Any]
                    return result?["verdict"] as? String == "cancelled"
                })
            let recent = try Self.overview(service)["recent"] as? [[String: Any]] ?? []
            #expect(recent.contains { $0["run_id"] as? String == id && $0["verdict"] as? String == "cancelled" })
            let session =
                try service.request(
                    "POST", "/api/v1/sessions", body: Service.json(["language": "python"])
                ).json["session_id"] as? String
            #expect(try service.request("DELETE", "/api/v1/admin/sessions/\(session ?? "")").status == 202)
            for path in ["runs/\(id)", "runs/x", "sessions/\(session ?? "")"] {
                #expect(
                    try service.eventually { try service.request("DELETE", "/api/v1/admin/\(path)").status == 404 },
                    "\(path)")
            }
            kill(service.process.processIdentifier, SIGKILL)
            service.process.waitUntilExit()
        }
        let actions = folder.records().map { "\($0["action"] ?? "") \($0["outcome"] ?? "")" }
        // A session takes a moment to end, and may be asked to twice.
        #expect(
            actions.prefix(5) == [
                "audit.opened done", "run.kill attempted", "run.kill done", "session.end attempted", "session.end done",
            ])
        #expect(folder.records()[1]["actor"] as? String == "anyone")
        // As after a failure of the power: the last line is cut.
        let text = try String(contentsOfFile: folder.log, encoding: .utf8)
        truncate(folder.log, text.utf8.count - 20)
        #expect(try Self.nestbox(["audit", "verify", folder.log]).status == 1)
        let service = try Service(settings)
        service.stop()
        let verified = try Self.nestbox(["audit", "verify", folder.log])
        // One less, and two that say so.
        let whole = "\(actions.count + 1) records, seq 1 to \(actions.count + 1)"
        #expect(verified.status == 0 && verified.output.hasPrefix(whole), "\(verified.output)")
        let changed = try String(contentsOfFile: folder.log, encoding: .utf8).replacing("run.kill", with: "run.keep")
        try Data(changed.utf8).write(to: URL(fileURLWithPath: folder.log))
        let refused = try Self.nestbox(["audit", "verify", folder.log])
        #expect(refused.status == 1 && refused.output.contains("audit.jsonl:2:"), "\(refused.output)")
    }

    @Test("a full disk refuses actions and nothing else; health says so, and it goes on when there is room")
    func fullDisk() throws {
        let folder = try Folder()
        try folder.mount()
        let service = try Service(["--audit-log", folder.log])
        let id = try Self.submit(service)
        // The filler takes what is left.
        try Data(repeating: 0, count: 4096).write(to: URL(fileURLWithPath: folder.path + "/filler"))
        let filler = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/filler"))
        for _ in 0..<64 { try? filler.write(contentsOf: Data(repeating: 0, count: 4096)) }
        var refused: Answer?
        // What is left of the last page of the log has room for some records.
        for number in 0..<40 {
            let answer = try service.request(
                "POST", "/api/v1/admin/drain", body: Service.json(["draining": number % 2 == 1]))
            if answer.status == 503 { refused = answer }
            if refused != nil { break }
        }
        #expect(refused?.code == "AUDIT_UNAVAILABLE", "\(refused?.text ?? "no action was refused")")
        #expect(try service.request("DELETE", "/api/v1/admin/runs/\(id)").code == "AUDIT_UNAVAILABLE")
        #expect(try service.request("GET", "/api/v1/runs/\(id)").json["state"] as? String == "running")
        let health = try service.request("GET", "/api/v1/health")
        let isDraining = try Self.overview(service)["draining"] as? Bool == true
        #expect(health.status == 200 || isDraining)
        #expect((health.json["checks"] as? [String: String])?["audit"] != "ok", "\(health.text)")
        #expect(try service.request("GET", "/metrics").text.contains("\nnestbox_audit_healthy 0\n"))
        try FileManager.default.removeItem(atPath: folder.path + "/filler")
        try filler.close()
        #expect(
            try service.eventually {
                let checks = try service.request("GET", "/api/v1/health").json["checks"] as? [String: String]
                return checks?["audit"] == "ok"
            })
        _ = try service.request("POST", "/api/v1/admin/drain", body: Service.json(["draining": false]))
        #expect(try service.execute("bash", "echo 42").json["stdout"] as? String == "42\n")
        #expect(try service.request("DELETE", "/api/v1/admin/runs/\(id)").status == 202)
        service.stop()
        let verified = try Self.nestbox(["audit", "verify", folder.log])
        #expect(verified.status == 0, "\(verified.output)")
        #expect(folder.records().contains { $0["action"] as? String == "audit.resumed" })
    }

    @Test("a service that drains accepts nothing, finishes what it has, and accepts again")
    func drain() throws {
        let service = try Service([])
        let id = try Self.submit(service, "sleep 1; echo done")
        func drain(_ body: String) throws -> Answer {
            try service.request("POST", "/api/v1/admin/drain", body: body)
        }
        for body in ["", "{}", "[]", "{\"draining\":1}", "{\"draining\":true,\"x\":1}", "{\"draining\":true"] {
            #expect(try drain(body).status == 400, "\(body)")
        }
        #expect(try drain("{\"draining\": true}").json["draining"] as? Bool == true)
        #expect(try service.execute("bash", "echo x").code == "SHUTTING_DOWN")
        let session = try service.request("POST", "/api/v1/sessions", body: Service.json(["language": "python"]))
        #expect(session.code == "SHUTTING_DOWN")
        #expect(try service.request("GET", "/readyz").status == 503)
        #expect(
            try service.eventually {
                let result = try service.request("GET", "/api/v1/runs/\(id)").json["result"] as? [String: Any]
                return result?["stdout"] as? String == "done\n"
            })
        #expect(try drain("{\"draining\": false}").status == 200)
        #expect(try service.execute("bash", "echo x").status == 200)
        #expect(try service.request("GET", "/readyz").status == 200)
    }

    @Test("callers from elsewhere, foreign pages and wrong keys are no administrators; refused keys are recorded")
    func access() throws {
        let open = try Service(["--trusted-proxies", "127.0.0.1"])
        let elsewhere = ["X-Forwarded-For: 192.0.2.1"]
        #expect(try open.request("GET", "/api/v1/admin/overview", headers: elsewhere).status == 404)
        #expect(
            try open.request(
                "POST", "/api/v1/admin/drain", body: "{\"draining\": true}", headers: elsewhere
            ).status == 404)
        #expect(
            try open.request(
                "POST", "/api/v1/admin/drain", body: "{\"draining\": true}", headers: ["Origin: https://example.org"]
            ).code == "ORIGIN_NOT_ALLOWED")
        open.stop()
        let folder = try Folder()
        let service = try Service(["--auth", "required", "--audit-log", folder.log])
        let key = "nbx_abcdefgh_" + String(repeating: "A", count: 43)
        for _ in 0..<3 {
            let answer = try service.request(
                "GET", "/api/v1/admin/overview", headers: ["Authorization: Bearer \(key)"])
            #expect(answer.status == 401)
        }
        #expect(try service.request("GET", "/api/v1/admin/overview").status == 401)
        #expect(service.eventually { folder.records().count { $0["action"] as? String == "key.refused" } == 3 })
        let record = folder.records().first { $0["action"] as? String == "key.refused" }
        #expect(record?["actor"] as? String == "key:abcdefgh" && record?["address"] as? String == "127.0.0.1")
        let text = try String(contentsOfFile: folder.log, encoding: .utf8)
        #expect(!text.contains(String(repeating: "A", count: 43)), "a key is in the log")
    }

    @Test("a log that is moved away is continued in a new file on SIGHUP, and both verify as one")
    func rotation() throws {
        let folder = try Folder()
        let service = try Service(["--audit-log", folder.log, "--audit-sync", "second"])
        try FileManager.default.moveItem(atPath: folder.log, toPath: folder.log + ".1")
        kill(service.process.processIdentifier, SIGHUP)
        #expect(service.eventually { !folder.records().isEmpty })
        service.stop()
        let verified = try Self.nestbox(["audit", "verify", folder.log + ".1", folder.log])
        #expect(verified.status == 0 && verified.output.contains("seq 1 to"), "\(verified.output)")
    }

    @Test(
        "nestbox top is live at a terminal: it shows a run, ends it, and leaves the terminal as it was",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux"), "needs tmux"))
    func terminal() throws {
        let service = try Service([])
        let id = try Self.submit(service)
        let socket = "nestbox-top-\(getpid())"
        func tmux(_ arguments: [String]) throws -> String {
            try FinishedProgram.run(["/usr/bin/tmux", "-L", socket] + arguments).stdout
        }
        defer { _ = try? tmux(["kill-server"]) }
        // Not as the others: tmux's server keeps what Foundation waits for the end of.
        let start = ["/usr/bin/tmux", "-L", socket, "-f", "/dev/null", "new-session", "-d", "-x", "110", "-y", "20"]
        try Child(start + ["/bin/sh"]).wait()
        let command = try #require(Service.products) + "/nestbox top --interval 0.2 --server \(service.url)"
        _ = try tmux(["send-keys", "echo before; \(command); echo after=$?", "Enter"])
        func screen() throws -> String { try tmux(["capture-pane", "-p"]) }
        func expect(_ text: some StringProtocol, _ isThere: Bool = true) throws {
            let found = try service.eventually { try screen().contains(text) == isThere }
            let now = try screen()
            #expect(found, "\(text): \(now)")
        }
        try expect(id.prefix(12))
        _ = try tmux(["send-keys", "2"])
        try expect("[2 sessions]")
        _ = try tmux(["resize-window", "-x", "60", "-y", "12"])
        _ = try tmux(["send-keys", "1"])
        try expect(id.prefix(12))
        #expect(try screen().split(separator: "\n").allSatisfy { $0.count <= 60 })
        _ = try tmux(["send-keys", "k"])
        try expect("y ends it")
        _ = try tmux(["send-keys", "y"])
        try expect(id.prefix(12), false)
        #expect(try service.request("GET", "/api/v1/runs/\(id)").json["state"] as? String == "finished")
        _ = try tmux(["send-keys", "q"])
        try expect("after=0")
        #expect(try screen().contains("before"))
    }
}
