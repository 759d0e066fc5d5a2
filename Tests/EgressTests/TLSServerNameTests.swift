import EgressRules
import Testing

@testable import Egress

@Suite("Names inside TLS") struct TLSServerNameTests {
    private static func vector(_ size: Int, _ bytes: [UInt8]) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes
    }

    /// The first message of a client, in records of at most so many bytes.
    static func hello(_ names: [String?], record: Int = 16_384, extra: [UInt8] = []) -> [UInt8] {
        var extensions: [UInt8] = [0, 23, 0, 0]
        for case let name? in names { extensions += [0, 0] + vector(2, vector(2, [0] + vector(2, Array(name.utf8)))) }
        let body: [UInt8] =
            [3, 3] + [UInt8](repeating: 7, count: 32) + vector(1, []) + vector(2, [0x13, 1]) + vector(1, [0])
            + vector(2, extensions + extra)
        let message = [1] + vector(3, body)
        return stride(from: 0, to: message.count, by: record).flatMap { start in
            [0x16, 3, 1] + vector(2, Array(message[start..<min(start + record, message.count)]))
        }
    }

    @Test("the name is found, however many records and pieces it comes in") func found() {
        for record in [1, 5, 40, 16_384] {
            let bytes = Self.hello(["www.example.org"], record: record)
            #expect(TLSServerName.look(bytes) == .name("www.example.org"))
            for count in 1..<bytes.count {
                #expect(TLSServerName.look(bytes[..<count]) == .more, "\(count) of \(bytes.count)")
            }
            #expect(TLSServerName.look(bytes + [1, 2, 3]) == .name("www.example.org"))
        }
    }

    @Test("what has no name, is not TLS, or is wrong") func others() {
        #expect(TLSServerName.look(Self.hello([nil])) == .none)
        #expect(TLSServerName.look(Array("GET /".utf8)) == .other)
        #expect(TLSServerName.look([0x16, 4]) == .other)
        #expect(TLSServerName.look([UInt8]()) == .more)
        #expect(TLSServerName.look(Self.hello(["a.example.org", "b.example.org"])) == .wrong)
        #expect(TLSServerName.look(Self.hello(["a"], extra: [0])) == .wrong)
        #expect(TLSServerName.look([0x16, 3, 1, 0, 0]) == .wrong)
        #expect(TLSServerName.look([0x16, 3, 1, 0xFF, 0xFF]) == .wrong)
        #expect(TLSServerName.look([0x16, 3, 1, 0, 4, 2, 0, 0, 0]) == .wrong)
        #expect(TLSServerName.look([0x16, 3, 1, 0, 4, 1, 0xFF, 0xFF, 0xFF]) == .wrong)
    }

    @Test("mutated messages are never taken for another name's") func fuzz() {
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = Self.hello(["www.example.org"], record: Int.random(in: 1...200, using: &numbers))
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = .random(in: 0...255, using: &numbers)
            }
            _ = TLSServerName.look(bytes)
        }
    }

    @Test("a tunnel to a name lets only that name through, one to an address any") func screens() throws {
        let target = try #require(EgressTarget("www.example.org:443"))
        for (name, expected) in [("WWW.example.org", true), ("www.example.net", false), ("", false)] {
            for kind in [ClientRequest.Kind.tunnel, .socks] {
                var screen = EgressScreen(ClientRequest(kind, target))
                let bytes = Self.hello([name])
                #expect(screen.look(at: Array(bytes[..<20])) == .hold)
                #expect(screen.look(at: bytes) == (expected ? .pass(bytes.count, isLast: false) : .refuse(.sni)))
            }
        }
        var open = EgressScreen(ClientRequest(.tunnel, try #require(EgressTarget("192.0.2.1:443"))))
        let bytes = Self.hello(["www.example.net"])
        #expect(open.look(at: bytes) == .pass(bytes.count, isLast: false))
        var plain = EgressScreen(ClientRequest(.tunnel, target))
        #expect(plain.look(at: [1, 2, 3]) == .pass(3, isLast: false))
        #expect(plain.look(at: bytes) == .pass(bytes.count, isLast: false))
    }
}
