import TestSupport
import Testing

@testable import HTTPInterface

@Suite("Host policy")
struct HostPolicyTests {
    private let local = HostPolicy(allowed: [], listensOnLoopback: true)

    @Test(
        "On loopback this machine's own names are answered to, on any port",
        arguments: [
            "localhost", "localhost:8080", "LOCALHOST", "LocalHost:1", "127.0.0.1", "127.0.0.1:65535", "[::1]",
            "[::1]:8080",
        ])
    func localNames(host: String) {
        #expect(local.allows(host))
    }

    @Test(
        "Names that others can give this address are not answered to",
        arguments: [
            "127.attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example", "attacker.example",
            "attacker.example:8080", "localhost.", "127.0.0.1.", "localhost.:8080", "127.0.0.2", "127.1", "2130706433",
            "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0", "[::]", "[::2]", "[::ffff:127.0.0.1]", "[127.0.0.1]", "localhost%00",
            "xlocalhost", "localhostx", "local\u{301}host",
        ])
    func rebinding(host: String) {
        #expect(!local.allows(host))
    }

    private static let broken = [
        "", " ", ":", ":80", "localhost:", "localhost:65536", "localhost:+80", "localhost:-1", "localhost:8o",
        "localhost:80:80",
        "user@localhost", "user:pass@localhost", "localhost@attacker.example", "localhost/", "localhost/path",
        "localhost?", "localhost#", "localhost\\", " localhost", "localhost ", "localhost\t", "localhost\r\n",
        "localhost\0",
        "localhost,attacker.example", "http://localhost", "::1", "::1:80", "[::1", "::1]", "[::1]]", "[[::1]]",
        "[::1]x",
        "[::1]:", "[::1]80", "[::1]:65536", "[]", "[localhost]", "[fe80::1%eth0]", "[::1\0]", "[ ::1]", "[::1]:80:80",
        ".",
        "..", ".localhost", "localhost.", "löcalhost", "ｌocalhost", "localhos\u{212a}", "\u{212a}", "local\u{ad}host",
        "🦆", "*",
        "*.example.org", "1.2.3.4]", "local host",
    ]

    @Test("What is no authority is refused, even where every name is welcome")
    func refused() {
        let anywhere = HostPolicy(allowed: [], listensOnLoopback: false)
        let listed = HostPolicy(allowed: ["localhost", "*.example.org"], listensOnLoopback: true)
        for host in Self.broken {
            for policy in [local, anywhere, listed] { #expect(!policy.allows(host), "\(host.debugDescription)") }
        }
    }

    @Test("A request that does not say whom it asks is refused")
    func absent() {
        #expect(!local.allows(nil))
        #expect(!HostPolicy(allowed: [], listensOnLoopback: false).allows(nil))
    }

    @Test("Elsewhere than on loopback, without a list, any name will do")
    func anywhere() {
        let policy = HostPolicy(allowed: [], listensOnLoopback: false)
        for host in ["example.org", "example.org:8080", "10.0.0.1", "[2001:db8::1]:443", "a_b.example", "x"] {
            #expect(policy.allows(host), "\(host)")
        }
        #expect(!policy.allows(String(repeating: "a", count: 256)))
        #expect(!policy.allows(String(repeating: "a.", count: 500_000) + "a"))
    }

    @Test("A list replaces the names that are allowed otherwise")
    func list() {
        let policy = HostPolicy(allowed: ["Nest.Example.org", "ports.example.org:8443"], listensOnLoopback: true)
        #expect(policy.allows("nest.example.org"))
        #expect(policy.allows("NEST.example.org:1"))
        #expect(policy.allows("ports.example.org:8443"))
        #expect(!policy.allows("ports.example.org:8444"))
        #expect(!policy.allows("ports.example.org"))
        #expect(!policy.allows("localhost"))
        #expect(!policy.allows("sub.nest.example.org"))
        #expect(!policy.allows("example.org"))
    }

    @Test("A standard port that is listed is the one a browser leaves out")
    func standardPorts() {
        let policy = HostPolicy(allowed: ["a.example:443", "b.example:80"], listensOnLoopback: false)
        for host in ["a.example", "a.example:443", "b.example", "b.example:80"] {
            #expect(policy.allows(host), "\(host)")
        }
        #expect(!policy.allows("a.example:80"))
        #expect(!policy.allows("b.example:8080"))
    }

    @Test("A wildcard stands for names below, not for the name itself, nor for one that ends like it")
    func wildcard() {
        let policy = HostPolicy(allowed: ["*.example.org"], listensOnLoopback: false)
        #expect(policy.allows("a.example.org"))
        #expect(policy.allows("a.b.Example.org:443"))
        #expect(!policy.allows("example.org"))
        #expect(!policy.allows(".example.org"))
        #expect(!policy.allows("evilexample.org"))
        #expect(!policy.allows("a.example.org.evil.example"))
        #expect(!policy.allows("a.example.org."))
    }

    @Test(
        "A list entry that is no name lets nobody in",
        arguments: ["", "*", "*.", "@", "http://a.example", "a.example/"])
    func brokenEntries(entry: String) {
        let policy = HostPolicy(allowed: [entry], listensOnLoopback: true)
        for host in ["a.example", "localhost", "", "*", "a."] { #expect(!policy.allows(host), "\(host)") }
    }

    @Test("Random text is taken only if it is an authority of plain ASCII")
    func random() {
        var random = RandomText(seed: 11)
        let anywhere = HostPolicy(allowed: [], listensOnLoopback: false)
        var taken = 0
        for round in 0..<20_000 {
            let text =
                round % 2 == 0
                ? random.text(of: RandomText.networkPieces, upTo: 6) : random.mutated("localhost:8080")
            if local.allows(text) {
                let name = text.lowercased()
                #expect(["localhost", "127.0.0.1", "[::1]"].contains { name == $0 || name.hasPrefix($0 + ":") })
            }
            guard anywhere.allows(text) else { continue }
            taken += 1
            let isPlain = text.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"/@?#\\%,*".utf8.contains($0) }
            #expect(isPlain, "\(text.debugDescription)")
        }
        #expect(taken > 200)
    }
}
