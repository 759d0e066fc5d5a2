import HTTPTypes
import NIOCore
import ServerTransport
import Testing

/// What a reader makes of bytes that come in pieces.
private struct RequestReading: Equatable {
    /// Paths and bodies of the requests that are complete, in order.
    var requests: [String] = []
    var refusal: HTTPRefusal?

    init(_ bytes: [UInt8], pieces: Int) {
        var reader = HTTPRequestReader()
        var buffer = ByteBuffer()
        var body: [UInt8] = []
        var path = ""
        var rest = bytes[...]
        do throws(HTTPRefusal) {
            while !rest.isEmpty {
                buffer.writeBytes(rest.prefix(pieces))
                rest = rest.dropFirst(pieces)
                while let part = try reader.next(&buffer) {
                    switch part {
                    case .head(let head): (path, body) = (head.request.path ?? "", [])
                    case .body(let piece): body += piece.readableBytesView
                    case .end: requests.append("\(path) \(String(decoding: body, as: UTF8.self))")
                    }
                }
            }
        } catch {
            refusal = error
        }
    }
}

/// A request and what has to become of it.
struct ReaderCase: Sendable, CustomTestStringConvertible {
    let name: String
    let request: String
    /// 0: it is taken.
    let status: Int

    init(_ name: String, _ request: String, _ status: Int) {
        (self.name, self.request, self.status) = (name, request, status)
    }

    var testDescription: String { name }
}

