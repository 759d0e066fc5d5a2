import TestSupport
import Testing

@testable import HTTPInterface

@Suite("Cross-origin requests")
struct CORSTests {
    private let policy = OriginPolicy(
        cors: ["https://app.example", "http://localhost:3000", "null", "*"], webSocket: ["https://ws.example"])

    private func value(_ name: String, _ origin: String, isPreflight: Bool = false) -> String? {
        policy.corsHeaders(origin: origin, isPreflight: isPreflight).first { $0.0 == name }?.1
    }

    @Test("A listed origin may read the answer, and it alone is named")
    func listed() {
        #expect(value("Access-Control-Allow-Origin", "https://app.example") == "https://app.example")
        #expect(value("Access-Control-Allow-Origin", "http://localhost:3000") == "http://localhost:3000")
        #expect(value("Vary", "https://app.example") == "Origin")
        #expect(value("Access-Control-Allow-Credentials", "https://app.example") == nil)
    }

    @Test("No other origin is let in, and none is reflected")
    func foreign() {
        let origins = [
            "", "*", "null", "NULL", "Null", "https://evil.example", "http://app.example", "https://app.example:443",
            "https://app.example:8443", "https://app.example.", "https://sub.app.example",
            "https://app.example.evil.example",
            "https://evil.example/https://app.example", "https://app.example/",
            "https://app.example, https://evil.example",
            "https://user@app.example", " https://app.example", "https://app.example ", "https://app.example\r\nX: y",
            "app.example", "https://ws.example", "http://localhost", "http://localhost:30000", "file://",
            "https://app.e\u{301}xample", "\u{212a}",
        ]
        for origin in origins {
            for isPreflight in [false, true] {
                let headers = policy.corsHeaders(origin: origin, isPreflight: isPreflight)
                #expect(headers.map(\.0) == ["Vary"], "\(origin.debugDescription)")
            }
        }
    }

    @Test("A refused origin is told of once, and only so many are")
    func refused() {
        let refused = RefusedOrigins()
        #expect(refused.isNew("cors_origins https://a.example"))
        #expect(!refused.isNew("cors_origins https://a.example"))
        #expect(refused.isNew("websocket_origins https://a.example"))
        #expect((0..<1000).filter { refused.isNew("https://\($0).example") }.count == 62)
    }

    @Test("A star in the list is no wildcard")
    func star() {
        let policy = OriginPolicy(cors: ["*"], webSocket: [])
        #expect(policy.corsHeaders(origin: "https://any.example", isPreflight: false).map(\.0) == ["Vary"])
    }

    @Test("A preflight is told methods, headers and how long that holds")
    func preflight() {
        func value(_ name: String) -> String? { self.value(name, "https://app.example", isPreflight: true) }
        #expect(value("Access-Control-Allow-Methods") == "GET, POST, PUT, PATCH, DELETE, OPTIONS")
        #expect(value("Access-Control-Allow-Headers") == "authorization, x-api-key, content-type, last-event-id")
        #expect(value("Access-Control-Max-Age") == "600")
    }

    @Test("Without a list nothing is said at all")
    func none() {
        let policy = OriginPolicy(cors: [], webSocket: ["https://ws.example"])
        #expect(policy.corsHeaders(origin: "https://ws.example", isPreflight: true).isEmpty)
    }

    @Test("Random origins are never let in, and what is said of one is always plain ASCII")
    func random() {
        var random = RandomText(seed: 21)
        let keyed = OriginPolicy(cors: ["https://kiosk.example"], webSocket: [])
        for _ in 0..<5000 {
            let origin = random.mutated("https://kiosk.example")
            for (_, value) in keyed.corsHeaders(origin: origin, isPreflight: true) {
                #expect(value.utf8.allSatisfy { (0x20...0x7e).contains($0) }, "\(origin.debugDescription)")
            }
        }
        for origin in ["https://\u{212a}iosk.example", "https://kios\u{212a}.example"] {
            #expect(keyed.corsHeaders(origin: origin, isPreflight: false).map(\.0) == ["Vary"])
        }
    }
}

