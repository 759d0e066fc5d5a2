import Foundation
import TestSupport
import Testing

@Suite("Sessions in the plain dialect", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct PlainSessionTests {
    private let service: Service

    init() throws {
        service = try Service.forSessions()
    }

    private func open(_ query: String = "", path: String = "/ws") throws -> Socket {
        let socket = try Socket(service, protocols: nil, path: path + query)
        try #require(socket.isOpen, "\(socket.head)")
        return socket
    }

    @Test("connect, execute, read the output up to the result", arguments: ["/ws", "/session"])
    func fullFlow(path: String) throws {
        let socket = try open(path: path)
        guard case .text(let created) = socket.next() else { return #expect(Bool(false), "nothing came") }
        #expect(created["type"] as? String == "session_created")
        #expect((created["session_id"] as? String)?.count == 32)
        socket.send(["type": "execute", "code": "print(\"test\"); 42"])
        var output = ""
        var result: [String: Any]?
        while result == nil, case .text(let message) = socket.next() {
            if message["type"] as? String == "output" { output += message["data"] as? String ?? "" }
            if message["type"] as? String == "result" { result = message }
        }
        #expect(output.contains("test"))
        #expect(result?["repr"] as? String == "42" && result?["value"] as? Int == 42)
        #expect(result?["execution_time"] as? Double ?? 0 > 0)
        // Each cell has one answer, also those without a value, and those that fail.
        socket.send(["type": "execute", "code": "x = 1", "transaction_policy": "commit_always"])
        #expect(socket.message("result")?["value"] is NSNull)
        socket.send(["type": "execute", "code": "1 / 0"])
        let error = try #require(socket.message("error"))
        #expect(error["exception"] as? String == "ZeroDivisionError" && error["traceback"] is [String])
        socket.send(["type": "heartbeat"])
        #expect(socket.message("heartbeat") != nil)
        socket.send(["type": "nothing"])
        #expect(socket.message("error")?["code"] as? String == "INVALID_REQUEST")
        socket.send(text: "{")
        #expect(socket.message("error")?["code"] as? String == "INVALID_JSON")
        socket.send(["type": "close_session"])
        #expect(socket.message("ended")?["verdict"] as? String == "closed")
        #expect(socket.closeCode() == 1000)
    }

    @Test("two sessions wait for input; answers go where their token says, whichever comes first")
    func crosswiseInput() throws {
        let sockets = [try open(), try open()]
        var ids: [String] = []
        var tokens: [String] = []
        for (index, socket) in sockets.enumerated() {
            ids.append(try #require(socket.message("session_created")?["session_id"] as? String))
            socket.send(["type": "execute", "code": "input('S\(index)? ')"])
        }
        for (index, socket) in sockets.enumerated() {
            let request = try #require(socket.message("input_request"))
            #expect(request["prompt"] as? String == "S\(index)? ")
            tokens.append(try #require(request["token"] as? String))
        }
        // Another session cannot be answered over this socket.
        sockets[0].send(["type": "input_response", "session_id": ids[1], "token": tokens[1], "data": "wrong"])
        #expect(sockets[0].message("error")?["code"] as? String == "SESSION_NOT_FOUND")
        for index in [1, 0] {
            sockets[index].send(["type": "input_response", "token": tokens[index], "data": "for \(index)"])
        }
        for (index, socket) in sockets.enumerated() {
            #expect(socket.message("result")?["repr"] as? String == "'for \(index)'")
            socket.send(["type": "close_session"])
        }
    }

    @Test("a client that comes back finds its session, its variables, and the question that waits")
    func reconnection() throws {
        let first = try open()
        let id = try #require(first.message("session_created")?["session_id"] as? String)
        first.send(["type": "execute", "code": "x = 41"])
        #expect(first.message("result") != nil)
        first.send(["type": "execute", "code": "x + int(input('more? '))"])
        let token = try #require(first.message("input_request")?["token"] as? String)
        first.close()
        let second = try open("?session_id=" + id)
        let created = try #require(second.message("session_created"))
        #expect(created["session_id"] as? String == id && created["reconnected"] as? Bool == true)
        #expect(second.message("input_request")?["token"] as? String == token)
        let observer = try open("?mode=observe&session_id=" + id)
        #expect(observer.message("session_created") != nil)
        observer.send(["type": "execute", "code": "x = 0"])
        #expect(observer.message("error")?["code"] as? String == "READ_ONLY")
        second.send(["type": "input_response", "token": token, "data": "1"])
        for socket in [second, observer] { #expect(socket.message("result")?["repr"] as? String == "42") }
        let replay = try open("?mode=observe&from=1&session_id=" + id)
        #expect(replay.message("execution_started")?["code"] as? String == "x = 41")
        second.send(["type": "close_session"])
        #expect(second.closeCode() == 1000)
    }

    @Test("a query that is wrong is told, and the socket closed")
    func queries() throws {
        for (query, code) in [
            ("?colour=red", "INVALID_REQUEST"), ("?session_id=x", "SESSION_NOT_FOUND"),
            ("?mode=rule", "INVALID_REQUEST"), ("?mode=observe", "INVALID_REQUEST"),
            ("?language=nolanguage", "UNKNOWN_LANGUAGE"), ("?language=bash", "INVALID_REQUEST"),
        ] {
            let socket = try open(query)
            #expect(socket.message("error")?["code"] as? String == code, "\(query)")
            #expect(socket.closeCode() == 1008)
        }
    }

    @Test("one cell without a session, cells over HTTP, and the state of the pool")
    func http() throws {
        let once = try service.post("/execute", ["code": "print('hi')\n6 * 7"])
        #expect(once.status == 200 && once.json["outputs"] as? [String] == ["hi\n"], "\(once.text)")
        let result = try #require(once.json["result"] as? [String: Any])
        #expect(
            result["type"] as? String == "result" && result["repr"] as? String == "42" && result["value"] as? Int == 42)
        #expect(once.json["error"] is NSNull)
        let failed = try service.post("/execute", ["code": "1 / 0"])
        #expect((failed.json["error"] as? [String: Any])?["exception"] as? String == "ZeroDivisionError")
        #expect(failed.json["result"] is NSNull)
        #expect(try service.post("/execute", [:]).status == 400)
        let made = try service.request("POST", "/sessions", body: nil as String?, headers: ["Content-Length: 0"])
        let id = try #require(made.json["session_id"] as? String, "\(made.text)")
        #expect(try service.post("/sessions/\(id)/execute", ["code": "y = 1"]).json["result"] is NSNull)
        #expect(
            (try service.post("/sessions/\(id)/execute", ["code": "y"]).json["result"] as? [String: Any])?["repr"]
                as? String == "1")
        let list = try JSONSerialization.jsonObject(with: Data(try service.get("/sessions").body)) as? [[String: Any]]
        #expect(list?.contains { $0["session_id"] as? String == id } == true)
        let health = try service.get("/health")
        #expect(health.status == 200 && health.json["status"] as? String == "healthy", "\(health.text)")
        let pool = try #require(health.json["pool"] as? [String: Int])
        #expect(Set(pool.keys) == ["idle", "active", "total", "max"] && (pool["active"] ?? 0) >= 1)
        #expect(try service.delete("/sessions/\(id)").status == 200)
    }
}