@Suite("Requests of HTTP/1.1")
struct RequestReaderTests {
    private static let host = "Host: h\r\n"
    private static let get = "GET /a HTTP/1.1\r\n\(host)"
    private static let post = "POST /a HTTP/1.1\r\n\(host)"
    private static let chunked = "\(post)Transfer-Encoding: chunked\r\n\r\n"

    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    // RFC 9112, section 6: what could be taken for two different requests.
    static let framing: [ReaderCase] = [
        ReaderCase(
            "length and coding", "\(post)Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", 400),
        ReaderCase("coding and length", "\(post)Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400),
        ReaderCase("two codings", "\(post)Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 400),
        ReaderCase("list of codings", "\(post)Transfer-Encoding: identity, chunked\r\n\r\n", 501),
        ReaderCase("chunked is not the last", "\(post)Transfer-Encoding: chunked, identity\r\n\r\n", 501),
        ReaderCase("chunked twice", "\(post)Transfer-Encoding: chunked, chunked\r\n\r\n", 501),
        ReaderCase("unknown coding", "\(post)Transfer-Encoding: xchunked\r\n\r\n", 501),
        ReaderCase("vertical tab behind chunked", "\(post)Transfer-Encoding: chunked\u{b}\r\n\r\n", 400),
        ReaderCase("vertical tab before chunked", "\(post)Transfer-Encoding: \u{b}chunked\r\n\r\n", 400),
        ReaderCase("blank before the colon", "\(post)Transfer-Encoding : chunked\r\n\r\n", 400),
        ReaderCase("coding in 1.0", "POST /a HTTP/1.0\r\n\(host)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ReaderCase("folded coding", "\(post)Transfer-Encoding:\r\n chunked\r\n\r\n", 400),
        ReaderCase("capital coding", "\(post)Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", 0),
        ReaderCase("another field of that kind", "\(post)Transfer_Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", 0),
        ReaderCase("two lengths", "\(post)Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
        ReaderCase("two equal lengths", "\(post)Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
        ReaderCase("list of lengths", "\(post)Content-Length: 2, 2\r\n\r\n{}", 400),
        ReaderCase("length with plus", "\(post)Content-Length: +2\r\n\r\n{}", 400),
        ReaderCase("length with minus", "\(post)Content-Length: -2\r\n\r\n{}", 400),
        ReaderCase("length in hexadecimal", "\(post)Content-Length: 0x2\r\n\r\n{}", 400),
        ReaderCase("length with a blank in it", "\(post)Content-Length: 2 2\r\n\r\n{}", 400),
        ReaderCase("no length", "\(post)Content-Length: \r\n\r\n", 400),
        ReaderCase("length of 2^64", "\(post)Content-Length: 18446744073709551616\r\n\r\n{}", 400),
        ReaderCase("length of 2^63", "\(post)Content-Length: 9223372036854775808\r\n\r\n{}", 400),
        ReaderCase("length of other digits", "\(post)Content-Length: \u{0662}\r\n\r\n{}", 400),
        ReaderCase("length behind a tab", "\(post)Content-Length:\t2\t\r\n\r\n{}", 0),
        ReaderCase("length of a GET", "\(get)Content-Length: 2\r\n\r\n{}", 0),
        ReaderCase("chunks of a GET", "\(get)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0),
    ]

    // RFC 9112, section 7.1.
    static let chunks: [ReaderCase] = [
        ReaderCase("extensions", "\(chunked)2;a=b;c=\"d\"\r\n{}\r\n0\r\n\r\n", 0),
        ReaderCase("blank before an extension", "\(chunked)2 ;a\r\n{}\r\n0\r\n\r\n", 0),
        ReaderCase("LF in an extension", "\(chunked)2;a\nb\r\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("long extension", "\(chunked)2;a=\(repeated("x", 100_000))\r\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("many extensions", "\(chunked)\(repeated("1;a=\(repeated("x", 1000))\r\n \r\n", 10))0\r\n\r\n", 400),
        ReaderCase("size with prefix", "\(chunked)0x2\r\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("size behind a blank", "\(chunked) 2\r\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("size before a blank", "\(chunked)2 \r\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("negative size", "\(chunked)-2\r\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("size with underscore", "\(chunked)0_2\r\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("size of 17 digits", "\(chunked)00000000000000002\r\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("size beyond everything", "\(chunked)fffffffffffffffff\r\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("size of 16 digits", "\(chunked)ffffffffffffffff\r\n{}", 400),
        ReaderCase("no size", "\(chunked)\r\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("more than the size", "\(chunked)2\r\n{}x\r\n0\r\n\r\n", 400),
        ReaderCase("data before LF", "\(chunked)2\r\n{}\n0\r\n\r\n", 400),
        ReaderCase("size before LF", "\(chunked)2\n{}\r\n0\r\n\r\n", 400),
        ReaderCase("trailers", "\(chunked)2\r\n{}\r\n0\r\nX-T: 1\r\nContent-Length: 1\r\n\r\n", 0),
        ReaderCase("broken trailers", "\(chunked)2\r\n{}\r\n0\r\nX T: 1\r\n\r\n", 400),
        ReaderCase("many trailers", "\(chunked)2\r\n{}\r\n0\r\n\(repeated("X: y\r\n", 101))\r\n", 431),
    ]

    // RFC 9112, sections 2.2 and 5.
    static let lines: [ReaderCase] = [
        ReaderCase("LF everywhere", "GET /a HTTP/1.1\nHost: h\n\n", 400),
        ReaderCase("LF behind the request line", "GET /a HTTP/1.1\n\(host)\r\n", 400),
        ReaderCase("LF behind a field", "\(get)X: a\nY: b\r\n\r\n", 400),
        ReaderCase("CR in a field", "\(get)X: a\rY: b\r\n\r\n", 400),
        ReaderCase("CR behind a field", "\(get)X: a\r\r\n\r\n", 400),
        ReaderCase("folded by blank", "\(get)X: a\r\n b\r\n\r\n", 400),
        ReaderCase("folded by tab", "\(get)X: a\r\n\tb\r\n\r\n", 400),
        ReaderCase("folded first", "GET /a HTTP/1.1\r\n X: a\r\n\(host)\r\n", 400),
        ReaderCase("empty lines before", "\r\n\r\n\(get)\r\n", 0),
        ReaderCase("many empty lines before", "\(repeated("\r\n", 1000))\(get)\r\n", 400),
        ReaderCase("blank before", " \(get)\r\n", 400),
        ReaderCase("NUL in a value", "\(get)X: a\0b\r\n\r\n", 400),
        ReaderCase("NUL in a name", "\(get)X\0: a\r\n\r\n", 400),
        ReaderCase("control in a value", "\(get)X: a\u{1}b\r\n\r\n", 400),
        ReaderCase("DEL in a value", "\(get)X: a\u{7f}b\r\n\r\n", 400),
        ReaderCase("other bytes in a value", "\(get)X: ä\r\n\r\n", 0),
        ReaderCase("no colon", "\(get)X\r\n\r\n", 400),
        ReaderCase("no name", "\(get): a\r\n\r\n", 400),
        ReaderCase("blank in a name", "\(get)X Y: a\r\n\r\n", 400),
        ReaderCase("brackets in a name", "\(get)X(): a\r\n\r\n", 400),
        ReaderCase("other bytes in a name", "\(get)ä: a\r\n\r\n", 400),
        ReaderCase("empty value", "\(get)X:\r\n\r\n", 0),
    ]

    // RFC 9112, section 3; RFC 9110, section 7.2.
    static let starts: [ReaderCase] = [
        ReaderCase("unknown method", "FOO /a HTTP/1.1\r\n\(host)\r\n", 0),
        ReaderCase("method that is no token", "GE(T /a HTTP/1.1\r\n\(host)\r\n", 400),
        ReaderCase("long method", "\(repeated("X", 10_000)) /a HTTP/1.1\r\n\(host)\r\n", 501),
        ReaderCase("preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ReaderCase("two blanks", "GET  /a HTTP/1.1\r\n\(host)\r\n", 400),
        ReaderCase("tabs", "GET\t/a\tHTTP/1.1\r\n\(host)\r\n", 400),
        ReaderCase("blank at the end", "GET /a HTTP/1.1 \r\n\(host)\r\n", 400),
        ReaderCase("HTTP/0.9", "GET /a\r\n", 400),
        ReaderCase("HTTP/1.2", "GET /a HTTP/1.2\r\n\(host)\r\n", 0),
        ReaderCase("HTTP/2.0", "GET /a HTTP/2.0\r\n\(host)\r\n", 505),
        ReaderCase("HTTP/1.10", "GET /a HTTP/1.10\r\n\(host)\r\n", 400),
        ReaderCase("HTTP/01.1", "GET /a HTTP/01.1\r\n\(host)\r\n", 400),
        ReaderCase("small letters", "GET /a http/1.1\r\n\(host)\r\n", 400),
        ReaderCase("1.0 without host", "GET /a HTTP/1.0\r\n\r\n", 0),
        ReaderCase("absolute", "GET http://h/a HTTP/1.1\r\n\(host)\r\n", 0),
        ReaderCase("absolute, another host", "GET http://evil/a HTTP/1.1\r\n\(host)\r\n", 400),
        ReaderCase("absolute, of another scheme", "GET ftp://h/a HTTP/1.1\r\n\(host)\r\n", 400),
        ReaderCase("CONNECT", "CONNECT h:1 HTTP/1.1\r\n\(host)\r\n", 405),
        ReaderCase("OPTIONS *", "OPTIONS * HTTP/1.1\r\n\(host)\r\n", 0),
        ReaderCase("GET *", "GET * HTTP/1.1\r\n\(host)\r\n", 400),
        ReaderCase("fragment", "GET /a#b HTTP/1.1\r\n\(host)\r\n", 400),
        ReaderCase("other bytes in the target", "GET /ä HTTP/1.1\r\n\(host)\r\n", 400),
        ReaderCase("NUL in the target", "GET /a\0b HTTP/1.1\r\n\(host)\r\n", 400),
        ReaderCase("long target", "GET /\(repeated("a", 60_000)) HTTP/1.1\r\n\(host)\r\n", 414),
        ReaderCase("no host", "GET /a HTTP/1.1\r\n\r\n", 400),
        ReaderCase("two hosts", "\(get)\(host)\r\n", 400),
        ReaderCase("two different hosts", "\(get)Host: evil\r\n\r\n", 400),
        ReaderCase("host with user", "GET /a HTTP/1.1\r\nHost: a@h\r\n\r\n", 400),
        ReaderCase("host with path", "GET /a HTTP/1.1\r\nHost: h/x\r\n\r\n", 400),
        ReaderCase("list of hosts", "GET /a HTTP/1.1\r\nHost: h, evil\r\n\r\n", 400),
        ReaderCase("host with a blank", "GET /a HTTP/1.1\r\nHost: h evil\r\n\r\n", 400),
        ReaderCase("TLS", "\u{16}\u{3}\u{1}\u{2}", 400),
        ReaderCase("unknown expectation", "\(post)Expect: nonsense\r\nContent-Length: 2\r\n\r\n", 417),
        ReaderCase("long field", "\(get)X: \(repeated("y", 17_000))\r\n\r\n", 431),
        ReaderCase("field that is long enough", "\(get)X: \(repeated("y", 15_000))\r\n\r\n", 0),
        ReaderCase("long head", "\(get)\(repeated("X: \(repeated("y", 1000))\r\n", 40))\r\n", 431),
        ReaderCase("99 fields more", "\(get)\(repeated("X: y\r\n", 99))\r\n", 0),
        ReaderCase("100 fields more", "\(get)\(repeated("X: y\r\n", 100))\r\n", 431),
    ]

    @Test("RFC 9112 to the letter, in whatever pieces", arguments: framing + chunks + lines + starts)
    func letter(_ one: ReaderCase) {
        let bytes = Array((one.request + "GET /next HTTP/1.1\r\nHost: h\r\n\r\n").utf8)
        for pieces in [1, 7, .max] where pieces > 1 || bytes.count < 5_000 {
            let reading = RequestReading(bytes, pieces: pieces)
            #expect((reading.refusal?.status ?? 0) == one.status, "in pieces of \(pieces): \(reading)")
            if one.status == 0 {
                #expect(reading.requests.count == 2 && reading.requests.last == "/next ", "pieces of \(pieces)")
            } else {
                #expect(reading.requests == [])
            }
        }
    }

    @Test("bodies are what was sent, trailers and extensions are no part of them")
    func bodies() {
        let chunks = "\(Self.chunked)5;x=1\r\nhello\r\n6\r\n world\r\n0\r\nA: b\r\n\r\n"
        let fixed = "\(Self.post)Content-Length: 5\r\n\r\nhello"
        for pieces in [1, 3, .max] {
            #expect(
                RequestReading(Array((chunks + fixed).utf8), pieces: pieces).requests == ["/a hello world", "/a hello"])
        }
    }

    @Test("whatever comes, nothing traps, and pieces make no difference")
    func fuzz() {
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let all = (Self.framing + Self.chunks + Self.lines + Self.starts).filter { $0.request.utf8.count < 2000 }
        for _ in 0..<800 {
            var bytes = Array(all[random(all.count)].request.utf8) + Array(all[random(all.count)].request.utf8)
            for _ in 0..<random(4) { bytes[random(bytes.count)] = UInt8(random(256)) }
            let whole = RequestReading(bytes, pieces: .max)
            #expect(RequestReading(bytes, pieces: 1) == whole)
            #expect(RequestReading(bytes, pieces: 11) == whole)
        }
    }
}
