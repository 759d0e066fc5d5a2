import Foundation
import TestSupport
import Testing

@Suite("Workspaces over REST", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct WorkspaceTests {
    private let service: Service

    init() throws {
        service = try Service.shared(["--rate-burst", "100000", "--rate-per-minute", "100000"])
    }

    @Test("a workspace runs processes, keeps its files over a stop, and is gone when it is deleted")
    func lifeCycle() throws {
        let workspace = try service.makeWorkspace([
            "name": "mine", "tags": ["red"],
            "files": [["path": "src/hello.sh", "content": "echo hello $WHO", "executable": true]],
            "env": ["WHO": "you"],
        ])
        let run = try service.exec(workspace, "sh src/hello.sh; echo err >&2; pwd; exit 3")
        #expect(run.status == 200, "\(run.text)")
        #expect(run.json["stdout"] as? String == "hello you\n/box\n", "\(run.text)")
        #expect(run.json["stderr"] as? String == "err\n" && run.json["exit_code"] as? Int == 3)
        #expect(run.json["signal"] is NSNull && run.json["timed_out"] as? Bool == false)
        #expect(
            try service.exec(workspace, ["sh", "-c", "echo kept > made; mkdir -p a/b; ln -s made link"]).status == 200)
        let shown = try service.get(workspace)
        #expect(shown.json["state"] as? String == "running" && shown.json["name"] as? String == "mine")
        #expect(shown.json["generation"] as? Int == 1 && shown.json["expires_at"] as? Int ?? 0 > 0, "\(shown.text)")

        let stopped = try service.post(workspace + "/stop", [:])
        #expect(stopped.status == 200 && stopped.json["state"] as? String == "stopped", "\(stopped.text)")
        #expect(try service.exec(workspace, "true").code == "WORKSPACE_STOPPED")
        let started = try service.post(workspace + "/start", [:])
        #expect(started.status == 200 && started.json["generation"] as? Int == 2, "\(started.text)")
        let after = try service.exec(workspace, "cat made link; ls -d a/b")
        #expect(after.json["stdout"] as? String == "kept\nkept\na/b\n", "\(after.text)")

        #expect(try service.delete(workspace).status == 204)
        #expect(try service.get(workspace).code == "WORKSPACE_NOT_FOUND")
    }

    @Test("lists tell by state and tag, and an unknown id is not found")
    func lists() throws {
        let workspace = try service.makeWorkspace(["tags": ["listed"], "start": false])
        defer { _ = try? service.delete(workspace) }
        func ids(_ query: String) throws -> [String] {
            (try service.get("/api/v1/workspaces?" + query).json["workspaces"] as? [[String: Any]] ?? [])
                .compactMap { $0["workspace_id"] as? String }
        }
        let id = String(workspace.split(separator: "/").last ?? "")
        #expect(try ids("tags=listed") == [id] && ids("tags=listed&state=stopped") == [id])
        #expect(try ids("tags=listed&state=running").isEmpty)
        #expect(try service.get("/api/v1/workspaces?state=deleted").status == 400)
        for unknown in [String(repeating: "a", count: 20), "x", "%2e%2e"] {
            #expect(try service.get("/api/v1/workspaces/" + unknown).status == 404)
        }
    }

    @Test("bad requests are refused by the names of their fields")
    func badRequests() throws {
        for (body, field) in [
            (["ttl": "9h"], "ttl"), (["idle": "x"], "idle"), (["image": "none"], "image"),
            (["policy": "none"], "policy"), (["template": "none"], "template"),
            (["dependencies": ["manager": "pip"]], "dependencies"),
            (["files": [["path": "../x", "content": ""]]], "files[0].path"),
            (["limits": ["wall": "1s"]], "limits.wall"),
            (["colour": "red"], "colour"),
        ] as [([String: Any], String)] {
            let answer = try service.post("/api/v1/workspaces", body)
            #expect(answer.status == 400 && answer.text.contains("\"\(field)\""), "\(field): \(answer.text)")
        }
        let workspace = try service.makeWorkspace()
        defer { _ = try? service.delete(workspace) }
        for (body, field) in [
            (["command": 7], "command"), ([:], "command"), (["command": "x", "name": "p1"], "name"),
            (["command": "x", "timeout": "0s"], "timeout"), (["command": "x", "restart": "always"], "restart"),
            (["command": "x", "cwd": "../.."], "cwd"), (["command": "x", "stream": true, "detached": true], "stream"),
            (["command": "x", "tty": ["rows": 0, "columns": 1]], "tty.rows"),
        ] as [([String: Any], String)] {
            let answer = try service.post(workspace + "/exec", body)
            #expect(answer.status == 400 && answer.text.contains(field), "\(field): \(answer.text)")
        }
        #expect(try service.exec(workspace, []).status == 400)
        #expect(try service.exec(workspace, ["no-such-program"]).code == "PROCESS_NOT_RUNNING")
        #expect(
            try service.post(workspace + "/exec", ["command": "true", "cwd": "none"]).code == "PROCESS_NOT_RUNNING")
    }

    @Test("named processes: logs, input, signals, restart, and what they are called by")
    func processes() throws {
        let workspace = try service.makeWorkspace()
        defer { _ = try? service.delete(workspace) }
        let started = try service.post(
            workspace + "/exec",
            ["command": "while read line; do echo got $line; done", "detached": true, "name": "echo"])
        #expect(started.status == 202 && started.json["name"] as? String == "echo", "\(started.text)")
        #expect(
            try service.post(workspace + "/exec", ["command": "x", "detached": true, "name": "echo"]).code
                == "PROCESS_EXISTS")
        let process = workspace + "/processes/echo"
        #expect(try service.request("POST", process + "/input", body: "one\ntwo\n").status == 204)
        #expect(try service.eventually { try service.get(process + "/logs").text.contains("got two") })
        #expect(try service.post(process + "/signal", ["signal": "nothing"]).status == 400)
        #expect(try service.post(process + "/signal", ["signal": "TERM"]).status == 200)
        #expect(try service.eventually { try service.get(process).json["state"] as? String == "exited" })
        #expect(try service.get(process).json["signal"] as? String == "TERM")
        #expect(try service.request("POST", process + "/input", body: "x").code == "STDIN_CLOSED")
        #expect(try service.delete(process).status == 204 && service.get(process).code == "PROCESS_NOT_FOUND")

        let again = try service.post(
            workspace + "/exec",
            [
                "command": "echo x >> times; wc -l < times; exit 1", "detached": true, "name": "again",
                "restart": "on_failure",
            ])
        #expect(again.status == 202)
        #expect(
            try service.eventually {
                try service.get(workspace + "/processes/again").json["restarts"] as? Int ?? 0 >= 2
            })
        #expect(try service.delete(workspace + "/processes/again").status == 204)
        #expect(
            try service.eventually {
                ["exited", "failed"].contains(try service.get(workspace + "/processes/again").json["state"] as? String)
            })
    }

    @Test("a process is ended when its time is over, with all that it has started")
    func timeout() throws {
        let workspace = try service.makeWorkspace()
        defer { _ = try? service.delete(workspace) }
        let late = try service.post(workspace + "/exec", ["command": "sleep 100 & sleep 100", "timeout": "300ms"])
        #expect(late.status == 200 && late.json["timed_out"] as? Bool == true, "\(late.text)")
        #expect(late.json["signal"] as? String == "KILL")
        let left = try service.exec(workspace, "ps ax 2>/dev/null | grep -c '[s]leep 100'; true")
        #expect(left.json["stdout"] as? String != "2\n", "\(left.text)")
    }

    @Test("several terminals of one process: bytes both ways, a size, the replay, the end")
    func terminal() throws {
        let workspace = try service.makeWorkspace()
        defer { _ = try? service.delete(workspace) }
        let shell = try service.post(
            workspace + "/exec",
            ["command": ["sh"], "tty": ["rows": 30, "columns": 90], "detached": true, "name": "shell"])
        #expect(shell.status == 202 && shell.json["tty"] as? Bool == true, "\(shell.text)")
        let path = workspace + "/processes/shell/socket"
        let first = try Socket(service, protocols: "nestbox.terminal.v1", path: path)
        #expect(first.isOpen, "\(first.head)")
        func text(_ socket: Socket, until mark: String) -> String {
            var text = ""
            while !text.contains(mark) {
                switch socket.next(seconds: 10) {
                case .binary(let bytes): text += String(decoding: bytes, as: UTF8.self)
                case .text, .pong: continue
                case .close, .end: return text
                }
            }
            return text
        }
        first.send(binary: Array("stty size; echo do''ne\n".utf8))
        #expect(text(first, until: "done").contains("30 90"))
        first.send(["type": "resize", "rows": 50, "columns": 120])
        first.send(binary: Array("stty size; echo ag''ain\n".utf8))
        #expect(text(first, until: "again").contains("50 120"))
        first.send(["type": "nothing"])
        #expect(first.message("error")?["code"] as? String == "INVALID_REQUEST")
        let second = try Socket(service, protocols: "nestbox.terminal.v1", path: path)
        #expect(text(second, until: "again").contains("30 90"), "what was there before")
        second.send(binary: Array("exit 5\n".utf8))
        #expect(first.message("exit")?["exit_code"] as? Int == 5)
        #expect(second.message("exit")?["exit_code"] as? Int == 5)
        let stranger = String(workspace.dropLast(4)) + "aaaa"
        let none = try Socket(service, protocols: "nestbox.terminal.v1", path: stranger + "/processes/shell/socket")
        #expect(none.message("error")?["code"] as? String == "WORKSPACE_NOT_FOUND")
    }

    @Test("a service that is told to end stores its workspaces; one that is killed leaves what was stored")
    func restart() throws {
        let folder = NSTemporaryDirectory() + "nestbox-workspaces-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var workspace = ""
        do {
            let service = try Service(["--workspace-store", folder])
            workspace = try service.makeWorkspace(["name": "kept"])
            _ = try service.exec(workspace, "echo first > file")
            #expect(service.stop() == 0)
        }
        do {
            let service = try Service(["--workspace-store", folder])
            #expect(try service.get(workspace).json["state"] as? String == "stopped")
            #expect(try service.post(workspace + "/start", [:]).status == 200)
            #expect(try service.get(workspace + "/files/file").text == "first\n")
            _ = try service.exec(workspace, "echo second > file")
            kill(service.process.processIdentifier, SIGKILL)
            #expect(service.eventually { !service.process.isRunning })
        }
        let service = try Service(["--workspace-store", folder])
        #expect(try service.post(workspace + "/start", [:]).status == 200)
        #expect(try service.get(workspace + "/files/file").text == "first\n")
        #expect(try service.get(workspace).json["name"] as? String == "kept")
        #expect(try service.delete(workspace).status == 204)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test("the other path of exec, and a label that comes back")
    func plain() throws {
        let workspace = try service.makeWorkspace()
        defer { _ = try? service.delete(workspace) }
        let id = workspace.split(separator: "/").last ?? ""
        let answer = try service.post("/api/workspaces/\(id)/exec", ["command": "echo hi", "metrics": "run-7"])
        #expect(answer.json["stdout"] as? String == "hi\n" && answer.json["metrics"] as? String == "run-7")
        #expect(try service.post(workspace + "/exec", ["command": "true", "metrics": false]).json["usage"] == nil)
    }

    @Test("a port that a server opens is told, and is gone with the server")
    func ports() throws {
        let workspace = try service.makeWorkspace()
        defer { _ = try? service.delete(workspace) }
        let server = try service.post(
            workspace + "/exec",
            ["command": ["python3", "-m", "http.server", "8123"], "detached": true, "name": "web"])
        #expect(server.status == 202)
        #expect(try service.eventually { try service.get(workspace).json["ports"] as? [Int] == [8123] })
        #expect(try service.delete(workspace + "/processes/web").status == 204)
        #expect(try service.eventually { try service.get(workspace).json["ports"] as? [Int] == [] })
    }

    @Test("a process that ignores TERM does not hold up a stop, and what it wrote is stored")
    func stubborn() throws {
        let workspace = try service.makeWorkspace()
        defer { _ = try? service.delete(workspace) }
        let process = try service.post(
            workspace + "/exec",
            [
                "command": "trap '' TERM; echo here > file; while :; do sleep 1; done", "detached": true,
                "name": "stubborn",
            ])
        #expect(process.status == 202)
        #expect(try service.eventually { try service.get(workspace + "/files/file").text == "here\n" })
        let begun = ContinuousClock.now
        #expect(try service.post(workspace + "/stop", [:]).json["state"] as? String == "stopped")
        #expect(ContinuousClock.now - begun < .seconds(10))
        #expect(try service.post(workspace + "/start", [:]).status == 200)
        #expect(try service.get(workspace + "/files/file").text == "here\n")
        #expect((try service.get(workspace + "/processes").json["processes"] as? [Any])?.isEmpty == true)
    }

    @Test("a duplicate has the files as they are, and goes its own way")
    func duplicate() throws {
        let workspace = try service.makeWorkspace(["files": [["path": "x", "content": "1"]]])
        defer { _ = try? service.delete(workspace) }
        let made = try service.post(workspace + "/duplicate", ["name": "copy"])
        #expect(made.status == 201, "\(made.text)")
        let copy = "/api/v1/workspaces/" + (made.json["workspace_id"] as? String ?? "")
        defer { _ = try? service.delete(copy) }
        #expect(made.json["name"] as? String == "copy" && made.json["state"] as? String == "running")
        _ = try service.exec(copy, "echo 2 > x")
        #expect(try service.get(workspace + "/files/x").text == "1" && service.get(copy + "/files/x").text == "2\n")
    }

    @Test("a stream tells what a process writes and how it ends; the events tell what happened, in order")
    func streams() throws {
        let workspace = try service.makeWorkspace()
        defer { _ = try? service.delete(workspace) }
        let stream = try service.post(
            workspace + "/exec", ["command": "echo out; echo err >&2; exit 4", "stream": true])
        #expect(stream.status == 200 && stream.headers["content-type"] == "text/event-stream")
        for part in ["event: started", "event: stdout", "out\\n", "event: stderr", "event: exit", "\"exit_code\":4"] {
            #expect(stream.text.contains(part), "\(part) is missing in \(stream.text)")
        }
    }
}

extension Service {
    /// Makes a workspace and returns its path.
    func makeWorkspace(_ body: [String: Any] = [:]) throws -> String {
        let answer = try request("POST", "/api/v1/workspaces", body: Self.json(body))
        try #require(answer.status == 201, "\(answer.text)")
        let id = try #require(answer.json["workspace_id"] as? String)
        try #require(answer.headers["location"] == "/api/v1/workspaces/\(id)")
        return "/api/v1/workspaces/\(id)"
    }

    /// Runs a command and waits for its end.
    func exec(_ workspace: String, _ command: Any) throws -> Answer {
        try post(workspace + "/exec", ["command": command])
    }
}
