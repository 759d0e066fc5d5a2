import Foundation
import TestSupport
import Testing

@Suite("Sessions on the socket of runs", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct SessionSocketTests {
    private let service: Service

    init() throws {
        service = try Service.forSessions()
    }

    @Test("a run and two sessions on one socket")
    func multiplexing() throws {
        let socket = try Socket(service)
        var ids: [String] = []
        for ref in ["a", "b"] {
            socket.send(["type": "create_session", "language": "python", "ref": ref, "name": ref])
            let attached = try #require(socket.message("attached"))
            #expect(attached["ref"] as? String == ref && attached["mode"] as? String == "control")
            ids.append(try #require(attached["session_id"] as? String))
        }
        socket.send(["type": "execute", "language": "bash", "code": "echo run", "ref": "r"])
        for (index, id) in ids.enumerated() {
            socket.send(["type": "execute", "session_id": id, "code": "n = \(index)\nn", "ref": "c\(index)"])
        }
        var seen: Set<String> = []
        while seen.count < 5, case .text(let message) = socket.next() {
            switch message["type"] as? String {
            case "accepted": seen.insert("accepted " + (message["ref"] as? String ?? ""))
            case "result":
                let index = ids.firstIndex(of: message["session_id"] as? String ?? "") ?? -1
                #expect(message["repr"] as? String == "\(index)")
                seen.insert("result \(index)")
            default: break
            }
        }
        #expect(seen == ["accepted r", "accepted c0", "accepted c1", "result 0", "result 1"])
        socket.send(["type": "complete", "session_id": ids[0], "code": "prin", "cursor": 4, "ref": "q"])
        let answer = try #require(socket.message("answer"))
        #expect(answer["ref"] as? String == "q" && (answer["answer"] as? [String: Any])?["matches"] is [Any])
        socket.send(["type": "interrupt", "session_id": ids[0], "ref": "i"])
        #expect((socket.message("answer")?["answer"] as? [String: Any])?["interrupted"] as? Bool == false)
        socket.send(["type": "attach_session", "session_id": ids[0]])
        #expect(socket.message("error")?["code"] as? String == "INVALID_REQUEST")
        socket.send(["type": "detach_session", "session_id": ids[0], "ref": "d"])
        #expect(socket.message("detached")?["ref"] as? String == "d")
        for id in ids { socket.send(["type": "close_session", "session_id": id]) }
        #expect(socket.message("ended")?["session_id"] as? String == ids[1])
    }

    @Test("one client controls, others observe, and one of them may take over")
    func observers() throws {
        let (first, second) = (try Socket(service), try Socket(service))
        first.send(["type": "create_session", "language": "python"])
        let id = try #require(first.message("attached")?["session_id"] as? String)
        second.send(["type": "attach_session", "session_id": id])
        #expect(second.message("error")?["code"] as? String == "SESSION_CONTROLLED")
        second.send(["type": "attach_session", "session_id": id, "mode": "observe"])
        #expect(second.message("attached")?["mode"] as? String == "observe")
        second.send(["type": "execute", "session_id": id, "code": "1"])
        #expect(second.message("error")?["code"] as? String == "READ_ONLY")
        first.send(["type": "execute", "session_id": id, "code": "'seen'"])
        #expect(second.message("result")?["repr"] as? String == "'seen'")
        second.send(["type": "detach_session", "session_id": id])
        #expect(second.message("detached") != nil)
        second.send(["type": "attach_session", "session_id": id, "take_over": true, "from": 1_000_000])
        #expect(second.message("attached")?["mode"] as? String == "control")
        first.send(["type": "execute", "session_id": id, "code": "1"])
        #expect(first.message("error")?["code"] as? String == "READ_ONLY")
        second.send(["type": "close_session", "session_id": id])
        #expect(first.message("ended") != nil && second.message("ended") != nil)
    }

    @Test("messages that are wrong say what is allowed; nothing reaches an unknown session")
    func wrongMessages() throws {
        let socket = try Socket(service)
        for (message, code) in [
            (["type": "create_session"], "INVALID_REQUEST"), (["type": "interrupt"], "INVALID_REQUEST"),
            (["type": "execute", "session_id": "x", "code": "1"], "INVALID_REQUEST"),
            (["type": "close_session", "session_id": String(repeating: "0", count: 32)], "SESSION_NOT_FOUND"),
            (["type": "stdin", "session_id": String(repeating: "0", count: 32)], "INVALID_REQUEST"),
        ] as [([String: Any], String)] {
            socket.send(message.merging(["ref": "w"]) { $1 })
            let error = try #require(socket.message("error"))
            #expect(error["code"] as? String == code && error["ref"] as? String == "w", "\(message) \(error)")
        }
    }
}
