import HTTPTypes
import HummingbirdCore
import ServerTransport
import Testing

@testable import HTTPInterface

/// How requests and upgrades are admitted: the same checks, in the same order.
@Suite("Access control")
struct AccessControlTests {
    private typealias Fixture = RouterFixture

    @Test("public, key, admin: each kind of caller is refused or let through")
    func levels() async throws {
        let fixture = try Fixture()
        let wrong = String(repeating: "x", count: 56)
        for (path, none, user, admin) in [
            ("/public", 200, 200, 200), ("/counted", 200, 200, 200), ("/key", 401, 200, 200),
            ("/limited", 401, 200, 200), ("/admin", 401, 403, 200),
        ] {
            #expect(try await fixture.status(Fixture.head(path)) == none, "\(path)")
            #expect(try await fixture.status(Fixture.head(path, key: wrong)) == none, "\(path)")
            #expect(try await fixture.status(Fixture.head(path, key: fixture.user)) == user, "\(path)")
            #expect(try await fixture.status(Fixture.head(path, key: fixture.admin)) == admin, "\(path)")
        }
    }

    @Test("public, key, admin: the same for upgrades")
    func socketLevels() async throws {
        let fixture = try Fixture()
        for (path, none, user, admin) in [
            ("/open", 101, 101, 101), ("/socket", 401, 101, 101), ("/admins", 401, 403, 101),
        ] {
            for (key, wanted) in [(nil, none), (fixture.user, user), (fixture.admin, admin)] {
                let head = Fixture.head(path, key: key)
                #expect(try fixture.upgrades(head).0 == (wanted == 101), "\(path)")
                // What is not upgraded is answered as a plain request, which says why.
                #expect(try await fixture.status(head) == (wanted == 101 ? 426 : wanted), "\(path)")
            }
        }
    }

    @Test("host, route, query, key, role, rate: a request with many faults is refused for the first of them")
    func order() async throws {
        let fixture = try Fixture(burst: 1)
        func status(
            _ target: String, _ method: HTTPRequest.Method = .get, key: String? = nil, host: String = "here"
        ) async throws -> Int {
            try await fixture.status(Fixture.head(target, method, key: key, host: host))
        }
        #expect(try await status("/limited", key: fixture.user) == 200)
        #expect(try await status("/admin", key: fixture.admin) == 200)
        // From here on both keys have used up their rate.
        #expect(try await status("/nowhere?a&a", .delete, key: fixture.user, host: "there") == 421)
        #expect(try await status("/nowhere?a&a", .delete, key: fixture.user) == 404)
        #expect(try await status("/admin?a&a", .delete, key: fixture.user) == 405)
        #expect(try await status("/admin?a&a", key: fixture.user) == 400)
        #expect(try await status("/admin?a") == 401)
        #expect(try await status("/admin?a", key: fixture.user) == 403)
        #expect(try await status("/admin?a", key: fixture.admin) == 429)
        // Without a rate of its own a route goes on.
        #expect(try await status("/key", key: fixture.user) == 200)
    }

    @Test("an upgrade with many faults is answered for the first of them; its own conditions come last")
    func socketOrder() async throws {
        let foreign = [("Origin", "https://stranger")]
        let other = [("Sec-WebSocket-Protocol", "b.v1")]
        func answer(_ fixture: RouterFixture, _ head: HTTPRequest) async throws -> Int {
            #expect(try !fixture.upgrades(head).0)
            return try await fixture.status(head)
        }
        let closed = try Fixture(burst: 4, isOpen: false)
        #expect(try await answer(closed, Fixture.head("/socket", host: "there", headers: foreign + other)) == 421)
        #expect(try await answer(closed, Fixture.head("/socket", headers: foreign + other)) == 401)
        let key = closed.user
        #expect(try await answer(closed, Fixture.head("/socket", key: key, headers: foreign + other)) == 403)
        #expect(try await answer(closed, Fixture.head("/socket", key: key, headers: other)) == 400)
        let open = try Fixture(burst: 2)
        #expect(try await answer(open, Fixture.head("/socket", key: open.user, headers: other)) == 426)
        #expect(try open.upgrades(Fixture.head("/socket", key: open.user)).0)
        #expect(try await answer(open, Fixture.head("/socket", key: open.user)) == 429)
    }

