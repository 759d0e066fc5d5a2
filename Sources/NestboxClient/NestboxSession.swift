internal import Foundation
internal import NIOCore
internal import RunModel
internal import StrictJSON
internal import Synchronization
internal import WebSockets

/// Which session a client wants: a new one, or one that is there.
public struct NestboxSessionChoice: Sendable {
    /// Of a new session.
    public var language: String
    /// Of a new session; the language's own when nil.
    public var policy: String?
    /// An existing session; the fields above do not count then.
    public var sessionID: String?
    /// Only receives events of an existing session.
    public var observes = false
    /// Whether only what happens from now on is wanted of an existing session, not what is kept of its past.
    public var skipsPast = false

    /// A new session.
    public init(language: String, policy: String? = nil) {
        self.language = language
        self.policy = policy
    }
}

/// A live session over a WebSocket of its own. Safe to use from any task.
public final class NestboxSession: Sendable {
    /// A value of a message.
    enum Field: Sendable {
        case string(String)
        case number(Int)
        case bool(Bool)
    }

    private struct State {
        var nextRef = 1
        var waiting: [String: CheckedContinuation<JSONObject, any Error>] = [:]
        var isOver = false
    }

    /// Names the session for every other client of the same key.
    public let id: String
    /// The session's state when the connection attached to it, such as `idle`, `waiting` or `ended`.
    public let stateAtStart: String
    /// What happens, in order; ends with the session or the connection.
    public let events: AsyncStream<NestboxSessionEvent>
    private let socket: WebSocket
    private let continuation: AsyncStream<NestboxSessionEvent>.Continuation
    private let state = Mutex(State())

    private init(id: String, stateAtStart: String, socket: WebSocket) {
        self.stateAtStart = stateAtStart
        self.id = id
        self.socket = socket
        (events, continuation) = AsyncStream.makeStream(of: NestboxSessionEvent.self)
    }

    // MARK: - Commands

    /// Executes code; its events follow.
    ///
    /// - Returns: the id of the execution, which its events carry.
    /// - Throws: `NestboxError` when the service refused, or the connection was lost.
    public func execute(_ code: String) async throws -> String {
        let answer = try await ask("execute", [("code", .string(code))])
        guard case .string(let id)? = answer["execution_id"] else { throw Self.strange }
        return id
    }

    /// Stops the cell that is being executed, as Ctrl-C does.
    public func interrupt() async throws { _ = try await ask("interrupt", []) }

    /// Answers an input request. Without a newline at its end the text gets one.
    public func answer(_ token: String, _ text: String) async throws {
        try await send("input_response", [("token", .string(token)), ("data", .string(text))], ref: nil)
    }

    /// What could stand at the cursor, and the range it replaces; positions count Unicode scalars.
    public func complete(_ code: String, cursor: Int) async throws -> (matches: [String], start: Int, end: Int) {
        let answer = try await question(
            "complete", [("code", .string(code)), ("cursor", .number(cursor))])
        guard case .array(let list)? = answer["matches"], case .number(let start)? = answer["start"],
            case .number(let end)? = answer["end"]
        else { throw Self.strange }
        let matches = list.compactMap { match -> String? in
            guard case .object(let object) = match, case .string(let text)? = object["text"] else { return nil }
            return text
        }
        return (matches, Int(start.whole ?? 0), Int(end.whole ?? 0))
    }

    /// Whether code is all of a cell: `complete`, `incomplete`, `invalid` or `unknown`; and what the next line begins with.
    public func completeness(_ code: String) async throws -> (status: String, indent: String) {
        let answer = try await question("is_complete", [("code", .string(code))])
        guard case .string(let status)? = answer["status"], case .string(let indent)? = answer["indent"] else {
            throw Self.strange
        }
        return (status, indent)
    }

    /// Ends the session.
    public func close() async throws { try await send("close_session", [], ref: nil) }

    private func question(_ type: String, _ members: [(String, Field)]) async throws -> JSONObject {
        guard case .object(let answer)? = try await ask(type, members)["answer"] else { throw Self.strange }
        return answer
    }

