import Foundation
import TestSupport
import Testing

@Suite("WebSocket", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct SocketTests {
    private let service: Service

    init() throws {
        service = try Service.shared(["--rate-burst", "5000", "--max-message", "1MiB", "--run-buffer", "256KiB"])
    }

    @Test("a program asks, is answered, and ends; the events are numbered without gaps")
    func conversation() throws {
        let socket = try Socket(service)
        #expect(socket.head.contains("Sec-WebSocket-Protocol: nestbox.v1.json"))
        socket.send([
            "type": "execute", "ref": "r1", "language": "python", "code": "n = input('Name? ')\nprint('Hello', n)",
        ])
        let accepted = try #require(socket.message("accepted"))
        #expect(accepted["ref"] as? String == "r1")
        let id = try #require(accepted["run_id"] as? String)
        let request = try #require(socket.message("input_request"))
        #expect(request["prompt"] as? String == "Name? ")
        let token = try #require(request["token"] as? String)
        socket.send(["type": "input_response", "run_id": id, "token": "i99", "data": "x\n", "ref": "stale"])
        #expect(socket.message("error")?["code"] as? String == "INPUT_TOKEN_STALE")
        socket.send(["type": "input_response", "run_id": id, "token": token, "data": "Ada\n"])
        let finished = try #require(socket.message("finished"))
        #expect(finished["verdict"] as? String == "ok")
        socket.send(["type": "stdin", "run_id": id, "data": "late"])
        #expect(socket.message("error")?["code"] as? String == "RUN_FINISHED")
        socket.send(["type": "attach", "run_id": id, "from": 0, "mode": "observe"])
        #expect(socket.message("attached")?["state"] as? String == "finished")
        var sequences: [Int] = []
        while case .text(let message) = socket.next(), let sequence = message["seq"] as? Int {
            sequences.append(sequence)
            if message["type"] as? String == "finished" { break }
        }
        #expect(sequences == Array(0..<sequences.count) && sequences.count > 4)
        socket.close()
        #expect(socket.closeCode() == 1000)
    }

    @Test("several runs share one socket, and end of input reaches the right one")
    func multiplexing() throws {
        let socket = try Socket(service)
        for ref in ["a", "b", "c"] {
            socket.send(["type": "execute", "ref": ref, "language": "bash", "code": "x=$(cat); echo \(ref)$x"])
        }
        var ids: [String: String] = [:]
        for _ in 0..<3 {
            let accepted = try #require(socket.message("accepted"))
            ids[try #require(accepted["ref"] as? String)] = accepted["run_id"] as? String
        }
        for (ref, id) in ids { socket.send(["type": "stdin", "run_id": id, "data": ref + "!", "eof": true]) }
        var outputs: Set<String> = []
        var ended = 0
        while ended < 3, case .text(let message) = socket.next() {
            if message["type"] as? String == "output" { outputs.insert(message["data"] as? String ?? "") }
            if message["type"] as? String == "finished" { ended += 1 }
        }
        #expect(outputs == ["aa!\n", "bb!\n", "cc!\n"])
    }

    @Test("the binary subprotocol carries bytes as they are, both ways")
    func binary() throws {
        let socket = try Socket(service, protocols: "nestbox.v1.binary")
        socket.send([
            "type": "execute", "language": "python",
            "code":
                "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(d[::-1]); sys.stderr.buffer.write(b'e')",
        ])
        let id = try #require(socket.message("accepted")?["run_id"] as? String)
        let header = stride(from: 0, to: 32, by: 2).compactMap { index in
            UInt8(id.dropFirst(index).prefix(2), radix: 16)
        }
        let bytes = (0...255).map { UInt8($0) }
        socket.send(binary: [0] + header + [UInt8](repeating: 0, count: 8) + bytes)
        socket.send(binary: [0] + header + [UInt8](repeating: 0, count: 8))
        var stdout: [UInt8] = []
        var stderr: [UInt8] = []
        loop: while true {
            switch socket.next() {
            case .binary(let frame):
                #expect(Array(frame[1..<17]) == header)
                if frame[0] == 1 { stdout += frame[25...] } else { stderr += frame[25...] }
            case .text(let message):
                if message["type"] as? String == "finished" { break loop }
            default: break loop
            }
        }
        #expect(stdout == bytes.reversed())
        #expect(stderr == [UInt8(ascii: "e")])
    }

    @Test("cancel, and a lost socket, end a run; a detached one goes on and is attached to from any event")
    func cancelAndDetach() throws {
        let socket = try Socket(service)
        socket.send(["type": "execute", "language": "bash", "code": "while :; do :; done"])
        let first = try #require(socket.message("started")?["run_id"] as? String)
        socket.send(["type": "cancel", "run_id": first])
        #expect(socket.message("finished")?["verdict"] as? String == "cancelled")

        socket.send(["type": "execute", "language": "bash", "code": "echo up; sleep 30"])
        let second = try #require(socket.message("output")?["run_id"] as? String)
        socket.send([
            "type": "execute", "language": "bash", "code": "echo here; read x; echo $x", "on_disconnect": "detach",
        ])
        let third = try #require(socket.message("output")?["run_id"] as? String)
        socket.wire.reset()
        func verdict(_ id: String) throws -> String? {
            (try service.request("GET", "/api/v1/runs/\(id)").json["result"] as? [String: Any])?["verdict"] as? String
        }
        #expect(try service.eventually { try verdict(second) == "cancelled" })
        let other = try Socket(service)
        other.send(["type": "attach", "run_id": third, "from": 2])
        #expect(other.message("output")?["data"] as? String == "here\n")
        let observer = try Socket(service)
        observer.send(["type": "attach", "run_id": third, "mode": "observe"])
        _ = observer.message("attached")
        observer.send(["type": "stdin", "run_id": third, "data": "no"])
        #expect(observer.message("error")?["code"] as? String == "READ_ONLY")
        other.send(["type": "stdin", "run_id": third, "data": "again\n"])
        #expect(other.message("finished")?["verdict"] as? String == "ok")
        #expect(observer.message("finished")?["verdict"] as? String == "ok")
    }

    @Test("a slow reader slows the program down and loses nothing; an observer who lags is told what it missed")
    func slowReader() throws {
        let socket = try Socket(service, protocols: "nestbox.v1.binary")
        // More than all buffers on the way together, and than the events that are kept.
        socket.send([
            "type": "execute", "language": "python", "policy": "python", "limits": ["output": "1MiB"],
            "code": "import sys\nfor i in range(16):\n sys.stdout.write(chr(97+i)*65000); sys.stdout.flush()",
        ])
        let id = try #require(socket.message("started")?["run_id"] as? String)
        usleep(800_000)
        var received: [UInt8] = []
        loop: while true {
            switch socket.next() {
            case .binary(let frame): received += frame[25...]
            case .text(let message):
                if message["type"] as? String == "finished" { break loop }
            default: break loop
            }
        }
        #expect(received == (0..<16).flatMap { [UInt8](repeating: 97 + UInt8($0), count: 65000) })
        let late = try Socket(service)
        late.send(["type": "attach", "run_id": id, "mode": "observe"])
        let lagged = try #require(late.message("lagged"))
        #expect(lagged["from"] as? Int == 0)
        #expect((lagged["to"] as? Int ?? 0) > 2)
        #expect(late.message("finished") != nil)
        let stream = try service.request("GET", "/api/v1/runs/\(id)/events").text
        #expect(stream.hasPrefix("event: lagged\ndata: {\"from\":0,\"run_id\":\"\(id)\","), "\(stream.prefix(200))")
    }

    @Test(
        "messages that are wrong are answered, and the socket goes on",
        arguments: [
            ("{", "INVALID_JSON"), ("[]", "INVALID_JSON"), (#"{"type":"nope"}"#, "INVALID_REQUEST"),
            ("{}", "INVALID_REQUEST"),
            (#"{"type":"stdin","run_id":"x"}"#, "INVALID_REQUEST"),
            (#"{"type":"cancel","run_id":"00000000000000000000000000000000"}"#, "RUN_NOT_FOUND"),
            (
                #"{"type":"resize","run_id":"00000000000000000000000000000000","rows":-1,"cols":99999}"#,
                "INVALID_REQUEST"
            ),
            (#"{"type":"execute","language":"nope","code":"x"}"#, "UNKNOWN_LANGUAGE"),
        ])
    func wrongMessages(text: String, code: String) throws {
        let socket = try Socket(service)
        socket.send(text: text)
        #expect(socket.message("error")?["code"] as? String == code)
        socket.send(["type": "ping", "ref": "p"])
        #expect(socket.message("pong")?["ref"] as? String == "p")
    }

    @Test(
        "frames that break RFC 6455 close the socket with the right code",
        arguments: [
            ("without mask", [0x81, 0x01, 0x61], 1002), ("reserved bit", [0xc1, 0x80, 0, 0, 0, 0], 1002),
            ("unknown opcode", [0x83, 0x80, 0, 0, 0, 0], 1002), ("fragmented ping", [0x09, 0x80, 0, 0, 0, 0], 1002),
            ("long ping", [0x89, 0xfe, 0, 126, 0, 0, 0, 0], 1002),
            ("continuation of nothing", [0x80, 0x80, 0, 0, 0, 0], 1002),
            ("top bit of the length", [0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1002),
            ("enormous length", [0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1009),
            ("length not minimal", [0x81, 0xfe, 0, 5, 0, 0, 0, 0, 0x61, 0x61, 0x61, 0x61, 0x61], 1002),
            ("invalid UTF-8", [0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
            ("invalid UTF-8 in an unfinished message", [0x01, 0x82, 0, 0, 0, 0, 0xed, 0xa0], 1007),
            ("close code 1005", [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed], 1002),
            ("close code of one byte", [0x88, 0x81, 0, 0, 0, 0, 0x03], 1002),
            ("close reason", [0x88, 0x83, 0, 0, 0, 0, 0x03, 0xe8, 0xff], 1007),
            ("binary", [0x82, 0x80, 0, 0, 0, 0], 1003),
        ] as [(String, [UInt8], Int)])
    func violations(name: String, bytes: [UInt8], code: Int) throws {
        let socket = try Socket(service)
        socket.wire.send(bytes)
        #expect(socket.closeCode() == code, "\(name)")
        // Ended by both sides, with nothing lost.
        socket.close()
        #expect(socket.wire.readToEnd() == [] && socket.wire.isAtEnd && !socket.wire.wasReset, "\(name)")
        #expect(try service.request("GET", "/healthz").status == 200)
    }

    @Test("floods of messages, pings and fragments are cut off")
    func floods() throws {
        let messages = try Socket(service)
        for _ in 0..<2000 { messages.send(["type": "ping"]) }
        #expect(messages.closeCode() == 1008)
        let pings = try Socket(service)
        for _ in 0..<2000 { pings.wire.send(Socket.frame(0x89, [])) }
        #expect(pings.closeCode() == 1008)
        let fragments = try Socket(service)
        fragments.wire.send(Socket.frame(0x01, []))
        for _ in 0..<2000 { fragments.wire.send(Socket.frame(0x00, [])) }
        #expect(fragments.closeCode() == 1009)
        let large = try Socket(service)
        large.wire.send(Socket.frame(0x01, [UInt8](repeating: 97, count: 600_000)))
        large.wire.send(Socket.frame(0x80, [UInt8](repeating: 97, count: 600_000)))
        #expect(large.closeCode() == 1009)
    }

    @Test("upgrades from foreign pages are refused before they happen")
    func origins() throws {
        let own = "http://127.0.0.1:\(service.port)"
        for (origin, isOpen) in [
            (own, true), ("http://evil.example", false), ("null", false), ("http://127.0.0.1:1", false),
            ("http://127.0.0.1.attacker.example:\(service.port)", false),
            ("https://sub.127.0.0.1:\(service.port)", false),
        ] {
            let socket = try Socket(service, headers: ["Origin: \(origin)"])
            #expect(socket.isOpen == isOpen, "\(origin): \(socket.head.prefix(30))")
            if !isOpen { #expect(socket.head.hasPrefix("HTTP/1.1 403")) }
        }
        #expect(try Socket(service, protocols: "chat").head.hasPrefix("HTTP/1.1 426"))
        #expect(try Socket(service, protocols: nil).isOpen)
        #expect(try Socket(service, path: "/ws").isOpen)
        #expect(try Socket(service, path: "/nope").head.hasPrefix("HTTP/1.1 404"))
    }
}
