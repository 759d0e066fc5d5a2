import Testing

@testable import EgressRules

@Suite("Classes of addresses")
struct AddressClassTests {
    @Test(
        "every range is what its registry says, at its first and last address",
        arguments: [
            ("0.0.0.0", AddressClass.unspecified), ("0.255.255.255", .unspecified), ("1.0.0.0", .public),
            ("9.255.255.255", .public), ("10.0.0.0", .private), ("10.255.255.255", .private), ("11.0.0.0", .public),
            ("100.63.255.255", .public), ("100.64.0.0", .shared), ("100.127.255.255", .shared),
            ("100.128.0.0", .public),
            ("100.100.100.200", .metadata), ("127.0.0.1", .loopback), ("127.255.255.255", .loopback),
            ("128.0.0.0", .public), ("168.63.129.16", .metadata), ("168.63.129.17", .public),
            ("169.253.255.255", .public),
            ("169.254.0.0", .linkLocal), ("169.254.169.254", .metadata), ("169.254.170.2", .metadata),
            ("169.254.255.255", .linkLocal), ("169.255.0.0", .public), ("172.15.255.255", .public),
            ("172.16.0.0", .private), ("172.31.255.255", .private), ("172.32.0.0", .public),
            ("191.255.255.255", .public),
            ("192.0.0.0", .reserved), ("192.0.0.192", .metadata), ("192.0.1.0", .public), ("192.0.2.1", .reserved),
            ("192.0.3.0", .public), ("192.88.99.1", .embedded), ("192.167.255.255", .public), ("192.168.0.0", .private),
            ("192.168.255.255", .private), ("192.169.0.0", .public), ("198.17.255.255", .public),
            ("198.18.0.0", .reserved), ("198.19.255.255", .reserved), ("198.20.0.0", .public),
            ("198.51.100.7", .reserved), ("203.0.113.7", .reserved), ("223.255.255.255", .public),
            ("224.0.0.1", .multicast), ("239.255.255.255", .multicast), ("240.0.0.0", .reserved),
            ("255.255.255.255", .reserved),
            ("::", .unspecified), ("::1", .loopback), ("::2", .embedded), ("::7f00:1", .embedded),
            ("::ffff:127.0.0.1", .embedded), ("::ffff:8.8.8.8", .embedded), ("::ffff:0:10.0.0.1", .embedded),
            ("64:ff9b::10.0.0.1", .embedded), ("64:ff9b:1::1", .embedded), ("64:ff9b:2::1", .reserved),
            ("100::1", .reserved),
            ("2001::1", .embedded), ("2001:0:4136:e378::1", .embedded), ("2001:2::1", .reserved),
            ("2001:20::1", .reserved),
            ("2001:200::1", .public), ("2001:db8::1", .reserved), ("2002:a00:1::1", .embedded), ("2003::1", .public),
            ("2606:4700::1111", .public), ("2606:4700::5efe:a00:1", .embedded),
            ("2606:4700::200:5efe:a00:1", .embedded),
            ("3fff::1", .reserved), ("3fff:1000::1", .public), ("4000::1", .reserved), ("5f00::1", .reserved),
            ("fc00::1", .private), ("fd00:ec2::254", .metadata), ("fd20:ce::254", .metadata), ("fdff::1", .private),
            ("fe80::1", .linkLocal), ("febf::1", .linkLocal), ("fec0::1", .private), ("ff02::1", .multicast),
        ])
    func classes(text: String, expected: AddressClass) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressClass(of: address) == expected, "\(text)")
    }

    @Test("no row was mistyped") func rows() {
        #expect(AddressClass.rowCounts == [20, 19])
    }

    @Test("whatever a hundred thousand random addresses are, a public one has no private bits") func random() throws {
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<100_000 {
            let bytes = (0..<4).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            let address = try #require(IPAddress(bytes: bytes))
            let mapped = try #require(IPAddress(bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + bytes))
            #expect(AddressClass(of: mapped) == .embedded)
            #expect(IPAddress(address.description) == address)
            guard AddressClass(of: address) == .public else { continue }
            #expect(![0, 10, 127].contains(bytes[0]) && bytes[0] < 224)
            #expect(!(bytes[0] == 192 && bytes[1] == 168) && !(bytes[0] == 172 && (16...31).contains(bytes[1])))
            #expect(!(bytes[0] == 169 && bytes[1] == 254) && !(bytes[0] == 100 && (64...127).contains(bytes[1])))
        }
    }

    @Test(
        "only one form of an address of version 4 is one",
        arguments: [
            "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4",
            "1.2.3.4 ", "",
            "1.2.3.4%eth0", "fe80::1%eth0", "::g", "[::1]", "1.2.3.4\0",
        ])
    func noAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("ranges") func ranges() throws {
        let range = try #require(PrivateRange("10.1.2.0/24:443"))
        let inside = try #require(IPAddress("10.1.2.77")), outside = try #require(IPAddress("10.1.3.0"))
        #expect(range.contains(inside, port: 443) && !range.contains(inside, port: 80))
        #expect(!range.contains(outside, port: 443) && range.description == "10.1.2.0/24:443")
        let six = try #require(PrivateRange("[fd00:1::/48]:8443"))
        #expect(six.description == "[fd00:1::/48]:8443")
        #expect(!six.contains(inside, port: 8443))
        for wrong in [
            "10.1.2.0/24", "10.1.2.3/24:443", "10.1.2.0/33:1", "10.1.2.0/:1", "10.1.2.0/24:0", "10.1.2.0/024:1",
            "fd00:1::/48:1", "[10.0.0.0/8]:1", "a/8:1", "10.0.0.0/8:65536",
        ] { #expect(PrivateRange(wrong) == nil, "\(wrong)") }
    }
}
