internal import RunModel
internal import SessionModel
internal import StrictJSON

/// What a client asks of its kernel.
enum KernelRequest: Sendable, Equatable {
    case kernelInfo
    case execute(ExecuteRequest)
    /// A question that the interpreter answers; see `SessionQuery`.
    case query(SessionQuery)
    case history(HistoryRequest)
    case commInfo
    case commOpen(id: String)
    case inputReply([UInt8])
    case interrupt
    case shutdown(restarts: Bool)
    /// Known, and not offered.
    case connect
    case debug(sequence: Int64, command: String)
    /// Of no interest here: messages of comms that do not exist, types that nobody knows.
    case ignored

    /// - Throws: all that is wrong with the content.
    init(_ message: ClientMessage) throws(APIError) {
        let reader = ObjectReader(message.content)
        let request = Self.read(message, reader)
        try reader.finish(refusesUnknown: false)
        guard let request else {
            throw APIError(.internalError, "a message without errors could not be read")
        }
        self = request
    }

    private static func read(_ message: ClientMessage, _ reader: ObjectReader) -> KernelRequest? {
        switch message.type {
        case "kernel_info_request": return .kernelInfo
        case "execute_request": return ExecuteRequest(reader).map { .execute($0) }
        case "complete_request": return cursor(reader).map { .query(.complete(code: $0.code, cursor: $0.cursor)) }
        case "inspect_request":
            let detail = reader.integer("detail_level", in: 0...1) ?? 0
            return cursor(reader).map {
                .query(.inspect(code: $0.code, cursor: $0.cursor, detail: Int(detail)))
            }
        case "is_complete_request": return code(reader).map { .query(.isComplete(code: $0)) }
        case "history_request": return HistoryRequest(reader).map { .history($0) }
        case "comm_info_request": return .commInfo
        case "comm_open": return reader.string("comm_id", required: true, maximumBytes: 256).map { .commOpen(id: $0) }
        case "input_reply":
            return reader.string("value", required: true, maximumBytes: 65_536).map { .inputReply(Array($0.utf8)) }
        case "interrupt_request": return .interrupt
        case "shutdown_request": return .shutdown(restarts: reader.bool("restart") ?? false)
        case "connect_request": return .connect
        case "debug_request":
            return .debug(
                sequence: reader.integer("seq", in: 0...Int64.max) ?? 0,
                command: reader.string("command", maximumBytes: 128) ?? "")
        default: return .ignored
        }
    }

    private static func code(_ reader: ObjectReader) -> String? {
        reader.string("code", required: true, maximumBytes: CellRequest.maximumCodeBytes)
    }

    /// Code and a position in it, in code points; one behind the end means the end.
    private static func cursor(_ reader: ObjectReader) -> (code: String, cursor: Int)? {
        let wanted = reader.integer("cursor_pos", in: 0...Int64.max)
        guard let code = code(reader) else { return nil }
        let length = code.unicodeScalars.count
        return (code, min(wanted.map { Int(clamping: $0) } ?? length, length))
    }
}

/// What a client wants executed.
struct ExecuteRequest: Sendable, Equatable {
    /// The most expressions that one request may have evaluated.
    static let maximumExpressions = 8

    var code: String
    var silent = false
    var storeHistory = true
    /// Names and expressions, sorted by name.
    var expressions: [Expression] = []
    var allowsInput = true
    var stopOnError = true

    struct Expression: Sendable, Equatable {
        let name: String
        let code: String
    }

    init(code: String) {
        self.code = code
    }

    init?(_ reader: ObjectReader) {
        let code = reader.string("code", required: true, maximumBytes: CellRequest.maximumCodeBytes)
        silent = reader.bool("silent") ?? false
        storeHistory = reader.bool("store_history") ?? true
        allowsInput = reader.bool("allow_stdin") ?? true
        stopOnError = reader.bool("stop_on_error") ?? true
        let found =
            reader.dictionary("user_expressions", "a string") { value in
                if case .string(let text) = value { text } else { nil }
            } ?? [:]
        expressions = found.sorted { $0.key < $1.key }.map { Expression(name: $0.key, code: $0.value) }
        if expressions.count > Self.maximumExpressions {
            reader.complain(
                "user_expressions", "has \(expressions.count) members, allowed are \(Self.maximumExpressions)")
        }
        if expressions.contains(where: { $0.code.utf8.count > 65_536 }) {
            reader.complain("user_expressions", "has an expression of more than 65536 bytes")
        }
        guard let code else { return nil }
        self.code = code
        // Nothing of a silent cell is kept.
        storeHistory = storeHistory && !silent
    }

    /// The cell that it becomes.
    var cell: CellRequest {
        var cell = CellRequest(code: code, silent: silent, stopOnError: stopOnError)
        cell.allowsInput = allowsInput
        return cell
    }
}
