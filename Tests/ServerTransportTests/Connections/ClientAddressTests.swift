import TestSupport
import Testing

@testable import ServerTransport

@Suite("Client address")
struct ClientAddressTests {
    @Test(
        "Addresses are read in every form they come in",
        arguments: [
            ("1.2.3.4", "1.2.3.4"), ("1.2.3.4:80", "1.2.3.4"), (" 1.2.3.4 ", "1.2.3.4"), ("::1", "::1"),
            ("[::1]", "::1"), ("[::1]:65535", "::1"), ("2001:DB8::A", "2001:db8::a"), ("::ffff:1.2.3.4", "1.2.3.4"),
            ("::ffff:102:304", "1.2.3.4"), ("[::ffff:1.2.3.4]:9", "1.2.3.4"), ("0:0:0:0:0:0:0:1", "::1"), ("::", "::"),
        ])
    func forms(text: String, canonical: String) {
        #expect(ClientAddress(text)?.description == canonical)
    }

    @Test("What is no address is none, and nothing is looked up")
    func broken() {
        let texts = [
            "", " ", ".", ":", "localhost", "example.org", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.-4", "0x7f.0.0.1",
            "127.1", "2130706433", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:+80", "1.2.3.4:-1", "1.2.3.4:8a", "[1.2.3.4",
            "1.2.3.4]", "[]", "[::1", "::1]", "[::1]80", "[::1]:", "[::1]:99999", "[[::1]]", ":::", "1::2::3",
            "12345::",
            "fe80::1%eth0", "1.2.3.4\0", "1.2.3.4\0.example", "::1\0", "1.2.3.4 5", "１.2.3.4", "unknown", "_hidden",
            "\"1.2.3.4\"", "1.2.3.4\r\n", "[::1%25lo]", "::ffff:1.2.3.4.5",
            String(repeating: "1", count: 5000), String(repeating: ":", count: 5000),
        ]
        for text in texts { #expect(ClientAddress(text) == nil, "\(text.debugDescription)") }
    }

    @Test("Loopback is 127.0.0.0/8, ::1, and 127.0.0.0/8 written as IPv6")
    func loopback() {
        for text in ["127.0.0.1", "127.255.1.2", "::1", "::ffff:127.0.0.1"] {
            #expect(ClientAddress(text)?.isLoopback == true, "\(text)")
        }
        for text in ["128.0.0.1", "126.255.255.255", "0.0.0.0", "::", "::2", "1::1", "::127.0.0.1"] {
            #expect(ClientAddress(text)?.isLoopback == false, "\(text)")
        }
    }

    @Test("Limits count for one IPv4 address, and for a /64 of IPv6")
    func bucket() throws {
        func bucket(_ text: String) throws -> String { try #require(ClientAddress(text)).bucket }
        #expect(try bucket("1.2.3.4") == bucket("::ffff:1.2.3.4"))
        #expect(try bucket("1.2.3.4") != bucket("1.2.3.5"))
        #expect(try bucket("2001:db8:0:1::1") == bucket("2001:db8:0:1:ffff:ffff:ffff:ffff"))
        #expect(try bucket("2001:db8:0:1::1") != bucket("2001:db8:0:2::1"))
        // Bytes of one digit and of two must not run together.
        #expect(try bucket("0101:1::") != bucket("1011::"))
        #expect(try bucket("::1.2.3.4") != bucket("1.2.3.4"))
    }

    @Test("Random text is refused or read the same a second time")
    func random() {
        var random = RandomText(seed: 1)
        var read = 0
        for _ in 0..<20_000 {
            let text = random.text(of: RandomText.networkPieces, upTo: 9)
            guard let address = ClientAddress(text) else { continue }
            read += 1
            #expect(text.utf8.allSatisfy { (0x20...0x7e).contains($0) || $0 == 9 }, "\(text.debugDescription)")
            #expect(ClientAddress(address.description) == address, "\(text.debugDescription)")
        }
        #expect(read > 50)
    }

    @Test("Random numbers survive being written and read, and one wrong byte never traps")
    func roundTrip() {
        var random = RandomText(seed: 2)
        for _ in 0..<3000 {
            let isFour = random.below(2) == 0
            let text =
                isFour
                ? (0..<4).map { _ in String(random.below(256)) }.joined(separator: ".")
                : (0..<8).map { _ in String(random.below(65536), radix: 16) }.joined(separator: ":")
            let address = ClientAddress(text)
            #expect(address != nil, "\(text)")
            #expect(address?.bytes.count == (isFour ? 4 : 16))
            #expect(address.flatMap { ClientAddress($0.description) } == address)
            if let changed = ClientAddress(random.mutated(text)) {
                #expect(ClientAddress(changed.description) == changed)
            }
        }
    }
}

@Suite("Address range")
struct AddressRangeTests {
    private func contains(_ range: String, _ address: String) throws -> Bool {
        try #require(AddressRange(range)).contains(try #require(ClientAddress(address)))
    }

    @Test("A range has the addresses that share its first bits")
    func contains() throws {
        #expect(try contains("10.0.0.0/8", "10.255.255.255"))
        #expect(try !contains("10.0.0.0/8", "11.0.0.0"))
        #expect(try contains("10.128.0.0/9", "10.128.0.0"))
        #expect(try !contains("10.128.0.0/9", "10.127.255.255"))
        #expect(try contains("1.2.3.4", "1.2.3.4"))
        #expect(try !contains("1.2.3.4", "1.2.3.5"))
        #expect(try contains("1.2.3.4/31", "1.2.3.5"))
        #expect(try contains("0.0.0.0/0", "255.255.255.255"))
        #expect(try contains("fd00::/8", "fdff::1"))
        #expect(try !contains("fd00::/8", "fe00::1"))
        #expect(try contains("2001:db8::/33", "2001:db8:7fff::"))
        #expect(try !contains("2001:db8::/33", "2001:db8:8000::"))
        #expect(try contains("::/0", "::1"))
    }

    @Test("IPv4 ranges have no IPv6 addresses but those that are IPv4 ones, and the other way round")
    func families() throws {
        #expect(try contains("127.0.0.0/8", "::ffff:127.0.0.1"))
        #expect(try !contains("0.0.0.0/0", "::1"))
        #expect(try !contains("::/0", "1.2.3.4"))
    }

    @Test(
        "What is no range is refused",
        arguments: [
            "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/-0", "10.0.0.0/+8",
            "10.0.0.0/8/8", "10.0.0.0/8a", "10.0.0.0/99999999999999999999", "[::1]", "[::1]/128", "10.0.0.0:80/8",
            "example.org/8", "10/8", " 10.0.0.0/8", "::ffff:10.0.0.0/104", "::ffff:10.0.0.0/8", "*", "10.0.0.0 /8",
        ])
    func broken(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test("Random ranges agree with arithmetic on 32 bits, and random text never traps")
    func random() {
        var random = RandomText(seed: 3)
        func text(_ number: UInt32) -> String {
            [24, 16, 8, 0].map { String(number >> $0 & 255) }.joined(separator: ".")
        }
        for _ in 0..<3000 {
            let (base, bits) = (UInt32(truncatingIfNeeded: random.next()), random.below(33))
            // Differs in one bit, so that both answers come up.
            let other = base ^ (1 << UInt32(random.below(32)))
            guard let range = AddressRange("\(text(base))/\(bits)"), let address = ClientAddress(text(other)) else {
                Issue.record("\(text(base))/\(bits)")
                continue
            }
            let mask: UInt32 = bits == 0 ? 0 : ~0 << UInt32(32 - bits)
            #expect(range.contains(address) == (base & mask == other & mask))
        }
        for _ in 0..<5000 { _ = AddressRange(random.text(of: RandomText.networkPieces, upTo: 8)) }
    }
}

@Suite("Trust in proxies")
struct ProxyTrustTests {
    private func client(_ peer: String, _ headers: [String], trusted: [String] = ["10.0.0.0/8", "::1"]) throws -> String
    {
        let ranges = try trusted.map { try #require(AddressRange($0)) }
        let peer = try #require(ClientAddress(peer))
        return ProxyTrust(ranges: ranges).client(peer: peer, forwardedFor: headers).description
    }

    @Test("What a client says of itself is not believed")
    func untrusted() throws {
        #expect(try client("1.2.3.4", ["9.9.9.9"]) == "1.2.3.4")
        #expect(try client("10.0.0.1", ["9.9.9.9"], trusted: []) == "10.0.0.1")
        #expect(try client("10.0.0.1", ["127.0.0.1, 9.9.9.9"]) == "9.9.9.9")
    }

    @Test("Trusted hops are walked through from the right, over all header lines")
    func hops() throws {
        #expect(try client("10.0.0.1", ["9.9.9.9"]) == "9.9.9.9")
        #expect(try client("10.0.0.1", ["6.6.6.6, 9.9.9.9, 10.0.0.2", "10.0.0.3"]) == "9.9.9.9")
        #expect(try client("::1", ["[2001:db8::1]:443"]) == "2001:db8::1")
        #expect(try client("::ffff:10.0.0.1", ["9.9.9.9:1234"]) == "9.9.9.9")
        #expect(try client("10.0.0.1", ["9.9.9.9,\t10.0.0.2"]) == "9.9.9.9")
    }

    @Test("Where a hop is broken, whoever passed it on is the client")
    func broken() throws {
        #expect(try client("10.0.0.1", []) == "10.0.0.1")
        #expect(try client("10.0.0.1", [""]) == "10.0.0.1")
        #expect(try client("10.0.0.1", ["9.9.9.9, unknown"]) == "10.0.0.1")
        #expect(try client("10.0.0.1", ["9.9.9.9, evil, 10.0.0.7"]) == "10.0.0.7")
        #expect(try client("10.0.0.1", ["for=9.9.9.9"]) == "10.0.0.1")
    }

    @Test("A client cannot hide behind a header that is too long, nor make it costly")
    func long() throws {
        let noise = String(repeating: "6.6.6.6, ", count: 2000)
        #expect(try client("10.0.0.1", [noise + "9.9.9.9"]) == "9.9.9.9")
        #expect(try client("10.0.0.1", [String(repeating: "x", count: 100_000) + ", 9.9.9.9"]) == "9.9.9.9")
        #expect(try client("10.0.0.1", Array(repeating: "6.6.6.6", count: 5000) + ["9.9.9.9"]) == "9.9.9.9")
    }

    @Test("No more than 32 hops are believed")
    func many() throws {
        let hops = (1...40).reversed().map { "10.0.1.\($0)" }.joined(separator: ", ")
        #expect(try client("10.0.0.1", ["9.9.9.9, " + hops]) == "10.0.1.32")
    }

    @Test("Random headers of an untrusted peer change nothing, and of a trusted one never trap")
    func random() throws {
        var random = RandomText(seed: 6)
        let trust = ProxyTrust(ranges: [try #require(AddressRange("10.0.0.0/8"))])
        let (trusted, foreign) = (try #require(ClientAddress("10.0.0.1")), try #require(ClientAddress("8.8.8.8")))
        for _ in 0..<4000 {
            let headers = (0..<random.below(4)).map { _ in random.text(of: RandomText.networkPieces, upTo: 20) }
            #expect(trust.client(peer: foreign, forwardedFor: headers) == foreign)
            let client = trust.client(peer: trusted, forwardedFor: headers)
            #expect(ClientAddress(client.description) == client)
        }
    }
}
