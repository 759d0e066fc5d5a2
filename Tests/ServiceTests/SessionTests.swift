import Foundation
import TestSupport
import Testing

@Suite("Sessions over REST", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct SessionTests {
    private let service: Service

    init() throws {
        service = try Service.forSessions()
    }

    @Test("cells share an interpreter: variables stay, values and errors are told, and the end is final")
    func cells() throws {
        let session = try service.makeSession()
        #expect(try service.cell(session, "x = 6").json["status"] as? String == "ok")
        let answer = try service.cell(session, "import sys\nprint(x)\nprint('e', file=sys.stderr)\nx * 7")
        #expect(answer.status == 200, "\(answer.text)")
        #expect(outputs(answer).contains("6\n") && outputs(answer).contains("e\n"))
        #expect(repr(answer) == "42")
        #expect((answer.json["result"] as? [String: Any])?["value"] as? Int == 42)
        #expect(answer.json["error"] is NSNull)
        #expect(answer.json["execution_time"] as? Double ?? 0 > 0)
        // Short as it is, it has used something.
        let usage = try #require(answer.json["usage"] as? [String: Any])
        #expect(usage["cpu_ms"] as? Double ?? 0 > 0 && usage["memory_peak_bytes"] as? Int ?? 0 > 1 << 20, "\(usage)")
        let failed = try service.cell(session, "1 / 0")
        #expect(failed.status == 200 && failed.json["status"] as? String == "error")
        let error = try #require(failed.json["error"] as? [String: Any])
        #expect(error["exception"] as? String == "ZeroDivisionError")
        #expect(error["message"] as? String == "division by zero")
        #expect(try service.delete(session).status == 200)
        #expect(
            try service.eventually { try service.get(session).json["state"] as? String == "ended" })
        let end = try service.get(session).json["end"] as? [String: Any]
        #expect(end?["verdict"] as? String == "closed")
        #expect(try service.cell(session, "1").code == "SESSION_ENDED")
    }

    @Test("lists, states, tags, and the history with its numbers in order")
    func lists() throws {
        let session = try service.makeSession(["language": "python", "name": "mine", "tags": ["red", "blue"]])
        defer { _ = try? service.delete(session) }
        _ = try service.cell(session, "print('hi')")
        func listed(_ query: String) throws -> [String] {
            let answer = try service.get("/api/v1/sessions?" + query)
            return (answer.json["sessions"] as? [[String: Any]] ?? []).compactMap { $0["session_id"] as? String }
        }
        let id = String(session.split(separator: "/").last ?? "")
        for query in ["tags=red", "tags=blue,red&days_back=1", "state=idle,busy&tags=red"] {
            #expect(try listed(query).contains(id), "\(query)")
        }
        for query in ["tags=green", "tags=red,green", "state=ended&tags=red"] {
            #expect(try !listed(query).contains(id), "\(query)")
        }
        let answer = try service.get(session + "?history=1")
        let history = try #require(answer.json["history"] as? [[String: Any]])
        #expect(history.compactMap { $0["seq"] as? Int } == Array(1...history.count))
        #expect(history.first?["type"] as? String == "session_created")
        #expect(history.contains { $0["type"] as? String == "output" && $0["data"] as? String == "hi\n" })
        #expect((answer.json["session"] as? [String: Any])?["name"] as? String == "mine")
    }

    @Test("the events of one cell as they happen, of all cells from a number on, and a cell that nobody waits for")
    func streams() throws {
        let session = try service.makeSession()
        defer { _ = try? service.delete(session) }
        let stream = try service.cell(session, "print('a')\n1", ["stream": true])
        #expect(stream.headers["content-type"] == "text/event-stream")
        let kinds = stream.text.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map {
            String($0.dropFirst(7))
        }
        #expect(kinds.first == "execution_started" && kinds.last == "execution_finished", "\(kinds)")
        #expect(kinds.contains("output") && kinds.contains("result"))
        let detached = try service.cell(session, "2", ["detach": true])
        #expect(detached.status == 202)
        let execution = try #require(detached.json["execution_id"] as? String)
        #expect(
            try service.eventually {
                let answer = try service.get(session + "?history=1")
                return (answer.json["history"] as? [[String: Any]] ?? []).contains {
                    $0["type"] as? String == "execution_finished" && $0["execution_id"] as? String == execution
                }
            })
    }

    @Test("Ctrl-C, a limit of one cell, and an interpreter that begins anew")
    func interruption() throws {
        let session = try service.makeSession()
        defer { _ = try? service.delete(session) }
        _ = try service.cell(session, "kept = 1")
        #expect(try service.post(session + "/interrupt", [:]).json["interrupted"] as? Bool == false)
        // What is behind it in the queue is wanted all the same.
        _ = try service.cell(session, "import time\ntime.sleep(60)", ["detach": true, "stop_on_error": false])
        #expect(
            try service.eventually { try service.get(session).json["state"] as? String == "busy" })
        // A body is not needed.
        let answer = try service.request(
            "POST", session + "/interrupt", body: nil as String?, headers: ["Content-Length: 0"])
        #expect(answer.json["interrupted"] as? Bool == true, "\(answer.text)")
        #expect(repr(try service.cell(session, "kept")) == "1")
        let limited = try service.cell(session, "while True: pass", ["limits": ["wall": "300ms"]])
        #expect(limited.json["status"] as? String == "limit", "\(limited.text)")
        #expect((limited.json["limit"] as? [String: Any])?["name"] as? String == "wall")
        #expect(repr(try service.cell(session, "kept")) == "1")
        #expect(try service.post(session + "/restart", [:]).status == 202)
        let gone = try service.cell(session, "kept")
        #expect((gone.json["error"] as? [String: Any])?["exception"] as? String == "NameError", "\(gone.text)")
    }

    @Test("a checkpoint brings back variables and files, and says how; so does a transaction")
    func checkpoints() throws {
        let session = try service.makeSession()
        defer { _ = try? service.delete(session) }
        let second = "n = 2\nopen('f', 'w').write('two')"
        _ = try service.cell(session, "n = 1\nopen('f', 'w').write('one')")
        let made = try service.post(session + "/checkpoints", ["name": "a"])
        #expect(made.status == 201 && made.json["method"] as? String == "fork", "\(made.text)")
        #expect(made.json["checkpoints"] as? [String] == ["a"] && made.json["files"] as? Int == 1)
        _ = try service.cell(session, second)
        _ = try service.request("PUT", session + "/files/more", body: "more")
        let answer = try service.post(session + "/checkpoints/a/restore", [:])
        let restored = try #require(answer.json["restored"] as? [String: Any], "\(answer.text)")
        #expect(restored["method"] as? String == "fork" && (restored["lost"] as? [Any])?.isEmpty == true)
        #expect(answer.json["checkpoint_method"] as? String == "fork" && answer.json["epoch"] as? Int == 2)
        #expect(repr(try service.cell(session, "n")) == "1")
        #expect(try service.get(session + "/files/f").text == "one")
        #expect(try service.get(session + "/files/more").status == 404)
        let failed = try service.cell(session, second + "\n1/0", ["transaction_policy": "rollback_on_failure"])
        #expect(failed.json["status"] as? String == "error", "\(failed.text)")
        #expect(repr(try service.cell(session, "n")) == "1")
        #expect(try service.get(session + "/files/f").text == "one")
        #expect(try service.delete(session + "/checkpoints/a").json["checkpoints"] as? [String] == [])
    }

    @Test("files go up, are listed, come down and are removed; those of another session do not exist")
    func files() throws {
        let session = try service.makeSession()
        defer { _ = try? service.delete(session) }
        _ = try service.cell(session, "1")
        #expect(try service.request("PUT", session + "/files/a/%C3%BC.txt", body: "hallo").status == 204)
        #expect(repr(try service.cell(session, "open('a/ü.txt').read()")) == "'hallo'")
        let list = try service.get(session + "/files")
        let files = list.json["files"] as? [[String: Any]] ?? []
        #expect(
            files.map { $0["path"] as? String } == ["a", "a/ü.txt"] && files.last?["size"] as? Int == 5, "\(list.text)")
        let file = try service.get(session + "/files/a/%C3%BC.txt")
        #expect(file.text == "hallo" && file.headers["content-disposition"]?.hasPrefix("attachment") == true)
        #expect(try service.delete(session + "/files/a").status == 204)
        #expect(try service.delete(session + "/files/a").code == "FILE_NOT_FOUND")
        #expect(try service.get(session + "/files/none").status == 404)
        #expect(try service.request("PUT", session + "/files/a?executable=2", body: "x").code == "INVALID_REQUEST")
        #expect(try service.get(session.dropLast(4) + "0000/files").code == "SESSION_NOT_FOUND")
    }

    @Test("questions about code and variables, and input that carries the token of its request")
    func questions() throws {
        let session = try service.makeSession()
        defer { _ = try? service.delete(session) }
        _ = try service.cell(session, "alphabet = 'abc'")
        let matches = try service.post(session + "/complete", ["code": "alph", "cursor": 4])
        #expect(matches.text.contains("alphabet"), "\(matches.text)")
        let open = try service.post(session + "/is_complete", ["code": "def f():"])
        #expect(open.json["status"] as? String == "incomplete", "\(open.text)")
        #expect(try service.post(session + "/inspect", ["code": "len", "cursor": 3]).json["found"] as? Bool == true)
        #expect(try service.get(session + "/variables").text.contains("alphabet"))
        _ = try service.cell(session, "name = input('Who? ')", ["detach": true])
        var token: String?
        #expect(
            try service.eventually {
                let answer = try service.get(session + "?history=1")
                token =
                    (answer.json["history"] as? [[String: Any]] ?? [])
                    .last { $0["type"] as? String == "input_request" }?["token"] as? String
                return token != nil
            })
        #expect(try service.post(session + "/input", ["token": "i999", "data": "x"]).code == "INPUT_TOKEN_STALE")
        #expect(try service.post(session + "/input", ["token": token ?? "", "data": "Ada"]).status == 204)
        #expect(repr(try service.cell(session, "name")) == "'Ada'")
    }

    @Test("what is wrong with a request is told by field, value and what is allowed")
    func wrongRequests() throws {
        let wrong = try service.post(
            "/api/v1/sessions",
            ["language": 1, "tags": ["a,b"], "on_disconnect": "perhaps", "colour": "red", "session": ["idle": true]])
        #expect(wrong.status == 400 && wrong.code == "INVALID_REQUEST", "\(wrong.text)")
        let details = try #require((wrong.json["error"] as? [String: Any])?["details"] as? [String: String])
        #expect(
            Set(details.keys) == ["language", "tags[0]", "on_disconnect", "colour", "session.idle"], "\(details)")
        #expect(details["on_disconnect"] == "is \"perhaps\", expected is keep or close")
        let without = try service.post("/api/v1/sessions", ["language": "bash"])
        #expect(without.code == "INVALID_REQUEST" && without.text.contains("python"), "\(without.text)")
        #expect(try service.post("/api/v1/sessions", ["language": "pyton"]).code == "UNKNOWN_LANGUAGE")
        let session = try service.makeSession()
        defer { _ = try? service.delete(session) }
        let cell = try service.post(
            session + "/execute", ["limits": ["cpu": "many", "disk": "1MiB"], "stream": true, "detach": true])
        let fields = try #require((cell.json["error"] as? [String: Any])?["details"] as? [String: String])
        #expect(Set(fields.keys) == ["code", "limits.cpu", "limits.disk", "detach"], "\(fields)")
        #expect(try service.cell(session, "1", ["limits": ["wall": "23h"]]).code == "INVALID_LIMIT")
        #expect(try service.cell(session, String(repeating: "#", count: 600_000)).status == 400)
        #expect(try service.post(session + "/checkpoints", ["name": "a/b"]).status == 400)
        #expect(try service.get("/api/v1/sessions?state=alive").status == 400)
        let unknown = "/api/v1/sessions/" + String(repeating: "0", count: 32)
        #expect(try service.get(unknown).code == "SESSION_NOT_FOUND")
        // A page of another origin cannot set a content type without asking first.
        let foreign = try service.request(
            "POST", "/sessions", body: nil as String?, headers: ["Origin: http://evil.example", "Content-Length: 0"])
        #expect(foreign.status == 403 && foreign.code == "ORIGIN_NOT_ALLOWED")
    }
}
