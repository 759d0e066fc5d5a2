import AccessKeys
import Foundation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import ServerTransport
import ServiceMetrics

@testable import HTTPInterface

/// Errors in one word, so that tests read easily.
struct PlainErrors: ErrorRenderer {
    func reply(to error: any Error) -> Reply {
        var reply: Reply
        switch error as? InterfaceError {
        case .hostNotAllowed: reply = .text("host", status: .misdirectedRequest)
        case .originNotAllowed: reply = .text("origin", status: .forbidden)
        case .notFound: reply = .text("path", status: .notFound)
        case .methodNotAllowed: reply = .text("method", status: .methodNotAllowed)
        case .unauthenticated: reply = .text("key", status: .unauthorized)
        case .forbidden: reply = .text("role", status: .forbidden)
        case .rateLimited: reply = .text("rate", status: .tooManyRequests)
        case .upgradeRequired: reply = .text("upgrade", status: .upgradeRequired)
        default: reply = .text("\(error)", status: .badRequest)
        }
        reply.errorCode = "E"
        return reply
    }
}

/// Routes of every kind behind access control with two keys, and requests of them.
final class RouterFixture {
    let directory = FileManager.default.temporaryDirectory.path + "/nestbox-router-" + UUID().uuidString
    let user: String
    let admin: String
    let router: HTTPRouter
    let registry = MetricsRegistry()

    /// - Parameters:
    ///   - burst: requests before the rate is reached.
    ///   - isOpen: whether sockets can be opened.
    init(burst: Int = 100, isOpen: Bool = true, port: ServerPort = .main) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let file = KeyFile(path: directory + "/keys.json")
        let now = Int64(time(nil))
        user = try file.create(name: "user", now: now).text
        admin = try file.create(name: "admin", now: now).text
        let access = AccessControl(
            keys: .required(try KeyRing(file: file, report: { _ in })), isAdministrator: { $0.name == "admin" },
            allowedHosts: ["here"], listensOnLoopback: true, corsOrigins: [], webSocketOrigins: ["https://friend"],
            trustedProxies: [], ratePerMinute: 1, burst: burst)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        router = HTTPRouter(
            try RouteTable(Self.groups(isOpen: isOpen), port: port), access: access, settings: InterfaceSettings(),
            metrics: try HTTPMetrics(registry: registry), sockets: SocketRegistry(), logger: logger)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private struct Closed: Error {}

    private static func groups(isOpen: Bool) -> [RouteGroup] {
        var main = RouteGroup(errors: PlainErrors())
        main.add(.get, "/public", access: .public, isRateLimited: false) { _ in .text("hello") }
        main.add(.get, "/counted", access: .public) { _ in .text("hello") }
        main.add(.get, "/key", isRateLimited: false) { .text("\($0.caller.bucket.hasPrefix("key:"))") }
        main.add(.get, "/limited") { _ in .text("hello") }
        main.add(.get, "/admin", access: .admin) { .text("\($0.caller.isAdministrator)") }
        main.add(.get, "/things/{}/{}") { .text("\($0.parameter()) \($0.parameter(1)) \($0.query["q"] ?? "-")") }
        for (path, access) in [("/open", Access.public), ("/socket", .key), ("/admins", .admin)] {
            main.addSocket(
                path, access: access, subprotocols: ["a.v1", "a.v2"],
                check: { if !isOpen { throw Closed() } }, handler: { _ in })
        }
        var operators = RouteGroup(port: .admin, errors: PlainErrors())
        operators.add(.get, "/other-port", access: .public) { _ in .text("hello") }
        return [main, operators]
    }

    /// A request's head as its connection delivers it.
    static func head(
        _ target: String, _ method: HTTPRequest.Method = .get, key: String? = nil, host: String = "here",
        headers: [(String, String)] = []
    ) -> HTTPRequest {
        var fields = HTTPFields()
        if let key { fields[.authorization] = "Bearer \(key)" }
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return HTTPRequest(method: method, scheme: "http", authority: host, path: target, headerFields: fields)
    }

    func respond(_ head: HTTPRequest) async throws -> Response {
        await router.respond(
            to: Request(head: head, body: RequestBody(buffer: ByteBuffer())),
            from: HTTPPeer(address: try SocketAddress(ipAddress: "192.0.2.1", port: 1), presence: ClientPresence()))
    }

    func status(_ head: HTTPRequest) async throws -> Int { try await respond(head).status.code }

    /// Whether an upgrade is agreed to, and with which subprotocol.
    func upgrades(_ head: HTTPRequest) throws -> (Bool, String?) {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish() }
        switch router.decide(head, channel) {
        case .upgrade(let subprotocol, _): return (true, subprotocol)
        case .refuse: return (false, nil)
        }
    }
}
