import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Health, shares and logs", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct HealthAndLogTests {
    private static func records(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require(object as? [String: Any], "no JSON: \(line)")
        }
    }

    @Test("a service that nobody uses knows by a test run of its own that runs work, and counts it as nobody's")
    func testRun() throws {
        let service = try Service()
        #expect(
            try service.eventually {
                try service.request("GET", "/api/v1/health").json["seconds_since_success"] is Double
            })
        let health = try service.request("GET", "/api/v1/health")
        #expect(health.status == 200 && health.json["status"] as? String == "ok", "\(health.text)")
        #expect((health.json["checks"] as? [String: String])?.values.allSatisfy { $0 == "ok" } == true)
        #expect(health.json["oldest_queued_seconds"] is NSNull)
        let metrics = try service.request("GET", "/metrics").text
        #expect(metrics.contains("\nnestbox_healthy 1\n") && metrics.contains("\nnestbox_test_runs_total 1\n"))
        #expect(!metrics.contains("\nnestbox_runs_total{"))
        let listed = try service.request("GET", "/api/v1/runs").json["runs"] as? [Any]
        #expect(listed?.isEmpty == true)
    }

    @Test("one address that takes all it can get leaves a place that another one finds at once")
    func shares() throws {
        let service = try Service(["--max-running-runs", "4", "--trusted-proxies", "127.0.0.1"])
        func submit(_ code: String, _ address: String) throws -> Answer {
            try service.request(
                "POST", "/api/v1/runs", body: Service.json(["language": "bash", "code": code]),
                headers: ["X-Forwarded-For: \(address)"])
        }
        for _ in 0..<12 { #expect(try submit("sleep 9", "10.0.0.1").status == 202) }
        #expect(
            try service.eventually {
                (try service.request("GET", "/api/v1/status").json["runs"] as? [String: Int])?["running"] == 3
            })
        let start = ContinuousClock.now
        let victim = try service.request(
            "POST", "/api/v1/execute", body: Service.json(["language": "bash", "code": "echo here"]),
            headers: ["X-Forwarded-For: 10.0.0.2"])
        #expect(victim.json["stdout"] as? String == "here\n", "\(victim.text)")
        #expect(ContinuousClock.now - start < .seconds(5), "no run of the other one had ended by then")
        // The runs of all are everybody's where there are no keys; only the places are shared out by address.
        let runs = try service.request("GET", "/api/v1/runs?limit=100").json["runs"] as? [[String: Any]]
        for run in runs ?? [] {
            _ = try service.request("DELETE", "/api/v1/runs/\(run["run_id"] as? String ?? "")")
        }
    }

    @Test("all that is wrong with a submission is told at once, over every door, by the names the client knows")
    func allMistakes() throws {
        let service = try Service.shared([])
        let body: [String: Any] = [
            "language": "bash", "code": "x", "args": ["a", "b\u{0}"], "env": ["1": "x"], "interactive": "yes",
            "limits": ["wall": "99h", "cpuu": "1s", "memory": "lots"], "artifacts": ["../x"],
            "files": [["name": "ok", "content": ""], ["name": "../x", "content": ""]], "policy": "bash",
        ]
        let fields = [
            "args[1]", "artifacts[0]", "env.1", "files[1].name", "interactive", "limits.cpuu", "limits.memory",
            "limits.wall",
        ]
        for path in ["/api/v1/execute", "/api/v1/execute/stream", "/api/v1/runs"] {
            let answer = try service.request("POST", path, body: Service.json(body))
            #expect(answer.status == 400 && answer.code == "INVALID_REQUEST")
            let details = (answer.json["error"] as? [String: Any])?["details"] as? [String: String]
            #expect(details?.keys.sorted() == fields, "\(answer.text)")
        }
        let socket = try Socket(service)
        socket.send(body.merging(["type": "execute", "ref": "r"]) { first, _ in first })
        let error = try #require(socket.message("error"))
        #expect(error["ref"] as? String == "r")
        #expect((error["details"] as? [String: String])?.keys.sorted() == fields)
    }

    @Test("logs are JSON to the last line, numbers are numbers, and one id joins a request with its run")
    func logs() throws {
        let service = try Service()
        let answer = try service.request(
            "POST", "/api/v1/execute", body: Service.json(["language": "bash", "code": "echo x"]),
            headers: ["X-Request-Id: my-own.1"])
        #expect(answer.headers["x-request-id"] == "my-own.1")
        #expect(answer.json["warm"] is String)
        let run = try #require(answer.json["run_id"] as? String)
        for path in ["/metrics", "/healthz", "/readyz", "/api/v1/status"] {
            let scrape = try service.request("GET", path)
            #expect(scrape.headers["x-request-id"]?.count == 16)
        }
        let socket = try Socket(service)
        socket.send(["type": "execute", "language": "bash", "code": "echo y"])
        _ = try #require(socket.message("finished"))
        // A warden that ends has its say in the same form.
        if let warden = service.wardens().first { kill(warden, SIGTERM) }
        #expect(service.eventually { service.records.contains("the warden is gone") })
        service.stop()
        let records = try Self.records(service.records)
        func record(_ message: String, _ key: String, _ value: String) -> [String: Any]? {
            records.first { $0["message"] as? String == message && $0[key] as? String == value }
        }
        let request = try #require(record("request", "request_id", "my-own.1"))
        #expect(request["label"] as? String == "access" && request["status"] as? Int == 200)
        #expect(request["run_id"] as? String == run && request["duration_ms"] is Double)
        let finished = try #require(record("run finished", "run_id", run))
        #expect(finished["request_id"] as? String == "my-own.1" && finished["address"] as? String == "127.0.0.1")
        #expect(finished["bytes"] as? Int == 2)
        let probes = records.filter { ["/metrics", "/healthz", "/readyz"].contains($0["path"] as? String ?? "") }
        #expect(probes.count >= 3 && probes.allSatisfy { $0["level"] as? String == "debug" })
        let opened = try #require(records.first { $0["message"] as? String == "websocket opened" })
        let id = try #require(opened["request_id"] as? String)
        #expect(record("run finished", "request_id", id) != nil && record("websocket closed", "request_id", id) != nil)
    }

    @Test("the access log is a file of its own, which may be moved away")
    func accessLog() throws {
        let directory = NSTemporaryDirectory() + "nestbox-access-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        chmod(directory, 0o777)
        let path = directory + "/access.log"
        func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        let service = try Service(["--access-log", path])
        _ = try service.request("GET", "/api/v1/languages")
        #expect(service.eventually { text(path).contains("/api/v1/languages") })
        #expect(!service.records.contains("\"access\""))
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        kill(service.process.processIdentifier, SIGHUP)
        #expect(service.eventually { FileManager.default.fileExists(atPath: path) })
        _ = try service.request("GET", "/api/v1/policies")
        #expect(service.eventually { text(path).contains("/api/v1/policies") })
        #expect(!text(path + ".1").contains("/api/v1/policies"))
        _ = try Self.records(text(path) + text(path + ".1"))
    }

    @Test("a service that cannot start says so in JSON where JSON is logged")
    func startFailure() throws {
        do {
            _ = try Service(["--access-log", "/nonexistent/access.log"])
            Issue.record("it started")
        } catch let error as Service.Failed {
            let line = error.description.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? ""
            let record = try #require(try Self.records(line).last)
            #expect(record["level"] as? String == "critical")
            #expect((record["message"] as? String)?.contains("cannot open /nonexistent/access.log") == true)
        }
    }
}
