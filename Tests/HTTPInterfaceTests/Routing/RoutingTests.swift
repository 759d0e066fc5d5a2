import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

@testable import HTTPInterface

@Suite("Routes")
struct RoutingTests {
    @Test("parameters are decoded once, and the query is looked up")
    func parameters() async throws {
        let fixture = try RouterFixture()
        let head = RouterFixture.head("/things/a%20b/%25?q=x+y", key: fixture.user)
        let answer = try await fixture.respond(head)
        #expect(answer.status == .ok && answer.body.contentLength == "a b % x y".utf8.count)
    }

    @Test(
        "a path that cannot be meant well is none",
        arguments: [
            "", "things", "/things//b", "/things/./b", "/things/../b", "/things/%2f/b", "/things/%00/b", "/%ff",
        ])
    func odd(path: String) async throws {
        #expect(PathPattern.segments(path) == nil)
        #expect(try await RouterFixture().status(RouterFixture.head(path)) == 404)
    }

    @Test("a socket's path is taken as it is written; a query that is broken is the handler's matter")
    func socketPaths() throws {
        let fixture = try RouterFixture()
        #expect(try fixture.upgrades(RouterFixture.head("/open?a=1&a=2")).0)
        #expect(try !fixture.upgrades(RouterFixture.head("/%6fpen")).0)
        #expect(try !fixture.upgrades(RouterFixture.head("/public")).0)
        #expect(try !fixture.upgrades(RouterFixture.head("/open/")).0)
    }

    @Test("a listener serves the groups of its port and no others")
    func ports() async throws {
        let (main, admin) = (try RouterFixture(), try RouterFixture(port: .admin))
        #expect(try await main.status(RouterFixture.head("/other-port")) == 404)
        #expect(try await admin.status(RouterFixture.head("/other-port")) == 200)
        #expect(try await admin.status(RouterFixture.head("/public")) == 404)
    }

    @Test("the same method and path twice are noticed, also across groups and for sockets")
    func duplicates() throws {
        var first = RouteGroup("/a", errors: PlainErrors())
        first.add(.get, "/b") { _ in .text("") }
        first.add(.post, "/b") { _ in .text("") }
        _ = try RouteTable([first])
        var second = RouteGroup(errors: PlainErrors())
        second.addSocket("/a/b", subprotocols: [], handler: { _ in })
        #expect(throws: RouteTable.Duplicate(description: "GET /a/b is there twice")) {
            try RouteTable([first, second])
        }
    }

    @Test("errors of unknown paths have the shape of the longest base path")
    func renderers() throws {
        struct Named: ErrorRenderer {
            let name: String
            func reply(to error: any Error) -> Reply { .text(name) }
        }
        let table = try RouteTable(
            ["", "/a", "/a/b"].map { RouteGroup($0, errors: Named(name: $0)) })
        for (path, name) in [
            ("/", ""), ("/x", ""), ("/a", "/a"), ("/ab", ""), ("/a/x", "/a"), ("/a/b", "/a/b"), ("/a/b/c", "/a/b"),
            ("/a//", ""),
        ] {
            #expect((table.errors(PathPattern.segments(path)) as? Named)?.name == name, "\(path)")
        }
    }
}
