import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Life cycle", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct LifeCycleTests {
    @Test("nestboxd has no rights: not root, no capabilities, no new ones, in none of its threads")
    func rights() throws {
        let service = try Service()
        let pid = service.process.processIdentifier
        for thread in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task") {
            let status = try String(contentsOfFile: "/proc/\(pid)/task/\(thread)/status", encoding: .utf8)
            func field(_ name: String) -> String? {
                status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
                    .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
            }
            #expect(field("Uid")?.split(separator: "\t").contains("0") == false)
            #expect(field("Gid")?.split(separator: "\t").contains("0") == false)
            #expect(field("CapEff") == "0000000000000000")
            #expect(field("CapPrm") == "0000000000000000")
            #expect(field("NoNewPrivs") == "1")
        }
    }

    @Test("a warden that dies fails its runs, retryable, and is replaced")
    func wardenDies() throws {
        let service = try Service()
        let socket = try Socket(service)
        socket.send(["type": "execute", "language": "bash", "code": "echo up; sleep 30"])
        _ = try #require(socket.message("output"))
        let warden = try #require(service.wardens().first)
        kill(warden, SIGKILL)
        let error = try #require(socket.message("error"))
        #expect(error["code"] as? String == "WARDEN_UNAVAILABLE")
        #expect(error["retryable"] as? Bool == true)
        #expect(socket.message("finished")?["verdict"] as? String == "internal_error")
        #expect(try service.eventually { try service.request("GET", "/readyz").status == 200 })
        #expect(try service.execute("bash", "echo back").json["stdout"] as? String == "back\n")
        #expect(service.wardens().first != warden)
        #expect(try service.request("GET", "/metrics").text.contains("nestbox_warden_restarts_total 1\n"))
    }

    @Test("an interpreter that cannot be forked: told as unhealthy with its words, and runs start cold")
    func badZygote() throws {
        // It prints a poem.
        let service = try Service(warm: "{mode: fork, language: python, preload: [this]}")
        #expect(
            try service.eventually {
                let ready = try service.request("GET", "/readyz")
                return ready.status == 200 && ready.text.contains("unhealthy: python (python): ")
                    && ready.text.contains("wrote something while it booted; The Zen of Python")
            })
        #expect(service.records.contains("sandboxes cannot be prepared; runs start cold"))
        #expect(service.records.contains("The Zen of Python"))
        let answer = try service.execute("python", "print(6 * 7)").json
        #expect(answer["stdout"] as? String == "42\n")
        #expect(answer["warm"] as? String == "cold")
    }

    @Test("SIGTERM: nobody new, those who run may end, the others are ended and told, status 0")
    func stops() throws {
        let service = try Service(["--shutdown-grace", "2s"])
        let socket = try Socket(service)
        socket.send(["type": "execute", "ref": "short", "language": "bash", "code": "echo up; sleep 1; echo done"])
        socket.send(["type": "execute", "ref": "long", "language": "bash", "code": "echo up; sleep 60"])
        for _ in 0..<2 { _ = try #require(socket.message("output")) }
        service.terminate()
        #expect(try service.eventually { try service.request("GET", "/readyz").status == 503 })
        let refused = try service.execute("bash", "echo x")
        #expect(refused.status == 503)
        #expect(refused.code == "SHUTTING_DOWN")
        var verdicts: [String] = []
        for _ in 0..<2 { verdicts.append(socket.message("finished")?["verdict"] as? String ?? "none") }
        #expect(verdicts == ["ok", "cancelled"])
        #expect(socket.closeCode() == 1001)
        #expect(service.stop() == 0)
    }

    @Test("nothing survives nestboxd, not even when it is killed")
    func killed() throws {
        let service = try Service()
        let socket = try Socket(service)
        socket.send(["type": "execute", "language": "bash", "code": "echo up; sleep 60"])
        _ = try #require(socket.message("output"))
        let wardens = service.wardens()
        #expect(!wardens.isEmpty)
        kill(service.process.processIdentifier, SIGKILL)
        #expect(service.eventually { wardens.allSatisfy { kill($0, 0) != 0 } })
    }

    @Test("keys: needed where asked for, by every door, and runs of others do not exist")
    func keys() throws {
        let directory = NSTemporaryDirectory() + "nestbox-keys-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        chmod(directory, 0o755)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = directory + "/keys.json"
        func nestbox(_ arguments: [String]) throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(Service.products) + "/nestbox")
            process.arguments = arguments
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let mine = try nestbox(["key", "create", "--keys", file, "mine"])
        let theirs = try nestbox(["key", "create", "--keys", file, "theirs"])
        #expect(mine.hasPrefix("nbx_") && mine != theirs)
        let kept = try String(contentsOfFile: file, encoding: .utf8)
        #expect(!kept.contains(mine))
        // Readable for whom nestboxd becomes.
        chmod(file, 0o644)
        let service = try Service(["--auth", "required", "--keys", file])
        func get(_ path: String, _ headers: [String]) throws -> Answer {
            try service.request("GET", path, headers: headers)
        }
        #expect(try get("/healthz", []).status == 200)
        #expect(try get("/", []).status == 200)
        for headers in [
            [], ["Authorization: Bearer nope"], ["X-API-Key: \(mine)x"],
            ["X-API-Key: \(mine)", "X-API-Key: \(theirs)"],
        ] {
            let answer = try get("/api/v1/languages", headers)
            #expect(answer.status == 401 && answer.code == "UNAUTHENTICATED", "\(headers)")
        }
        #expect(try get("/api/v1/languages", ["Authorization: Bearer \(mine)"]).status == 200)
        #expect(try Socket(service).head.hasPrefix("HTTP/1.1 401"))
        let socket = try Socket(service, protocols: "nestbox.v1.json, nestbox.key.\(mine)")
        #expect(socket.isOpen && !socket.head.contains("nestbox.key"))
        socket.send(["type": "execute", "language": "bash", "code": "echo x"])
        let id = try #require(socket.message("finished")?["run_id"] as? String)
        #expect(try get("/api/v1/runs/\(id)", ["X-API-Key: \(mine)"]).status == 200)
        let other = try get("/api/v1/runs/\(id)", ["X-API-Key: \(theirs)"])
        #expect(other.status == 404 && other.code == "RUN_NOT_FOUND")
        let listed = try get("/api/v1/runs", ["X-API-Key: \(theirs)"]).json["runs"] as? [Any]
        #expect(listed?.isEmpty == true)
        let name = try #require(mine.split(separator: "_").dropFirst().first.map(String.init))
        _ = try nestbox(["key", "revoke", "--keys", file, name])
        chmod(file, 0o644)
        #expect(try service.eventually { try get("/api/v1/languages", ["X-API-Key: \(mine)"]).status == 401 })
        #expect(!service.records.contains(mine) && !service.records.contains(theirs))
    }

    @Test("rates: refused requests say when to come again")
    func rates() throws {
        let service = try Service(["--rate-burst", "3", "--rate-per-minute", "60"])
        let answers = try (0..<5).map { _ in try service.request("GET", "/api/v1/languages") }
        #expect(answers.prefix(3).allSatisfy { $0.status == 200 })
        let last = try #require(answers.last)
        #expect(last.status == 429 && last.code == "RATE_LIMITED")
        #expect(last.headers["retry-after"] != nil && last.headers["ratelimit-remaining"] == "0")
        #expect(try service.request("GET", "/healthz").status == 200)
    }

    @Test("wrong settings are all named, and nothing starts")
    func settings() throws {
        do {
            _ = try Service(["--max-body", "many", "--listn", "x", "--auth", "off", "--log-format", "loud"])
            Issue.record("it started")
        } catch {
            let text = "\(error)"
            for word in ["max_body", "--listn", "did you mean", "log_format"] {
                #expect(text.contains(word), "\(text)")
            }
        }
    }
}
