import APIFormat
import AccessKeys
import Foundation
import HTTPInterface
import Logging
import ServerTransport
import ServiceMetrics
import Testing
import WebSockets

@testable import RunAPI

/// A new API is a list of routes beside the first one, on the same listener, behind the same access control.
@Suite("A second API", .timeLimit(.minutes(1)))
final class SecondAPITests {
    private let directory = FileManager.default.temporaryDirectory.path + "/nestbox-second-" + UUID().uuidString
    private let keys: KeyRing
    private let user: String
    private let admin: String

    init() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let file = KeyFile(path: directory + "/keys.json")
        user = try file.create(name: "user", now: Int64(time(nil))).text
        admin = try file.create(name: "admin", now: Int64(time(nil))).text
        keys = try KeyRing(file: file, report: { _ in })
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Both APIs on a free port, for as long as the body takes.
    private func serving(
        socketExtension: (any SocketExtension)? = nil, _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let services = try RunAPIFixture(socketExtension: socketExtension).services
        let access = AccessControl(
            keys: .required(keys), isAdministrator: { $0.name == "admin" }, allowedHosts: [], listensOnLoopback: true,
            corsOrigins: [], webSocketOrigins: [], trustedProxies: [], ratePerMinute: 60, burst: 60)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let router = HTTPRouter(
            try RouteTable(RunAPIRoutes.groups(services) + [ChatAPI.group]), access: access,
            settings: InterfaceSettings(), metrics: services.httpMetrics, sockets: services.sockets, logger: logger)
        let listener = HTTPListener(
            HTTPListener.Configuration(
                host: "127.0.0.1", port: 0, certificates: nil,
                counter: ConnectionCounter(perAddress: 64, total: 64), proxies: []),
            child: HTTPServerChannel(
                configuration: HTTPServerChannel.Configuration(), decide: { router.decide($0, $1) },
                respond: { await router.respond(to: $0, from: $1) }), logger: logger)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let serving = Task { try await listener.run { port.yield($0) } }
        defer { serving.cancel() }
        var iterator = ports.makeAsyncIterator()
        try await body(try #require(await iterator.next()))
    }

    private func get(_ port: Int, _ path: String, key: String? = nil) async throws -> (Int, String) {
        let answer = try await HTTPClient.get(
            .init(host: "127.0.0.1", port: port, path: path, isTLS: false),
            headers: key.map { [("Authorization", "Bearer \($0)")] } ?? [])
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    @Test("public, key and admin routes under its own path, with errors in its own shape")
    func routes() async throws {
        try await serving { port async throws in
            #expect(try await get(port, "/chat/v1/hello") == (200, "hello\n"))
            #expect(try await get(port, "/chat/v1/rooms/a%20b") == (401, "chat: who?\n"))
            #expect(try await get(port, "/chat/v1/rooms/a%20b", key: user) == (200, "room a b\n"))
            #expect(try await get(port, "/chat/v1/audit") == (401, "chat: who?\n"))
            #expect(try await get(port, "/chat/v1/audit", key: user) == (403, "chat: not you\n"))
            #expect(try await get(port, "/chat/v1/audit", key: admin) == (200, "all\n"))
            #expect(try await get(port, "/chat/v1/nothing") == (404, "chat: nothing\n"))
            #expect(try await get(port, "/chat/v1/rooms/a/channel", key: user) == (426, "chat: a socket\n"))
        }
    }

    @Test("the first API beside it answers as before, in its own shape")
    func beside() async throws {
        try await serving { port async throws in
            let (status, body) = try await get(port, "/nothing")
            #expect(status == 404 && body.hasPrefix("{\"error\":{\"code\":\"NOT_FOUND\""))
            #expect(try await get(port, "/healthz") == (200, "ok\n"))
            #expect(try await get(port, "/api/v1/languages").0 == 401)
            #expect(try await get(port, "/api/v1/languages", key: user).0 == 200)
            #expect(try await get(port, "/metrics").0 == 401)
            let (_, metrics) = try await get(port, "/metrics", key: admin)
            #expect(metrics.contains("nestbox_http_requests_total{route=\"/api/v1/languages\""))
        }
    }

    @Test("a handler runs on the pool unless its route says that it may stand on the connection's thread")
    func executors() async throws {
        try await serving { port async throws in
            #expect(try await get(port, "/chat/v1/pool") == (200, "false\n"))
            #expect(try await get(port, "/chat/v1/eventLoop") == (200, "true\n"))
        }
    }

    @Test("a socket of its own, with its subprotocol and a parameter in its path")
    func socket() async throws {
        try await serving { port async throws in
            func target(_ path: String) -> WebSocketClient.Target {
                WebSocketClient.Target(host: "127.0.0.1", port: port, path: path, isTLS: false)
            }
            let headers = [("Authorization", "Bearer \(user)")]
            let channel = target("/chat/v1/rooms/blue/channel")
            let echoed = try await WebSocketClient.withConnection(
                to: channel, headers: headers, subprotocols: ["chat.v2", "chat.v1"]
            ) { socket in
                try await socket.send(text: "hi")
                var messages = socket.messages.makeAsyncIterator()
                guard case .text(let text)? = await messages.next() else { return "" }
                return text
            }
            #expect(echoed == "blue chat.v1 true: hi")
            await #expect(throws: WebSocketClient.Failure.self) {
                try await WebSocketClient.withConnection(to: channel, subprotocols: ["chat.v1"]) { _ in }
            }
            await #expect(throws: WebSocketClient.Failure.self) {
                try await WebSocketClient.withConnection(
                    to: channel, headers: headers, subprotocols: ["nestbox.v1.json"]
                ) { _ in }
            }
        }
    }

    /// Sends messages and returns the types of the answers, or what is no JSON object.
    private func ask(_ port: Int, _ path: String, _ subprotocols: [String], _ messages: [String]) async throws
        -> [String]
    {
        try await WebSocketClient.withConnection(
            to: WebSocketClient.Target(host: "127.0.0.1", port: port, path: path, isTLS: false),
            headers: [("Authorization", "Bearer \(user)")], subprotocols: subprotocols
        ) { socket in
            var answers: [String] = []
            var iterator = socket.messages.makeAsyncIterator()
            for message in messages {
                try await socket.send(text: message)
                guard case .text(let buffer)? = await iterator.next() else { break }
                let bytes = Array(buffer.utf8)
                let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
                answers.append(object?["type"] as? String ?? String(decoding: bytes, as: UTF8.self))
            }
            return answers
        }
    }

    @Test("messages of another API on the first one's socket, and the sockets at /ws that speak its own dialect")
    func socketExtension() async throws {
        try await serving(socketExtension: EchoMessages()) { port async throws in
            let messages = [
                #"{"type":"echo","a":1}"#, #"{"type":"ping"}"#, #"{"type":"echo","b":2}"#, #"{"type":"e"}"#,
            ]
            let expected = ["echo", "pong", "echo", "error"]
            for (path, subprotocols) in [
                ("/api/v1/ws", ["nestbox.v1.json"]), ("/api/v1/ws", []), ("/ws", ["nestbox.v1.json"]),
            ] {
                #expect(try await ask(port, path, subprotocols, messages) == expected, "\(path)")
            }
            for subprotocols in [[], ["echo.v1"]] {
                #expect(try await ask(port, "/ws", subprotocols, ["hi"]) == ["own: hi"])
            }
        }
        // Nothing but runs without one.
        try await serving { port async throws in
            #expect(try await ask(port, "/ws", [], [#"{"type":"ping"}"#, #"{"type":"echo"}"#]) == ["pong", "error"])
        }
    }
}