@Suite("Origins of WebSockets")
struct WebSocketOriginTests {
    private let policy = OriginPolicy(
        cors: ["https://cors.example"], webSocket: ["https://Listed.example:8443", "null"])

    private func allows(_ origin: String?, _ host: String?, tls: Bool = false) -> Bool {
        policy.allowsWebSocket(origin: origin, host: host, isTLS: tls)
    }

    @Test("Clients that are no browsers have no origin and are let in")
    func absent() {
        #expect(allows(nil, "localhost:8080"))
        #expect(allows(nil, nil))
    }

    @Test("The service's own pages are let in, by the name under which it was asked")
    func own() {
        #expect(allows("http://localhost:8080", "localhost:8080"))
        #expect(allows("http://LOCALHOST:8080", "localhost:8080"))
        #expect(allows("http://127.0.0.1", "127.0.0.1:80"))
        #expect(allows("http://[::1]:8080", "[::1]:8080"))
        #expect(allows("https://nest.example", "nest.example", tls: true))
        #expect(allows("https://nest.example", "nest.example:443", tls: true))
    }

    @Test("Behind a proxy that ends TLS the page's scheme is https; with TLS here it must be")
    func schemes() {
        #expect(allows("https://nest.example", "nest.example"))
        #expect(allows("https://nest.example:8443", "nest.example:8443"))
        #expect(!allows("http://nest.example", "nest.example", tls: true))
        #expect(!allows("http://nest.example:443", "nest.example:443", tls: true))
    }

    @Test("Listed origins are let in whatever the host")
    func listed() {
        #expect(allows("https://listed.example:8443", "localhost:8080"))
        #expect(!allows("https://listed.example", "localhost:8080"))
        #expect(!allows("https://cors.example", "localhost:8080"))
    }

    private static let foreign = [
        "", "null", "NULL", "https://evil.example", "http://127.attacker.example", "http://127.attacker.example:8080",
        "http://localhost", "http://localhost:3000", "http://localhost:80801", "http://localhost:+8080",
        "http://sub.localhost:8080", "http://localhost.:8080", "http://localhost:8080/", "http://localhost:8080/x",
        "http://localhost:8080@evil.example", "http://user@localhost:8080", "http://evil.example#localhost:8080",
        "http://evil.example?localhost:8080", "http://evil.example\\localhost:8080", "ws://localhost:8080",
        "localhost:8080",
        "//localhost:8080", "http:localhost:8080", "http:///localhost:8080", "file://", "file://localhost:8080",
        "chrome-extension://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080 ",
        " http://localhost:8080", "http://localhost:8080, http://localhost:8080", "http://localhost:8080\0",
        "http://\u{301}localhost:8080", "http://loca\u{301}lhost:8080", "https://https://localhost:8080",
        "http://localhost:8080http://localhost:8080",
    ]

    @Test("Foreign pages are not let in, nor what only looks like our own")
    func refused() {
        for origin in Self.foreign {
            for tls in [false, true] {
                for host in ["localhost:8080", "", nil] {
                    #expect(!allows(origin, host, tls: tls), "\(origin.debugDescription)")
                }
            }
        }
    }

    @Test("A rebound name is the same origin, and so it is the host policy that must not let it in")
    func rebinding() {
        #expect(allows("http://127.attacker.example:8080", "127.attacker.example:8080"))
        #expect(!HostPolicy(allowed: [], listensOnLoopback: true).allows("127.attacker.example:8080"))
    }

    @Test("Origins with one byte wrong are not our own")
    func random() {
        var random = RandomText(seed: 31)
        for _ in 0..<10_000 {
            let origin = random.mutated("http://localhost:8080")
            guard allows(origin, "localhost:8080") else { continue }
            // Upper case, another scheme behind a proxy, or a zero before the port.
            let same = ["http://localhost:8080", "https://localhost:8080", "http://localhost:08080"]
            #expect(same.contains(origin.lowercased()), "\(origin.debugDescription)")
        }
        for _ in 0..<10_000 {
            let origin = "http://" + random.text(of: RandomText.networkPieces, upTo: 6)
            if allows(origin, "localhost:8080") { #expect(origin.lowercased() == "http://localhost:8080") }
        }
    }
}
