internal import RunModel
internal import SessionModel
internal import StrictJSON

/// A message of a client about a session.
struct SessionMessage: Sendable {
    enum Kind: Sendable {
        case create(SessionBody)
        case attach(from: Int64, mode: AttachMode, takesOver: Bool)
        case detach
        case close
        case execute(CellRequest)
        case interrupt
        case restart
        case input(token: String?, [UInt8])
        case query(SessionQuery)
        case checkpoint(String)
        case restore(String)
        case dropCheckpoint(String)
        case ping
        case heartbeat
    }

    /// Why a message was refused, with its `ref` where that could be read.
    struct Failure: Error {
        let error: APIError
        let ref: String?
    }

    let ref: String?
    /// Nil where the socket has a session of its own.
    let id: SessionID?
    let kind: Kind

    /// The types that concern sessions and nothing else.
    static let ownTypes: Set<String> = [
        "create_session", "attach_session", "detach_session", "close_session", "interrupt", "restart", "complete",
        "inspect", "is_complete", "variables", "checkpoint", "restore", "drop_checkpoint",
    ]

    /// Whether a message concerns a session: by its type, or because it names one.
    static func concernsSession(_ object: JSONObject) -> Bool {
        if case .string(let type)? = object["type"], ownTypes.contains(type) { return true }
        guard let id = object["session_id"] else { return false }
        return id != .null
    }

    /// - Parameter isPlain: whether the socket has one session, which messages need not name.
    /// - Throws: `INVALID_REQUEST` with every wrong field in its details.
    static func parse(_ object: JSONObject, isPlain: Bool) throws(Failure) -> SessionMessage {
        let reader = ObjectReader(object)
        let ref = reader.string("ref", maximumBytes: 64)
        do throws(APIError) {
            guard let type = type(reader, isPlain: isPlain) else {
                // Which members there may be, only the type says.
                try reader.finish(refusesUnknown: false)
                throw APIError(.internalError, "a message without errors has no type")
            }
            let needsID = !isPlain && type != "create_session"
            let id = type == "create_session" ? nil : sessionID(reader, required: needsID)
            let kind = kind(type, reader, isPlain: isPlain)
            try reader.finish()
            guard let kind else { throw APIError(.internalError, "a message without errors could not be read") }
            return SessionMessage(ref: ref, id: id, kind: kind)
        } catch {
            throw Failure(error: error, ref: ref)
        }
    }

    private static func type(_ reader: ObjectReader, isPlain: Bool) -> String? {
        guard let type = reader.string("type", required: true) else { return nil }
        let others = isPlain ? ["execute", "input_response", "heartbeat", "ping"] : ["execute", "input_response"]
        let absent: Set = isPlain ? ["create_session", "attach_session", "detach_session"] : []
        let allowed = (ownTypes.subtracting(absent).sorted() + others)
        if allowed.contains(type) { return type }
        reader.complain(
            "type", "is \"\(ObjectReader.shown(type, 32))\", expected is one of \(allowed.joined(separator: ", "))")
        return nil
    }

    private static func kind(_ type: String, _ reader: ObjectReader, isPlain: Bool) -> Kind? {
        switch type {
        case "create_session": return .create(SessionBody(reader))
        case "attach_session":
            let from = reader.integer("from", in: 0...Int64.max) ?? 1
            let mode: AttachMode = reader.choice("mode") ?? .control
            return .attach(from: from, mode: mode, takesOver: reader.bool("take_over") ?? false)
        case "detach_session": return .detach
        case "close_session": return .close
        case "execute": return .execute(CellBody(reader, chooses: false).cell)
        case "interrupt": return .interrupt
        case "restart": return .restart
        case "input_response":
            // A plain client that has no token answers the newest request.
            let token = reader.inputToken(required: !isPlain)
            return reader.inputText().map { .input(token: token, $0) }
        case "complete", "inspect", "is_complete", "variables": return reader.query(type).map { .query($0) }
        case "checkpoint": return reader.checkpointName().map { .checkpoint($0) }
        case "restore": return reader.checkpointName().map { .restore($0) }
        case "drop_checkpoint": return reader.checkpointName().map { .dropCheckpoint($0) }
        case "ping": return .ping
        default: return .heartbeat
        }
    }

    private static func sessionID(_ reader: ObjectReader, required: Bool) -> SessionID? {
        guard let text = reader.string("session_id", required: required) else { return nil }
        if let id = SessionID(text) { return id }
        reader.complain("session_id", "is no session id: expected are 32 lower-case hexadecimal digits")
        return nil
    }
}