    private func ask(_ type: String, _ members: [(String, Field)]) async throws -> JSONObject {
        let ref = state.withLock { state -> String in
            state.nextRef += 1
            return "c\(state.nextRef)"
        }
        return try await withCheckedThrowingContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiting[ref] = continuation }
                return state.isOver
            }
            if isOver { return continuation.resume(throwing: Self.lost) }
            Task {
                do {
                    try await send(type, members, ref: ref)
                } catch {
                    state.withLock { $0.waiting.removeValue(forKey: ref) }?.resume(throwing: Self.lost)
                }
            }
        }
    }

    private func send(_ type: String, _ members: [(String, Field)], ref: String?) async throws {
        let text = Self.message(type, [("session_id", .string(id))] + members, ref: ref)
        do { try await socket.send(text: ByteBuffer(bytes: text)) } catch { throw Self.lost }
    }

    // MARK: - Messages

    private static func message(_ type: String, _ members: [(String, Field)], ref: String?) -> [UInt8] {
        var fields: [(String, Field)] = [("type", .string(type))]
        if let ref { fields.append(("ref", .string(ref))) }
        fields += members
        var output: [UInt8] = [UInt8(ascii: "{")]
        for (index, (name, value)) in fields.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONWriter.append(name, to: &output)
            output.append(UInt8(ascii: ":"))
            switch value {
            case .string(let text): JSONWriter.append(text, to: &output)
            case .number(let number): output += String(number).utf8
            case .bool(let value): output += (value ? "true" : "false").utf8
            }
        }
        output.append(UInt8(ascii: "}"))
        return output
    }

    static let lost = NestboxError(
        code: "CONNECTION_LOST", message: "the service closed the connection", retryable: true, details: [:])
    private static let strange = NestboxError(
        code: "INVALID_ANSWER", message: "the service answered as no Nestbox service does", retryable: false,
        details: [:])

    private func receive(_ object: JSONObject) {
        if object["seq"] != nil {
            if let event = NestboxSessionEvent(object) { continuation.yield(event) }
            // Always the last one; the connection may live on.
            if object["type"] == .string("ended") { continuation.finish() }
            return
        }
        guard case .string(let ref)? = object["ref"] else {
            // An answer to input that came too late is no error of the caller.
            return
        }
        let waiting = state.withLock { $0.waiting.removeValue(forKey: ref) }
        if let error = NestboxError(message: object) {
            waiting?.resume(throwing: error)
        } else {
            waiting?.resume(returning: object)
        }
    }

    private func end() {
        continuation.finish()
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for one in waiting { one.resume(throwing: Self.lost) }
    }

    /// Opens a session on a socket.
    ///
    /// - Parameter body: the session lives as long as this needs its connection.
    static func open<Value: Sendable>(
        _ choice: NestboxSessionChoice, _ socket: WebSocket,
        _ body: @escaping @Sendable (NestboxSession) async throws -> Value
    ) async throws -> Value {
        var members: [(String, Field)] = []
        if let id = choice.sessionID {
            members = [
                ("session_id", .string(id)), ("mode", .string(choice.observes ? "observe" : "control")),
                ("take_over", .bool(true)), ("from", .number(choice.skipsPast ? .max : 1)),
            ]
        } else {
            members = [("language", .string(choice.language)), ("on_disconnect", .string("close"))]
            if let policy = choice.policy { members.append(("policy", .string(policy))) }
        }
        let type = choice.sessionID == nil ? "create_session" : "attach_session"
        try await socket.send(text: ByteBuffer(bytes: message(type, members, ref: "c1")))
        return try await withThrowingTaskGroup(of: Value.self) { group in
            var session: NestboxSession?
            for await message in socket.messages {
                guard let object = object(of: message) else { continue }
                if let session {
                    session.receive(object)
                } else if let error = NestboxError(message: object) {
                    throw error
                } else if object["type"] == .string("attached"), case .string(let id)? = object["session_id"] {
                    var state = "starting"
                    if case .string(let found)? = object["state"] { state = found }
                    let opened = NestboxSession(id: id, stateAtStart: state, socket: socket)
                    session = opened
                    group.addTask {
                        // The end of the socket ends the loop around this.
                        do {
                            let value = try await body(opened)
                            await socket.close(.normal)
                            return value
                        } catch {
                            await socket.close(.normal)
                            throw error
                        }
                    }
                }
            }
            session?.end()
            guard let value = try await group.next() else { throw lost }
            return value
        }
    }

    private static func object(of message: WebSocketMessage?) -> JSONObject? {
        guard case .text(let text)? = message else { return nil }
        guard case .object(let object)? = try? JSONValue.parse(Array(text.utf8), limits: JSONLimits(bytes: 1 << 24))
        else { return nil }
        return object
    }
}
