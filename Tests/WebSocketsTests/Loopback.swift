import Foundation
import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import WebSockets

/// A server of this package on a free port of this machine, for as long as a closure takes.
struct LoopbackServer {
    var configuration = HTTP1WebSocketChannel.Configuration()
    /// Any that is free.
    var port = 0
    /// What becomes of upgrades; nil to refuse all.
    var socket: (@Sendable (WebSocket) async -> Void)?
    /// Answers requests; by default with what it was sent.
    var responder: HTTPChannelHandler.Responder = { request, writer, _ in
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
        let child = HTTP1WebSocketChannel(responder: responder, configuration: configuration) { _, _ in
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

/// One TCP connection, byte by byte.
final class Line {
    struct Failed: Error {}

    private let socket: Int32
    private var buffer: [UInt8] = []
    /// The other side has ended; by a reset, if that is so.
    private(set) var isAtEnd = false
    private(set) var wasReset = false

    init(_ port: UInt16) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failed() }
    }

    deinit { close(socket) }

    /// - Returns: whether everything could be sent.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Ends our direction.
    func endOutput() { shutdown(socket, Int32(SHUT_WR)) }

    private func fill(_ seconds: Double) -> Bool {
        var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, Int32(seconds * 1000)) == 1 else { return false }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &bytes, bytes.count, 0)
        guard count > 0 else {
            (isAtEnd, wasReset) = (true, count < 0)
            return false
        }
        buffer += bytes.prefix(count)
        return true
    }

    func read(_ count: Int, seconds: Double = 10) -> [UInt8]? {
        while buffer.count < count { guard fill(seconds) else { return nil } }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    func read(through mark: String, seconds: Double = 10) -> String? {
        let wanted = Array(mark.utf8)
        while true {
            if let range = buffer.firstRange(of: wanted) {
                defer { buffer.removeFirst(range.upperBound) }
                return String(decoding: buffer[..<range.upperBound], as: UTF8.self)
            }
            guard fill(seconds) else { return nil }
        }
    }

    /// Everything until the other side ends, or says nothing for so long.
    func rest(seconds: Double = 10) -> [UInt8] {
        while fill(seconds) {}
        defer { buffer = [] }
        return buffer
    }

    /// The next answer: its status, its head in lower case, and its body; status 0 when there is none.
    func answer(seconds: Double = 10, toHead: Bool = false) -> (status: Int, head: String, body: String) {
        guard let head = read(through: "\r\n\r\n", seconds: seconds)?.lowercased() else { return (0, "", "") }
        let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
        var body: [UInt8] = []
        if status >= 200, status != 204, !toHead {
            if let line = head.split(separator: "\r\n").first(where: { $0.hasPrefix("content-length:") }),
                let length = Int(line.dropFirst(15).filter(\.isNumber))
            {
                body = read(length, seconds: seconds) ?? []
            } else if head.contains("transfer-encoding: chunked") {
                while let size = read(through: "\r\n", seconds: seconds), let count = Int(size.dropLast(1), radix: 16),
                    let chunk = read(count + 2, seconds: seconds), count > 0
                {
                    body += chunk.dropLast(2)
                }
            }
        }
        return (status, head, String(decoding: body, as: UTF8.self))
    }
}
