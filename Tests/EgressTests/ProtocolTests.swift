import EgressRules
import Testing

@testable import Egress

/// Bytes go in whole and in pieces; what comes out is the same.
@Suite("Protocols of the way out") struct ProtocolTests {
    /// The first step that is not `more`, with replies in between noted.
    private func steps(_ bytes: [UInt8], pieces: Int) -> [ClientHandshake.Step] {
        var handshake = ClientHandshake()
        var steps: [ClientHandshake.Step] = []
        var index = 0
        while index < bytes.count {
            let end = min(bytes.count, index + pieces)
            var step = handshake.take(bytes[index..<end])
            index = end
            while case .reply = step {
                steps.append(step)
                step = handshake.take([])
            }
            if case .more = step { continue }
            steps.append(step)
            if case .request(let request, let rest) = step {
                steps[steps.count - 1] = .request(request, rest: rest + bytes[index...])
            }
            return steps
        }
        return steps
    }

    private func one(_ text: String) throws -> ClientHandshake.Step {
        let bytes = Array(text.utf8)
        let whole = steps(bytes, pieces: bytes.count)
        for pieces in [1, 2, 3, 7] where whole.last.map({ if case .request = $0 { true } else { false } }) == true {
            #expect(steps(bytes, pieces: pieces) == whole, "in pieces of \(pieces)")
        }
        return try #require(whole.last)
    }

