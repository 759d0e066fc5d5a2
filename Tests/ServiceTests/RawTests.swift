import Foundation
import TestSupport
import Testing

/// What no client library would send.
@Suite("Raw HTTP", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct RawTests {
    private let service: Service

    init() throws {
        service = try Service.shared(["--header-timeout", "1s", "--max-body", "64KiB", "--rate-burst", "5000"])
    }

    private static let host = "Host: 127.0.0.1\r\n"
    private static let json = "Content-Type: application/json\r\n"

    @Test(
        "what is no proper request is refused at once, and the service goes on",
        arguments: ([
            (
                "two lengths",
                "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", [400]
            ),
            (
                "length and chunks",
                "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                [400]
            ),
            ("negative length", "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Content-Length: -1\r\n\r\n", [400]),
            ("length with sign", "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Content-Length: +2\r\n\r\n{}", [400]),
            (
                "length beyond everything",
                "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Content-Length: 99999999999999999999\r\n\r\n", [400]
            ),
            ("huge length", "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Content-Length: 9000000000\r\n\r\n", [413]),
            (
                "bad chunk size",
                "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Transfer-Encoding: chunked\r\n\r\nzz\r\n", [400]
            ),
            (
                "unknown coding",
                "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Transfer-Encoding: cow\r\n\r\n0\r\n\r\n", [400, 501]
            ),
            ("space before colon", "GET /healthz HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n", [400]),
            ("folded header", "GET /healthz HTTP/1.1\r\n\(host)X: a\r\n b\r\n\r\n", [400]),
            ("NUL in a header", "GET /healthz HTTP/1.1\r\n\(host)X: a\0b\r\n\r\n", [400]),
            ("no host", "GET /healthz HTTP/1.1\r\n\r\n", [400]),
            ("two hosts", "GET /healthz HTTP/1.1\r\n\(host)Host: evil.example\r\n\r\n", [400]),
            ("another host first", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\(host)\r\n", [400]),
            ("the same host twice", "GET /healthz HTTP/1.1\r\n\(host)\(host)\r\n", [400]),
            ("target of another host", "GET http://evil.example/healthz HTTP/1.1\r\n\(host)\r\n", [400]),
            ("target of our host", "GET http://127.0.0.1/healthz HTTP/1.1\r\n\(host)\r\n", [200]),
            (
                "target of our host, another host",
                "GET http://127.0.0.1/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", [400]
            ),
            (
                "target and host of another",
                "GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", [421]
            ),
            ("1.0 without host", "GET /healthz HTTP/1.0\r\n\r\n", [421]),
            ("two blanks", "GET  /healthz HTTP/1.1\r\n\(host)\r\n", [400]),
            ("line feeds", "GET /healthz HTTP/1.1\nHost: 127.0.0.1\n\n", [400]),
            (
                "length of 2^63",
                "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Content-Length: 9223372036854775808\r\n\r\n", [400]
            ),
            (
                "chunks in 1.0",
                "POST /api/v1/execute HTTP/1.0\r\n\(host)\(json)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]
            ),
            (
                "unknown expectation",
                "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Expect: tea\r\nContent-Length: 2\r\n\r\n{}", [417]
            ),
            ("foreign host", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", [421]),
            ("rebound host", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1.attacker.example\r\n\r\n", [421]),
            ("version", "GET /healthz HTTP/3.7\r\n\(host)\r\n", [400, 505]),
            ("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505]),
            ("garbage", "\u{16}\u{3}\u{1}\u{2}garbage\r\n\r\n", [400]),
            ("trace", "TRACE / HTTP/1.1\r\n\(host)\r\n", [405]),
            ("connect", "CONNECT evil:80 HTTP/1.1\r\n\(host)\r\n", [400, 404, 405]),
            ("the server as a whole", "OPTIONS * HTTP/1.1\r\n\(host)\r\n", [204]),
            ("asterisk", "GET * HTTP/1.1\r\n\(host)\r\n", [400]),
            ("dots", "GET /assets/../../../etc/passwd HTTP/1.1\r\n\(host)\r\n", [404]),
            ("encoded dots", "GET /assets/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n\(host)\r\n", [404]),
            ("encoded slash", "GET /assets/..%2f..%2fetc HTTP/1.1\r\n\(host)\r\n", [404]),
            ("double encoding", "GET /assets/%252e%252e/x HTTP/1.1\r\n\(host)\r\n", [404]),
            ("encoded NUL", "GET /assets/x%00.js HTTP/1.1\r\n\(host)\r\n", [404]),
            ("backslash", "GET /assets/..\\..\\x HTTP/1.1\r\n\(host)\r\n", [400, 404]),
            ("two slashes", "GET //healthz HTTP/1.1\r\n\(host)\r\n", [404]),
            (
                "form",
                "POST /api/v1/execute HTTP/1.1\r\n\(host)Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", [415]
            ),
            ("no type", "POST /api/v1/execute HTTP/1.1\r\n\(host)Content-Length: 2\r\n\r\n{}", [415]),
            (
                "other charset",
                "POST /api/v1/execute HTTP/1.1\r\n\(host)Content-Type: application/json; charset=utf-16\r\nContent-Length: 2\r\n\r\n{}",
                [415]
            ),
            (
                "compressed",
                "POST /api/v1/execute HTTP/1.1\r\n\(host)\(json)Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
                [415]
            ),
            ("query twice", "GET /api/v1/runs?limit=1&limit=2 HTTP/1.1\r\n\(host)\r\n", [400]),
            ("unknown query", "GET /api/v1/runs?limits=1 HTTP/1.1\r\n\(host)\r\n", [400]),
            ("number query", "GET /api/v1/runs?limit=1e3 HTTP/1.1\r\n\(host)\r\n", [400]),
            ("id of nobody", "GET /api/v1/runs/00000000000000000000000000000000 HTTP/1.1\r\n\(host)\r\n", [404]),
            ("id in capitals", "GET /api/v1/runs/ABCDEF00000000000000000000000000 HTTP/1.1\r\n\(host)\r\n", [404]),
            (
                "many headers", "GET /healthz HTTP/1.1\r\n\(host)\(String(repeating: "X: y\r\n", count: 5000))\r\n",
                [400, 431]
            ),
            (
                "long header", "GET /healthz HTTP/1.1\r\n\(host)X: \(String(repeating: "y", count: 1_000_000))\r\n\r\n",
                [400, 431]
            ),
            (
                "long path", "GET /\(String(repeating: "y", count: 1_000_000)) HTTP/1.1\r\n\(host)\r\n",
                [400, 404, 414, 431]
            ),
        ] as [(String, String, [Int])]).map { RawCase(name: $0.0, request: $0.1, statuses: $0.2) })
    func refused(_ raw: RawCase) throws {
        let (name, request, statuses) = (raw.name, raw.request, raw.statuses)
        let wire = try LoopbackConnection(port: service.port)
        wire.send(request)
        let answer = wire.answer(seconds: 10)
        #expect(answer.map { statuses.contains($0.status) } == true, "\(name): \(answer?.status ?? 0)")
        #expect(try service.request("GET", "/healthz").status == 200)
        #expect(service.process.isRunning)
    }

    @Test(
        "whoever sends all of a body that is not wanted still gets the answer, and an end that is no reset",
        arguments: [
            ("too large", "/api/v1/execute", "Content-Type: application/json", 413, "BODY_TOO_LARGE"),
            ("no JSON", "/api/v1/execute", "Content-Type: text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
            ("nowhere", "/api/v1/nowhere", "Content-Type: application/json", 404, "NOT_FOUND"),
            ("wrong method", "/healthz", "Content-Type: application/json", 405, "METHOD_NOT_ALLOWED"),
        ])
    func unwantedBodies(name: String, path: String, type: String, status: Int, code: String) throws {
        for framing in ["Content-Length: 4194304", "Transfer-Encoding: chunked"] {
            let wire = try LoopbackConnection(port: service.port)
            wire.send("POST \(path) HTTP/1.1\r\n\(Self.host)\(type)\r\n\(framing)\r\n\r\n")
            let isChunked = framing.hasSuffix("chunked")
            let piece = String(repeating: " ", count: 0x4000)
            for _ in 0..<256 { wire.send(isChunked ? "4000\r\n\(piece)\r\n" : piece) }
            if isChunked { wire.send("0\r\n\r\n") }
            let answer = try #require(wire.answer(seconds: 10), "\(name), \(framing)")
            #expect(answer.status == status && answer.code == code)
            #expect(answer.headers["connection"] == "close")
            #expect(wire.readToEnd(seconds: 8) == [] && wire.isAtEnd && !wire.wasReset)
        }
    }

    @Test("100 Continue comes before a body that is wanted, the refusal before one that is not")
    func expectations() throws {
        let run = #"{"language":"bash","code":"echo hi"}"#
        func head(_ length: Int) -> String {
            "POST /api/v1/execute HTTP/1.1\r\n\(Self.host)\(Self.json)Expect: 100-continue\r\nContent-Length: \(length)\r\n\r\n"
        }
        let wire = try LoopbackConnection(port: service.port)
        wire.send(head(run.utf8.count))
        #expect(wire.answer(seconds: 10, toHead: true)?.status == 100)
        wire.send(run)
        #expect(wire.answer()?.json["stdout"] as? String == "hi\n")
        wire.send(head(9_000_000_000))
        #expect(wire.answer(seconds: 10)?.status == 413)
    }

    @Test("HEAD is GET without a body: the same status and length, and the next request is none of it")
    func heads() throws {
        for path in ["/healthz", "/", "/api/v1/languages", "/api/v1/openapi.yaml", "/metrics", "/nosuch"] {
            let got = try service.request("GET", path)
            let wire = try LoopbackConnection(port: service.port)
            wire.send("HEAD \(path) HTTP/1.1\r\n\(Self.host)\r\nGET /healthz HTTP/1.1\r\n\(Self.host)\r\n")
            let head = try #require(wire.answer(seconds: 10, toHead: true))
            #expect(head.status == got.status, "\(path)")
            // The metrics count the request itself: what would be their length is not known.
            let length = path == "/metrics" ? nil : got.headers["content-length"]
            #expect(head.headers["content-length"] == length, "\(path)")
            #expect(wire.answer(seconds: 10)?.text == "ok\n", "\(path)")
        }
    }

    @Test("a WebSocket behind other requests of its connection, and requests behind a refused one")
    func laterUpgrades() throws {
        let upgrade =
            "GET /api/v1/ws HTTP/1.1\r\n\(Self.host)Upgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        let wire = try LoopbackConnection(port: service.port)
        wire.send("GET /healthz HTTP/1.1\r\n\(Self.host)\r\n\(upgrade)Origin: https://evil.example\r\n\r\n")
        #expect(wire.answer()?.status == 200)
        #expect(wire.answer()?.status == 403)
        wire.send("GET /healthz HTTP/1.1\r\n\(Self.host)\r\n")
        #expect(wire.answer()?.status == 200)
        wire.send(Array("\(upgrade)\r\n".utf8) + Socket.frame(0x81, Array(#"{"type":"ping","ref":"x"}"#.utf8)))
        #expect(wire.answer(toHead: true)?.status == 101)
        #expect(wire.read(through: "}")?.contains("pong") == true)
        // Whatever comes now is a frame, or none.
        wire.send("GET /healthz HTTP/1.1\r\n\(Self.host)\r\n")
        #expect(wire.read(4)?.prefix(1) == [0x88])
    }

    @Test("runs that are sent in one packet are answered in order")
    func pipelinedRuns() throws {
        let wire = try LoopbackConnection(port: service.port)
        wire.send(
            (0..<5).map { number in
                let run = #"{"language":"bash","code":"echo \#(number)"}"#
                return
                    "POST /api/v1/execute HTTP/1.1\r\n\(Self.host)\(Self.json)Content-Length: \(run.utf8.count)\r\n\r\n\(run)"
            }.joined())
        for number in 0..<5 { #expect(wire.answer()?.json["stdout"] as? String == "\(number)\n") }
    }

    @Test("a head that never ends is given up, however slowly it comes")
    func slowHead() throws {
        let wire = try LoopbackConnection(port: service.port)
        let start = ContinuousClock.now
        for byte in "GET /healthz HTTP/1.1\r\nX-Slow: ".utf8 {
            wire.send([byte])
            usleep(60_000)
        }
        _ = wire.readToEnd(seconds: 5)
        #expect(wire.isAtEnd, "the connection is still open")
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("pipelined requests are answered in order")
    func pipelining() throws {
        let wire = try LoopbackConnection(port: service.port)
        wire.send(String(repeating: "GET /healthz HTTP/1.1\r\n\(Self.host)\r\n", count: 200))
        for index in 0..<200 { #expect(wire.answer(seconds: 10)?.status == 200, "answer \(index)") }
    }

    @Test("half a request and a reset leave nothing behind")
    func resets() throws {
        for _ in 0..<50 {
            let wire = try LoopbackConnection(port: service.port)
            wire.send(
                "POST /api/v1/execute HTTP/1.1\r\n\(Self.host)\(Self.json)Content-Length: 100\r\n\r\n{\"language\":")
            wire.reset()
        }
        #expect(
            try service.eventually {
                try service.request("GET", "/metrics").text.contains("nestbox_connections 1\n")
            })
        #expect(try service.request("GET", "/api/v1/status").status == 200)
    }
}

/// A request, shown by its name: some of them are a megabyte long.
struct RawCase: Sendable, CustomTestStringConvertible {
    let name: String
    let request: String
    let statuses: [Int]

    var testDescription: String { name }
}
