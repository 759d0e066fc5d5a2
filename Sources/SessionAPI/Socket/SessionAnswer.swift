internal import RunModel
internal import SessionExecution
internal import SessionModel
internal import SessionService

/// What the service says on a socket about sessions besides their events: lines of JSON.
enum SessionAnswer {
    static func attached(
        _ session: Session, mode: AttachMode, next: Int64, ref: String?
    ) -> [UInt8] {
        line("attached", session.id, ref) { output in
            output.member("mode", mode.rawValue)
            output.member("next_seq", next)
            output.member("state", session.currentState.rawValue)
        }
    }

    static func detached(_ id: SessionID, ref: String?) -> [UInt8] { line("detached", id, ref) }

    static func accepted(_ id: SessionID, execution: String, ref: String?) -> [UInt8] {
        line("accepted", id, ref) { $0.member("execution_id", execution) }
    }

    /// The answer to a question or a command; its fields are under `answer`.
    static func answer(_ id: SessionID, ref: String?, _ write: (inout JSONBytes) -> Void) -> [UInt8] {
        line("answer", id, ref) { output in
            output.key("answer")
            write(&output)
        }
    }

    /// The events `from..<to` are no longer kept.
    static func lagged(_ id: SessionID, from: Int64, to: Int64) -> [UInt8] {
        line("lagged", id, nil) { output in
            output.member("from", from)
            output.member("to", to)
        }
    }

    /// The first message to a plain client that comes back; a new session says it in its first event.
    static func connected(_ summary: SessionSummary, mode: AttachMode) -> [UInt8] {
        line("session_created", summary.id, nil) { output in
            output.member("language", summary.language)
            output.member("mode", mode.rawValue)
            output.member("next_seq", summary.nextSequence)
            output.member("policy", summary.policy)
            output.key("reconnected")
            output.bool(true)
            output.member("state", summary.snapshot.state.rawValue)
        }
    }

    static func failed(_ error: APIError, ref: String?, _ id: SessionID?) -> [UInt8] {
        line("error", id, ref) { output in
            output.member("code", error.code.rawValue)
            output.key("details")
            output.dictionary(error.details) { $0.string($1) }
            output.member("message", error.message)
            output.key("retryable")
            output.bool(error.retryable)
        }
    }

    static func pong(ref: String?) -> [UInt8] { line("pong", nil, ref) }
    static let heartbeat = line("heartbeat", nil, nil)

    private static func line(
        _ type: String, _ id: SessionID?, _ ref: String?, _ write: (inout JSONBytes) -> Void = { _ in }
    ) -> [UInt8] {
        var output = JSONBytes(size: 256)
        output.open()
        write(&output)
        if let ref { output.member("ref", ref) }
        if let id { output.member("session_id", id.description) }
        output.member("type", type)
        output.close()
        return output.bytes
    }
}