    private func target(_ text: String) throws -> EgressTarget { try #require(EgressTarget(text)) }

    @Test("CONNECT names a host and a port; what comes behind the head is the server's") func connect() throws {
        let step = try one("CONNECT www.Example.org:443 HTTP/1.1\r\nHost: other.example.org\r\n\r\nabc")
        #expect(step == .request(ClientRequest(.tunnel, try target("www.example.org:443")), rest: Array("abc".utf8)))
    }

    @Test("plain HTTP goes on for its server, with the host of its URL and without what was for the proxy") func plain()
        throws
    {
        let step = try one(
            "POST http://a.example.org:8080/x?y#z HTTP/1.1\r\nHost: evil.example.org\r\nProxy-Connection: keep-alive\r\n"
                + "Connection: X-Secret, close\r\nX-Secret: 1\r\nProxy-Authorization: Basic eA==\r\nX-Kept: 2\r\n"
                + "Content-Length: 3\r\n\r\nabcGET /")
        guard case .request(let request, let rest) = step, case .http(let head) = request.kind else {
            Issue.record("\(step)")
            return
        }
        #expect(request.target == (try target("a.example.org:8080")))
        #expect(
            String(decoding: head.forServer, as: UTF8.self)
                == "POST /x?y HTTP/1.1\r\nHost: a.example.org:8080\r\nX-Kept: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
        )
        #expect(
            String(decoding: head.forProxy, as: UTF8.self).hasPrefix("POST http://a.example.org:8080/x?y HTTP/1.1\r\n"))
        var screen = EgressScreen(request)
        #expect(screen.look(at: rest) == .pass(3, isLast: true))
    }

    @Test(
        "what is no request is refused",
        arguments: [
            "GET / HTTP/1.1\r\n\r\n", "GET https://a.example.org/ HTTP/1.1\r\n\r\n",
            "CONNECT a.example.org HTTP/1.1\r\n\r\n",
            "CONNECT a.example.org:0 HTTP/1.1\r\n\r\n", "GET http://u:p@a.example.org/ HTTP/1.1\r\n\r\n",
            "GET  http://a/ HTTP/1.1\r\n\r\n",
            "GET http://a.example.org/ HTTP/2\r\n\r\n", "GET http://127.1/ HTTP/1.1\r\n\r\n",
            "GET http://a.example.org/\r\n\r\n",
            "GET http://a.example.org/ HTTP/1.1\r\n folded: 1\r\n\r\n",
            "GET http://a.example.org/ HTTP/1.1\r\nA : 1\r\n\r\n",
            "GET http://a.example.org/ HTTP/1.1\r\nA\u{1}: 1\r\n\r\n", "G@T http://a.example.org/ HTTP/1.1\r\n\r\n",
            "GET http://a.example.org/ HTTP/1.1\r\nA: 1\nB: 2\r\n\r\n",
            "POST http://a.example.org/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "POST http://a.example.org/ HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
            "POST http://a.example.org/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST http://a.example.org/ HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "\u{4}\u{1}\u{0}\r\n\r\n",
        ])
    func wrong(text: String) throws {
        guard case .refuse(.protocol, nil, let answer) = try one(text) else {
            Issue.record("\(text)")
            return
        }
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
    }

    @Test("a head without an end has a bound") func endless() throws {
        var handshake = ClientHandshake()
        var step = ClientHandshake.Step.more
        for _ in 0..<100 where step == .more { step = handshake.take([UInt8](repeating: 0x41, count: 1000)) }
        guard case .refuse(.protocol, nil, _) = step else {
            Issue.record("\(step)")
            return
        }
    }

    @Test("SOCKS5 by name and by address, greeted first") func socks() throws {
        let name = Array("a.example.org".utf8)
        let cases: [([UInt8], String)] = [
            ([3, UInt8(name.count)] + name, "a.example.org:443"), ([1, 192, 0, 2, 7], "192.0.2.7:443"),
            ([4, 0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1], "[2001:db8::1]:443"),
        ]
        for (address, text) in cases {
            let bytes: [UInt8] = [5, 2, 2, 0] + [5, 1, 0] + address + [1, 187] + [9, 9]
            for pieces in [1, 2, 5, 100] {
                #expect(
                    steps(bytes, pieces: pieces) == [
                        .reply([5, 0]), .request(ClientRequest(.socks, try target(text)), rest: [9, 9]),
                    ])
            }
        }
        let wrong: [([UInt8], [UInt8])] = [
            ([5, 1, 2], [5, 0xFF]), ([5, 0], [5, 0xFF]),
            ([5, 1, 0, 5, 2, 0, 1, 1, 2, 3, 4, 0, 80], SocksRequest.reply(7)),
            ([5, 1, 0, 5, 1, 0, 9, 1, 2, 3, 4, 0, 80], SocksRequest.reply(8)),
            ([5, 1, 0, 5, 1, 0, 1, 1, 2, 3, 4, 0, 0], SocksRequest.reply(1)),
            ([5, 1, 0, 5, 1, 0, 3, 3, 0x31, 0x2e, 0x31, 0, 80], SocksRequest.reply(1)),
            ([5, 1, 0, 4, 1, 0, 1, 1, 2, 3, 4, 0, 80], SocksRequest.reply(1)),
        ]
        for (bytes, answer) in wrong {
            #expect(steps(bytes, pieces: 100).last == .refuse(.protocol, nil, answer: answer), "\(bytes)")
        }
    }

    @Test("random bytes never become more than they are") func fuzz() {
        var numbers = SystemRandomNumberGenerator()
        let seeds = [
            "CONNECT a.example.org:443 HTTP/1.1\r\n\r\n", "GET http://a.example.org/ HTTP/1.1\r\nA: b\r\n\r\n",
        ]
        for round in 0..<20_000 {
            var bytes = Array((seeds[round % 2]).utf8)
            if round % 3 == 0 { bytes = [5, 1, 0, 5, 1, 0, 3, 3, 97, 46, 98, 0, 80] }
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            for step in steps(bytes, pieces: Int.random(in: 1...20, using: &numbers)) {
                guard case .request(let request, _) = step else { continue }
                #expect(EgressTarget(request.target.description) == request.target)
                guard case .http(let head) = request.kind else { continue }
                // One head, however it was written.
                #expect(HTTPLines.end(of: head.forServer) == head.forServer.count)
            }
        }
    }

    @Test("the end of a body is found however it comes, and nothing behind it goes on") func bodies() throws {
        let chunked = "4\r\nabcd\r\n1;x=y\r\ne\r\n0\r\nTrailer: 1\r\n\r\n"
        for (fields, body) in [("Content-Length: 5", "abcde"), ("Transfer-Encoding: chunked", chunked), ("X: y", "")] {
            let head = Array("POST http://a.example.org/ HTTP/1.1\r\n\(fields)\r\n\r\n".utf8)
            for pieces in [1, 2, 3, 100] {
                var parsed = try HTTPBody(try HTTPLines(head))
                let bytes = Array((body + "GET / HTTP/1.1").utf8)
                var taken = 0
                while taken < bytes.count, !parsed.isDone {
                    taken += try parsed.take(bytes[taken..<min(taken + pieces, bytes.count)])
                }
                #expect(taken == body.utf8.count && parsed.isDone)
            }
        }
        for wrong in ["\r\n", "g\r\n", "4\nabcd", "4\r\nabcdX", "0\r\nA\n", "FFFFFFFFFFFFFFFF\r\n", ";x\r\n"] {
            var parsed = try HTTPBody(try HTTPLines(Array("P /\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)))
            #expect(throws: HTTPError.self) { _ = try parsed.take(Array(wrong.utf8)[...]) }
        }
    }

    @Test("a response says that its connection ends; interim ones go before it") func response() throws {
        let text =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: 5\r\nA: b\r\n\r\nbody\r\n\r\n"
        let expected = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\nbody\r\n\r\n"
        for pieces in [1, 3, 1000] {
            var filter = HTTPResponseFilter()
            var passed: [UInt8] = []
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: pieces) {
                passed += try filter.take(Array(bytes[start..<min(start + pieces, bytes.count)]))
            }
            #expect(String(decoding: passed, as: UTF8.self) == expected)
        }
        for wrong in ["SSH-2.0-x\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/2 200 OK\r\n\r\n"] {
            var filter = HTTPResponseFilter()
            #expect(throws: HTTPError.self) { _ = try filter.take(Array(wrong.utf8)) }
        }
        var filter = HTTPResponseFilter()
        #expect(throws: HTTPError.self) {
            for _ in 0..<100 { _ = try filter.take([UInt8](repeating: 65, count: 1000)) }
        }
    }

    @Test("a parent proxy has a host, a port, and perhaps a password") func parents() throws {
        let parent = try #require(ParentProxy("http://us%40er:p:w@proxy.example.org:3128/"))
        #expect(parent.target == (try target("proxy.example.org:3128")))
        let text = String(decoding: parent.connect(try target("a.example.org:443")), as: UTF8.self)
        #expect(
            text
                == "CONNECT a.example.org:443 HTTP/1.1\r\nHost: a.example.org:443\r\nProxy-Authorization: Basic dXNAZXI6cDp3\r\n\r\n"
        )
        for wrong in [
            "", "proxy.example.org:3128", "https://proxy.example.org:3128", "http://proxy.example.org",
            "http://u@p.example.org:1", "http://a b:c@p.example.org:1", "http://p.example.org:1/x",
        ] {
            #expect(ParentProxy(wrong) == nil, "\(wrong)")
        }
    }
}