    @Test("what is refused before the upgrade counts once, where it is answered")
    func counting() async throws {
        let fixture = try Fixture(burst: 3)
        let guess = Fixture.head("/socket", key: "nbx_wrong")
        for _ in 0..<3 {
            #expect(try !fixture.upgrades(guess).0)
            #expect(try await fixture.status(guess) == 401)
        }
        #expect(try await fixture.status(guess) == 429)
        // Keys count by themselves: one upgrade, one request.
        #expect(try fixture.upgrades(Fixture.head("/socket", key: fixture.user)).0)
        let answer = try await fixture.respond(Fixture.head("/limited", key: fixture.user))
        #expect(answer.headers[.rateLimitRemaining] == "1")
    }

    @Test("limited routes say what is left, refused ones when to come again; others say nothing")
    func headers() async throws {
        let fixture = try Fixture(burst: 1)
        let first = try await fixture.respond(Fixture.head("/limited", key: fixture.user))
        #expect(first.headers[.rateLimitLimit] == "1" && first.headers[.rateLimitRemaining] == "0")
        #expect(first.headers[.retryAfter] == nil)
        let second = try await fixture.respond(Fixture.head("/limited", key: fixture.user))
        #expect(second.status == .tooManyRequests && second.headers[.rateLimitRemaining] == "0")
        #expect(second.headers[.retryAfter].flatMap { Int($0) } ?? 0 >= 59)
        #expect(try await fixture.respond(Fixture.head("/key", key: fixture.user)).headers[.rateLimitLimit] == nil)
        #expect(try await fixture.respond(Fixture.head("/public")).headers[.rateLimitLimit] == nil)
    }

    @Test("a socket speaks the client's first subprotocol that is known; the one with the key is none")
    func subprotocols() throws {
        let fixture = try Fixture()
        func offer(_ text: String?) throws -> (Bool, String?) {
            try fixture.upgrades(
                Fixture.head(
                    "/socket", key: fixture.user, headers: text.map { [("Sec-WebSocket-Protocol", $0)] } ?? []))
        }
        #expect(try offer(nil) == (true, nil))
        #expect(try offer("b.v1, a.v2 ,a.v1") == (true, "a.v2"))
        #expect(try offer("b.v1") == (false, nil))
        let key = "\(AccessControl.keyProtocol)\(fixture.user)"
        #expect(
            try fixture.upgrades(
                Fixture.head("/socket", headers: [("Sec-WebSocket-Protocol", "a.v1, \(key)")])) == (true, "a.v1"))
        #expect(
            try fixture.upgrades(Fixture.head("/socket", headers: [("Sec-WebSocket-Protocol", key)])) == (true, nil))
        // Two keys are none, also the same one twice.
        #expect(try !offer("a.v1, \(key)").0)
    }

    @Test("where no keys are asked for, callers of this machine are administrators, and no others")
    func withoutKeys() throws {
        let access = AccessControl(
            keys: .off, allowedHosts: [], listensOnLoopback: true, corsOrigins: [], webSocketOrigins: [],
            trustedProxies: [], ratePerMinute: 1, burst: 1)
        for level in Access.allCases {
            for (address, isHere) in [(nil, true), ("127.0.0.1", true), ("::1", true), ("192.0.2.7", false)] {
                func admit() throws -> Admission {
                    try access.admit(
                        RouterFixture.head("/", host: "localhost"), from: address.flatMap { ClientAddress($0) }, now: 0
                    ) { ((), AccessRequirement(level, isRateLimited: false)) }.1
                }
                guard isHere || level != .admin else {
                    #expect(throws: InterfaceError.forbidden) { try admit() }
                    continue
                }
                let caller = try admit().caller
                #expect(caller.keyID == nil && caller.isAdministrator == (isHere && level != .public))
            }
        }
    }
}
