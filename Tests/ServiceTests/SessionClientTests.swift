import Foundation
import TestSupport
import Testing

/// Clients of sessions that come in numbers, and that are gone at any moment.
@Suite("Clients of sessions", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct SessionClientTests {
    private let service: Service

    init() throws {
        service = try Service.forSessions()
    }

    @Test("one socket follows sixteen sessions and no more; each answers for itself")
    func manySessions() throws {
        let socket = try Socket(service)
        var ids: [String] = []
        for number in 1...16 {
            socket.send(["type": "create_session", "language": "python", "ref": "s\(number)"])
            ids.append(try #require(socket.message("attached")?["session_id"] as? String))
        }
        socket.send(["type": "create_session", "language": "python", "ref": "more"])
        let error = try #require(socket.message("error"))
        #expect(error["code"] as? String == "TOO_MANY_SESSIONS" && error["ref"] as? String == "more", "\(error)")
        for (number, id) in ids.enumerated() {
            socket.send(["type": "execute", "session_id": id, "code": "\(number)"])
        }
        var results: [String: String] = [:]
        while results.count < 16, let result = socket.message("result") {
            results[result["session_id"] as? String ?? ""] = result["repr"] as? String
        }
        #expect(ids.enumerated().allSatisfy { results[$1] == "\($0)" }, "\(results)")
        // The one that could not be attached to was not left behind.
        let living = try service.get("/api/v1/sessions?state=starting,idle,busy").json["sessions"] as? [[String: Any]]
        #expect(Set((living ?? []).compactMap { $0["session_id"] as? String }).intersection(ids).count == 16)
        for id in ids { socket.send(["type": "close_session", "session_id": id]) }
        for _ in ids { #expect(socket.message("ended") != nil) }
    }

    @Test("three clients of one session: one controls, two look on, and all see the same events")
    func threeClients() throws {
        let sockets = try (0..<3).map { _ in try Socket(service) }
        sockets[0].send(["type": "create_session", "language": "python"])
        let id = try #require(sockets[0].message("attached")?["session_id"] as? String)
        for socket in sockets[1...] {
            socket.send(["type": "attach_session", "session_id": id, "mode": "observe"])
            #expect(socket.message("attached")?["mode"] as? String == "observe")
        }
        sockets[0].send(["type": "execute", "session_id": id, "code": "print('a'); input('? ')"])
        let token = try #require(sockets[1].message("input_request")?["token"] as? String)
        sockets[2].send(["type": "input_response", "session_id": id, "token": token, "data": "forged"])
        #expect(sockets[2].message("error")?["code"] as? String == "READ_ONLY")
        // The second one takes over, and everybody hears of it.
        sockets[1].send(["type": "detach_session", "session_id": id])
        #expect(sockets[1].message("detached") != nil)
        sockets[1].send(["type": "attach_session", "session_id": id, "take_over": true])
        #expect(sockets[1].message("attached")?["mode"] as? String == "control")
        #expect(sockets[0].message("taken_over")?["session_id"] as? String == id)
        sockets[1].send(["type": "input_response", "session_id": id, "token": token, "data": "true"])
        for socket in sockets { #expect(socket.message("result")?["repr"] as? String == "'true'") }
        sockets[1].send(["type": "close_session", "session_id": id])
        for socket in sockets { #expect(socket.message("ended")?["session_id"] as? String == id) }
        let history = try service.get("/api/v1/sessions/\(id)?history=1").json["history"] as? [[String: Any]]
        let numbers = (history ?? []).compactMap { $0["seq"] as? Int }
        #expect(numbers == Array(1...max(numbers.count, 1)) && numbers.count > 8)
    }

    /// Whatever it has just been told, a client that is gone takes nothing with it.
    @Test(
        "a client is killed at each kind of event, and the next one finds the session as it was",
        arguments: [
            "attached", "session_created", "state", "execution_started", "output", "display", "clear", "input_request",
            "input_received", "result", "error", "execution_finished", "checkpoint", "restored", "interrupted",
            "restarted",
        ])
    func killed(event: String) throws {
        let code = """
            import time
            print("out")
            display(1)
            import nestbox
            nestbox.clear_output()
            name = input("? ")
            1 / 0
            """
        let socket = try Socket(service)
        socket.send(["type": "create_session", "language": "python"])
        let attached = try #require(socket.message("attached"))
        let id = try #require(attached["session_id"] as? String)
        if event != "attached" {
            socket.send(["type": "execute", "session_id": id, "code": "x = 41; x"])
            let second = event == "interrupted" ? "while True: pass" : code
            if event != "result" {
                socket.send(["type": "execute", "session_id": id, "code": second, "stop_on_error": false])
            }
            if event == "interrupted" {
                while let started = socket.message("execution_started"), started["execution_id"] as? String != "e2" {}
                socket.send(["type": "interrupt", "session_id": id])
            }
            let isAfter = ["checkpoint", "restored", "restarted"].contains(event)
            if isAfter || ["input_received", "error", "execution_finished"].contains(event) {
                let token = try #require(socket.message("input_request")?["token"] as? String)
                socket.send(["type": "input_response", "session_id": id, "token": token, "data": "Ada"])
            }
            if isAfter {
                while let state = socket.message("state"), state["state"] as? String != "idle" {}
                if event != "restarted" { socket.send(["type": "checkpoint", "session_id": id, "name": "a"]) }
                if event == "restored" {
                    #expect(socket.message("answer") != nil)
                    socket.send(["type": "restore", "session_id": id, "name": "a"])
                }
                if event == "restarted" { socket.send(["type": "restart", "session_id": id]) }
            }
            #expect(socket.message(event) != nil)
        }
        socket.wire.reset()

        let next = try Socket(service)
        var mode = ""
        // The connection's end may not have been seen yet.
        for _ in 0..<100 where mode != "control" {
            next.send(["type": "attach_session", "session_id": id, "ref": "again"])
            while mode != "control", case .text(let message) = next.next() {
                if message["type"] as? String == "error" { break }
                mode = message["mode"] as? String ?? mode
            }
            if mode != "control" { usleep(20_000) }
        }
        #expect(mode == "control")
        next.send(["type": "execute", "session_id": id, "code": "'x' in globals()", "stop_on_error": false])
        var last: [String: Any] = [:]
        var sequences: [Int] = []
        while case .text(let message) = next.next() {
            if let sequence = message["seq"] as? Int { sequences.append(sequence) }
            if message["type"] as? String == "result" { last = message }
            // One that was answered before is refused, and nothing else happens.
            if message["type"] as? String == "input_request", let token = message["token"] as? String {
                next.send(["type": "input_response", "session_id": id, "token": token, "data": "Eve"])
            }
            if message["type"] as? String == "execution_finished", message["execution_id"] as? String == "e3" { break }
            if event == "attached" || event == "result", message["type"] as? String == "execution_finished" {
                if message["execution_id"] as? String == (event == "result" ? "e2" : "e1") { break }
            }
        }
        let isThere = event != "attached" && event != "restarted"
        #expect(last["repr"] as? String == (isThere ? "True" : "False"), "\(last)")
        #expect(sequences == Array(1...max(sequences.count, 1)))
        next.send(["type": "close_session", "session_id": id])
        #expect(next.message("ended") != nil)
    }
}
