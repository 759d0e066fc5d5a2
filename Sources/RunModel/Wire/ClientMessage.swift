package import SandboxSpec
package import StrictJSON

/// How a socket follows a run that exists already.
package enum AttachMode: String, Sendable, Codable, CaseIterable {
    /// It may type, signal and cancel, and it is waited for.
    case control
    /// It only looks on.
    case observe
}

/// A message of a client over WebSocket.
package struct ClientMessage: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case execute(Submission)
        case attach(RunID, from: Int64, mode: AttachMode)
        case detach(RunID)
        case stdin(RunID, data: [UInt8], end: Bool)
        case inputResponse(RunID, token: String, data: [UInt8], end: Bool)
        case signal(RunID, UInt8)
        case resize(RunID, TerminalSize)
        case cancel(RunID)
        case ping

        /// As it is written.
        package var name: String {
            switch self {
            case .execute: "execute"
            case .attach: "attach"
            case .detach: "detach"
            case .stdin: "stdin"
            case .inputResponse: "input_response"
            case .signal: "signal"
            case .resize: "resize"
            case .cancel: "cancel"
            case .ping: "ping"
            }
        }

        package var runID: RunID? {
            switch self {
            case .execute, .ping: nil
            case .attach(let id, _, _), .detach(let id), .stdin(let id, _, _), .inputResponse(let id, _, _, _),
                .signal(let id, _), .resize(let id, _), .cancel(let id):
                id
            }
        }
    }

    /// What the client calls this message; it comes back in the answer.
    package var ref: String?
    package var kind: Kind

    /// The names of all types.
    package static let types = [
        "execute", "attach", "detach", "stdin", "input_response", "signal", "resize", "cancel", "ping",
    ]

    /// Why a message was refused, with its `ref` where that could be read.
    package struct Failure: Error, Sendable, Equatable {
        package let error: APIError
        package let ref: String?
    }

    /// - Throws: `INVALID_JSON`, or `INVALID_REQUEST` with every wrong field in its details.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(Failure) -> ClientMessage {
        try parse(try object(bytes, limits: limits))
    }

    /// A message of any kind, still unread.
    ///
    /// - Throws: `INVALID_JSON`.
    package static func object(_ bytes: [UInt8], limits: JSONLimits) throws(Failure) -> JSONObject {
        do throws(APIError) {
            return try ObjectReader.object(bytes, limits: limits)
        } catch {
            throw Failure(error: error, ref: nil)
        }
    }

    /// - Throws: `INVALID_REQUEST` with every wrong field in its details.
    package static func parse(_ object: JSONObject) throws(Failure) -> ClientMessage {
        let reader = ObjectReader(object)
        let ref = reader.string("ref", maximumBytes: 64)
        do throws(APIError) {
            guard let type = type(reader) else {
                // Which members there may be, only the type says.
                try reader.finish(refusesUnknown: false)
                throw APIError(.internalError, "a message without errors has no type")
            }
            if type == "execute" {
                var submission = Submission(reader)
                // The other errors are found when language and policy are known; then all are reported together.
                submission.errors = reader.collected()
                return ClientMessage(ref: ref, kind: .execute(submission))
            }
            let kind = kind(type, reader)
            try reader.finish()
            guard let kind else { throw APIError(.internalError, "a message without errors could not be read") }
            return ClientMessage(ref: ref, kind: kind)
        } catch {
            throw Failure(error: error, ref: ref)
        }
    }

    private static func type(_ reader: ObjectReader) -> String? {
        guard let type = reader.string("type", required: true) else { return nil }
        if types.contains(type) { return type }
        reader.complain(
            "type", "is \"\(ObjectReader.shown(type, 32))\", expected is one of \(types.joined(separator: ", "))")
        return nil
    }

    private static func kind(_ type: String, _ reader: ObjectReader) -> Kind? {
        switch type {
        case "ping": return .ping
        default: break
        }
        let id = runID(reader)
        switch type {
        case "attach":
            let from = reader.integer("from", in: 0...Int64.max) ?? 0
            let text = reader.string("mode")
            guard let mode = text.map(AttachMode.init(rawValue:)) ?? .control else {
                reader.complain("mode", "is \"\(ObjectReader.shown(text ?? "", 32))\", expected is control or observe")
                return nil
            }
            return id.map { .attach($0, from: from, mode: mode) }
        case "detach": return id.map { .detach($0) }
        case "stdin":
            let input = InputBody(reader)
            return id.map { .stdin($0, data: input.bytes, end: input.end) }
        case "input_response":
            let token = reader.string("token", required: true, maximumBytes: 64)
            let input = InputBody(reader)
            guard let id, let token else { return nil }
            return .inputResponse(id, token: token, data: input.bytes, end: input.end)
        case "signal":
            guard let number = SignalName.read(reader, "signal"), let id else { return nil }
            return .signal(id, number)
        case "resize":
            guard let size = reader.terminalSize(), let id else { return nil }
            return .resize(id, size)
        default: return id.map { .cancel($0) }
        }
    }

    private static func runID(_ reader: ObjectReader) -> RunID? {
        guard let text = reader.string("run_id", required: true) else { return nil }
        if let id = RunID(text) { return id }
        reader.complain("run_id", "is no run id: expected are 32 lower-case hexadecimal digits")
        return nil
    }
}
