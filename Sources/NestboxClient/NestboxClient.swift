internal import Foundation
internal import NIOCore
package import RunModel
internal import StrictJSON
internal import WebSockets

/// A client of one Nestbox service: runs programs over a WebSocket and delivers their events as they happen.
///
/// Safe to use from any task; each run has a connection of its own, and ends with it.
public struct NestboxClient: Sendable {
    let target: WebSocketClient.Target
    let key: String?
    private let compresses: Bool

    /// - Parameters:
    ///   - url: of the service: `http://localhost:8080`, `https://…`.
    ///   - key: an API key, where the service asks for one.
    ///   - compression: whether to offer compression of messages: worth it where the network is slow and programs print much.
    /// - Throws: `NestboxError` for text that is no such URL.
    public init(_ url: String, key: String? = nil, compression: Bool = false) throws(NestboxError) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty,
            parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.user == nil
        else {
            throw NestboxError(
                code: "INVALID_URL",
                message:
                    "the URL of a service: found \"\(url.prefix(200))\", allowed http:// or https:// and a host, such "
                    + "as http://localhost:8080, without a path",
                retryable: false, details: [:])
        }
        let isTLS = scheme == "https"
        target = WebSocketClient.Target(
            host: host.trimmingCharacters(in: ["[", "]"]), port: parts.port ?? (isTLS ? 443 : 80), path: "/api/v1/ws",
            isTLS: isTLS)
        self.key = key
        compresses = compression
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - commands: input, signals and cancellation, while the program runs. The end of this stream is not the end of the input:
    ///     send `NestboxControl.endOfInput` for that.
    ///   - onEvent: called with each event, one after the other; while it runs, the program may have to wait.
    /// - Returns: how it ended.
    /// - Throws: `NestboxError` when the service refused the program, or the connection was lost.
    public func run(
        _ program: NestboxProgram, commands: AsyncStream<NestboxControl> = AsyncStream { $0.finish() },
        onEvent: @escaping @Sendable (NestboxEvent) async -> Void = { _ in }
    ) async throws -> NestboxOutcome {
        let outcome = try await follow(program, commands: commands) { event in
            if let event = NestboxEvent(event) { await onEvent(event) }
            return true
        }
        return NestboxOutcome(outcome)
    }

    /// The same with the project's own types.
    ///
    /// - Parameter onEvent: returns whether to continue; otherwise the run is cancelled.
    package func follow(
        _ program: NestboxProgram, commands: AsyncStream<NestboxControl>,
        onEvent: @escaping @Sendable (RunEvent) async -> Bool
    ) async throws -> RunOutcome {
        let submission = try Self.execute(program)
        var subprotocols = ["nestbox.v1.json"]
        if let key { subprotocols.append("nestbox.key.\(key)") }
        do {
            var limits = WebSocketLimits()
            limits.compresses = compresses
            return try await WebSocketClient.withConnection(
                to: target, subprotocols: subprotocols, limits: limits
            ) { socket in
                try await socket.send(text: ByteBuffer(bytes: submission))
                return try await Self.converse(socket, commands, onEvent)
            }
        } catch let error as WebSocketClient.Failure {
            throw NestboxError(refused: error)
        } catch let error as NestboxError {
            throw error
        } catch {
            throw NestboxError(
                code: "CONNECTION_LOST", message: ConnectionTrouble.words(error, target),
                retryable: true, details: [:])
        }
    }

    private static func execute(_ program: NestboxProgram) throws -> [UInt8] {
        struct Message: Encodable {
            let program: NestboxProgram

            func encode(to encoder: any Encoder) throws {
                try program.encode(to: encoder)
                var container = encoder.container(keyedBy: Key.self)
                try container.encode("execute", forKey: .type)
            }

            enum Key: String, CodingKey { case type }
        }
        return try JSONText.encode(Message(program: program))
    }

    private static func converse(
        _ socket: WebSocket, _ commands: AsyncStream<NestboxControl>,
        _ onEvent: @escaping @Sendable (RunEvent) async -> Bool
    ) async throws -> RunOutcome {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            for await message in socket.messages {
                guard case .text(let text) = message else { continue }
                let bytes = Array(text.utf8)
                switch try kind(bytes) {
                case .other: continue
                case .failure(let error): throw error
                case .event:
                    let event = try JSONText.decode(RunEvent.self, from: bytes)
                    if case .accepted = event.kind {
                        let id = event.runID
                        group.addTask {
                            for await command in commands {
                                try await socket.send(text: ByteBuffer(bytes: command.message(for: id)))
                            }
                        }
                    }
                    if !(await onEvent(event)) {
                        try await socket.send(text: ByteBuffer(bytes: NestboxControl.cancel.message(for: event.runID)))
                    }
                    if case .finished(let outcome) = event.kind { return outcome }
                }
            }
            throw NestboxError(
                code: "CONNECTION_LOST", message: "the service closed the connection before the run had ended",
                retryable: true, details: [:])
        }
    }

    private enum Kind {
        case event, other
        case failure(NestboxError)
    }

    /// The kinds of messages: events have a sequence number; errors without one are answers to messages of this client.
    private static func kind(_ bytes: [UInt8]) throws -> Kind {
        guard case .object(let object) = try JSONValue.parse(bytes, limits: JSONLimits(bytes: 1 << 28)) else {
            return .other
        }
        if object["seq"] != nil { return .event }
        guard object["type"] == .string("error") else { return .other }
        let error = try JSONText.decode(APIError.self, from: bytes)
        // Input for a program that has ended meanwhile is not an error of the caller.
        if error.code == .runFinished || error.code == .stdinClosed { return .other }
        return .failure(NestboxError(error))
    }
}
