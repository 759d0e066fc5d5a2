import HTTPTypes
import HummingbirdCore
import NIOCore
import ServerTransport
import TestSupport
import Testing
import WebSockets

private let get = "GET /a HTTP/1.1\r\nHost: h\r\n"
private let upgrade =
    "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// One after the other: some flood the event loops, which all servers of the process share, and some measure times on them.
@Suite("HTTP/1.1 connections", .serialized)
struct ConnectionTests {
    private var server: LoopbackServer {
        var server = LoopbackServer(socket: LoopbackServer.echo)
        server.configuration.deadlines.linger = .seconds(3)
        return server
    }

    /// Sends a frame and reads its echo.
    private static func echoes(_ line: LoopbackConnection, _ text: String) -> Bool {
        line.send(Frames.text(text))
        let wanted = [0x81, UInt8(text.utf8.count)] + Array(text.utf8)
        return line.read(wanted.count) == wanted
    }

    @Test("a WebSocket with the first request, behind others, pipelined, byte by byte, behind a refused one")
    func upgradesAnywhere() async throws {
        try await server.serve { port in
            let first = try LoopbackConnection(port: port)
            first.send(Array("\(upgrade)\r\n".utf8) + Frames.text("x"))
            #expect(first.reply().head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
            #expect(first.read(3) == [0x81, 1, UInt8(ascii: "x")])
            #expect(Self.echoes(first, "y"))

            let later = try LoopbackConnection(port: port)
            for _ in 0..<3 {
                later.send("\(get)\r\n")
                #expect(later.reply().body == "GET /a ")
            }
            later.send("\(upgrade)\r\n")
            #expect(later.reply().status == 101)
            for text in ["x", "y", "z"] { #expect(Self.echoes(later, text)) }
            // Much more than any watermark.
            let large = [UInt8](repeating: 97, count: 1_000_000)
            later.send(Frames.frame(0x81, large))
            #expect(later.read(10 + large.count)?.suffix(large.count).elementsEqual(large) == true)

            let pipelined = try LoopbackConnection(port: port)
            pipelined.send(Array("\(get)\r\n\(get)\r\n\(upgrade)\r\n".utf8) + Frames.text("now"))
            #expect(pipelined.reply().status == 200)
            #expect(pipelined.reply().status == 200)
            #expect(pipelined.reply().status == 101)
            #expect(pipelined.read(5) == [0x81, 3] + Array("now".utf8))
            pipelined.send(Frames.frame(0x88, [0x03, 0xe8]))
            #expect(pipelined.readToEnd(seconds: 10) == [0x88, 2, 0x03, 0xe8])
            #expect(pipelined.isAtEnd && !pipelined.wasReset)

            let slow = try LoopbackConnection(port: port)
            for byte in Array("\(get)\r\n\(upgrade)\r\n".utf8) + Frames.text("slow") { slow.send([byte]) }
            #expect(slow.reply().status == 200)
            #expect(slow.reply().status == 101)
            #expect(slow.read(6) == [0x81, 4] + Array("slow".utf8))
        }
    }

    @Test(
        "what is no complete request for a WebSocket is a request like any other",
        arguments: [
            ("no Connection", upgrade.replacing(", Upgrade", with: "")),
            ("POST", upgrade.replacing("GET", with: "POST")),
            ("version", upgrade.replacing("Version: 13", with: "Version: 12")),
            ("no key", upgrade.replacing("Sec-WebSocket-Key", with: "X")),
            ("short key", upgrade.replacing("dGhlIHNhbXBsZSBub25jZQ==", with: "abc")),
            ("two keys", upgrade + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
            ("body", upgrade + "Content-Length: 1\r\n"), ("chunks", upgrade + "Transfer-Encoding: chunked\r\n"),
            ("other protocol", upgrade.replacing("Upgrade: websocket", with: "Upgrade: h2c")),
        ])
    func noUpgrade(name: String, head: String) async throws {
        let body = head.contains("Content-Length") ? "x" : head.contains("chunked") ? "1\r\nx\r\n0\r\n\r\n" : ""
        try await server.serve { port in
            let line = try LoopbackConnection(port: port)
            line.send("\(head)\r\n\(body)\(upgrade)\r\n")
            #expect(line.reply().status == 200, "\(name)")
            #expect(line.reply().status == 101, "the connection goes on")
        }
    }

    @Test("refused upgrades leave the connection as it was")
    func refused() async throws {
        var server = server
        server.socket = nil
        try await server.serve { port in
            let line = try LoopbackConnection(port: port)
            for _ in 0..<3 {
                line.send("\(upgrade)\r\n")
                #expect(line.reply().body == "GET /ws ")
            }
            line.send("\(get)\r\n")
            #expect(line.reply().status == 200)
        }
    }

    @Test("100 Continue: when the body is wanted, and not otherwise")
    func expectation() async throws {
        var server = server
        let echo = server.responder
        server.responder = { request, writer, channel in
            guard request.uri.path == "/a" else {
                try await writer.writeResponse(
                    HTTPResponse(status: .contentTooLarge, headerFields: [.contentLength: "0"]))
                return
            }
            try await echo(request, writer, channel)
        }
        try await server.serve { port in
            let head = "Host: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
            let line = try LoopbackConnection(port: port)
            for _ in 0..<2 {
                line.send("POST /a HTTP/1.1\r\n\(head)")
                #expect(line.reply().status == 100)
                line.send("{}")
                #expect(line.reply().body == "POST /a {}")
            }
            // It does not wait: nor do we tell it to go on.
            line.send("POST /a HTTP/1.1\r\n\(head){}")
            #expect(line.reply().status == 200)
            line.send("POST /b HTTP/1.1\r\n\(head)")
            let refused = line.reply()
            #expect(refused.status == 413 && refused.head.contains("connection: close"))
            #expect(line.readToEnd(seconds: 10) == [] && line.isAtEnd && !line.wasReset)
            let old = try LoopbackConnection(port: port)
            old.send("POST /a HTTP/1.0\r\n\(head)")
            old.send("{}")
            #expect(old.reply().status == 200)
        }
    }

    @Test("an answer before the body arrives, however much of it is on its way")
    func earlyAnswer() async throws {
        var server = server
        server.responder = { _, writer, _ in
            try await writer.write(
                response: HTTPResponse(status: .contentTooLarge, headerFields: [.contentLength: "4"]),
                body: ResponseBody(byteBuffer: ByteBuffer(string: "no!\n")))
        }
        try await server.serve { port in
            for chunked in [false, true] {
                let line = try LoopbackConnection(port: port)
                line.send(
                    "POST /a HTTP/1.1\r\nHost: h\r\n"
                        + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: 16000000") + "\r\n\r\n")
                // A client that sends all of it before it looks at the answer.
                let piece =
                    (chunked ? Array("f4240\r\n".utf8) : []) + [UInt8](repeating: 97, count: 1_000_000)
                    + (chunked ? Array("\r\n".utf8) : [])
                for _ in 0..<16 { #expect(line.send(piece)) }
                line.send(chunked ? "0\r\n\r\n" : "")
                let answer = line.reply()
                #expect(answer.status == 413 && answer.body == "no!\n" && answer.head.contains("connection: close"))
                #expect(line.readToEnd(seconds: 10) == [] && line.isAtEnd && !line.wasReset)
            }
            // A little is read for the sake of the next request.
            let line = try LoopbackConnection(port: port)
            for _ in 0..<3 {
                line.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n")
                #expect(line.reply().status == 413)
                line.send([UInt8](repeating: 97, count: 5000))
            }
        }
    }

    @Test("Connection: close is the last request, with others behind it, and without")
    func close() async throws {
        try await server.serve { port in
            let line = try LoopbackConnection(port: port)
            line.send("\(get)Connection: close\r\n\r\n\(get)\r\n")
            let answer = line.reply()
            #expect(answer.status == 200 && answer.head.contains("connection: close"))
            #expect(line.readToEnd(seconds: 10) == [] && line.isAtEnd && !line.wasReset)
            let list = try LoopbackConnection(port: port)
            list.send("\(get)Connection: foo, Close\r\n\r\n")
            #expect(list.reply().status == 200)
            #expect(list.readToEnd(seconds: 10) == [] && list.isAtEnd)
        }
    }

    @Test("HTTP/1.0: closed unless it asks, and never chunked")
    func old() async throws {
        var server = server
        let echo = server.responder
        server.responder = { request, writer, channel in
            guard request.uri.path == "/stream" else { return try await echo(request, writer, channel) }
            try await writer.write(
                response: HTTPResponse(status: .ok),
                body: ResponseBody { out in
                    for _ in 0..<3 { try await out.write(ByteBuffer(string: "abc")) }
                    try await out.finish(nil)
                })
        }
        try await server.serve { port in
            let once = try LoopbackConnection(port: port)
            once.send("GET /a HTTP/1.0\r\n\r\n")
            #expect(once.reply().body == "GET /a ")
            #expect(once.readToEnd(seconds: 10) == [] && once.isAtEnd)
            let kept = try LoopbackConnection(port: port)
            for _ in 0..<2 {
                kept.send("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
                #expect(kept.reply().head.contains("connection: keep-alive"))
            }
            kept.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let stream = kept.reply()
            #expect(!stream.head.contains("chunked") && stream.head.contains("connection: close"))
            #expect(String(decoding: kept.readToEnd(seconds: 10), as: UTF8.self) == "abcabcabc" && kept.isAtEnd)
            let chunked = try LoopbackConnection(port: port)
            chunked.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(chunked.reply().body == "abcabcabc")
        }
    }

    @Test("a body must come at the least rate, whatever its size; a head and a pause have their time")
    func deadlines() async throws {
        var server = server
        server.configuration.deadlines.header = .milliseconds(400)
        server.configuration.deadlines.body = .milliseconds(300)
        server.configuration.deadlines.bodyRate = 10_000
        server.configuration.deadlines.idle = .milliseconds(600)
        try await server.serve { port in
            let trickle = try LoopbackConnection(port: port)
            trickle.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
            let start = ContinuousClock.now
            while !trickle.isAtEnd, ContinuousClock.now - start < .seconds(3), trickle.send(" ") {
                if let head = trickle.read(through: "\r\n", seconds: 0.02) {
                    #expect(head == "HTTP/1.1 408 Request Timeout\r\n")
                    break
                }
            }
            #expect(ContinuousClock.now - start < .seconds(2))
            // 100,000 bytes in a second are ten times the least rate.
            let steady = try LoopbackConnection(port: port)
            steady.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
            for _ in 0..<20 {
                steady.send([UInt8](repeating: 97, count: 5000))
                _ = steady.read(through: "\r\n", seconds: 0.05)
            }
            #expect(steady.read(through: "aaaa") != nil)
            let head = try LoopbackConnection(port: port)
            head.send("\(get)\r\n")
            #expect(head.reply().status == 200)
            let second = ContinuousClock.now
            while !head.isAtEnd, ContinuousClock.now - second < .seconds(3), head.send("G") {
                if head.read(through: "\r\n", seconds: 0.02) == "HTTP/1.1 408 Request Timeout\r\n" { break }
            }
            #expect(ContinuousClock.now - second < .seconds(1))
            let idle = try LoopbackConnection(port: port)
            idle.send("\(get)\r\n")
            #expect(idle.reply().status == 200)
            #expect(idle.readToEnd(seconds: 2) == [] && idle.isAtEnd && !idle.wasReset)
            let silent = try LoopbackConnection(port: port)
            #expect(silent.reply(seconds: 2).status == 408)
        }
    }

    @Test("a client that ends its own direction still gets what it has asked for")
    func halfClosed() async throws {
        try await server.serve { port in
            let line = try LoopbackConnection(port: port)
            line.send("\(get)\r\n\(get)\r\n")
            line.endOutput()
            #expect(line.reply().status == 200)
            #expect(line.reply().status == 200)
            #expect(line.readToEnd(seconds: 10) == [] && line.isAtEnd && !line.wasReset)
            let half = try LoopbackConnection(port: port)
            half.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n{}")
            half.endOutput()
            #expect(half.reply().status == 400)
        }
    }

    @Test("pipelined requests wait outside of memory, and are answered in order")
    func pipelining() async throws {
        try await server.serve { port in
            let line = try LoopbackConnection(port: port)
            line.send((0..<2000).map { "GET /\($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
            for number in 0..<2000 {
                let answer = line.reply()
                guard answer.body == "GET /\(number) " else {
                    Issue.record("answer \(number): \(answer)")
                    return
                }
            }
        }
    }
}
