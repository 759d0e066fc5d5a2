import Foundation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServerTransport
import TestSupport
import WebSockets

/// A server of this package on a free port of this machine, for as long as a closure takes.
struct LoopbackServer {
    var configuration = HTTPServerChannel.Configuration()
    /// Any that is free.
    var port = 0
    /// What becomes of upgrades; nil to refuse all.
    var socket: (@Sendable (WebSocket) async -> Void)?
    /// Answers requests; by default with what it was sent.
    var responder: HTTPServerChannel.Responder = { request, writer, _ in
        let echoed = try await request.body.collect(upTo: 1 << 24)
        let text = "\(request.method.rawValue) \(request.uri.path) \(String(buffer: echoed))"
        try await writer.write(
            response: HTTPResponse(status: .ok, headerFields: [.contentLength: "\(text.utf8.count)"]),
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// - Parameter body: blocks a thread of its own.
    func serve<Value: Sendable>(_ body: @escaping @Sendable (UInt16) throws -> Value) async throws -> Value {
        try await serving { port in
            try await withCheckedThrowingContinuation { waiting in
                Thread.detachNewThread { waiting.resume(with: Result { try body(port) }) }
            }
        }
    }

    func serving<Value: Sendable>(_ body: (UInt16) async throws -> Value) async throws -> Value {
        let socket = socket
        let child = HTTPServerChannel(responder: responder, configuration: configuration) { _, _ in
            socket.map { .upgrade(subprotocol: nil, handler: $0) } ?? .refuse
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: "127.0.0.1", port: port) { child.setup(channel: $0, logger: logger) }
        let port = UInt16(server.channel.localAddress?.port ?? 0)
        let serving = Task {
            try await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        group.addTask { await child.handle(value: connection, logger: logger) }
                    }
                }
            }
        }
        defer { serving.cancel() }
        return try await body(port)
    }

    /// Sends back every message.
    static let echo: @Sendable (WebSocket) async -> Void = { socket in
        for await message in socket.messages {
            do {
                switch message {
                case .text(let text): try await socket.send(text: text)
                case .binary(let bytes): try await socket.send(binary: bytes)
                }
            } catch {
                return
            }
        }
    }
}

extension LoopbackConnection {
    /// The next answer: its status, its head in lower case, and its body; status 0 when there is none.
    func reply(seconds: Double = 10, toHead: Bool = false) -> (status: Int, head: String, body: String) {
        answer(seconds: seconds, toHead: toHead).map { ($0.status, $0.head.lowercased(), $0.text) } ?? (0, "", "")
    }
}
