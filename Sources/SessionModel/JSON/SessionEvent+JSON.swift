package import RunModel

/// Members stand in a fixed order: `type`, `session_id`, `seq`, `epoch`, `time`, then what the type has.
extension SessionEvent {
    /// The event as clients read it, encoded once for all of them.
    package func json(session: SessionID) -> [UInt8] {
        var output = JSONBytes(size: 256)
        write(to: &output, session: session)
        return output.bytes
    }

    package func write(to output: inout JSONBytes, session: SessionID) {
        output.open()
        output.key("type")
        output.word(kind.name)
        output.key("session_id")
        output.word(session.description)
        output.member("seq", sequence)
        output.member("epoch", epoch)
        output.member("time", time)
        kind.writeBody(to: &output)
        output.close()
    }
}

extension SessionEvent.Kind {
    /// As it stands in `type`.
    package var name: String {
        switch self {
        case .created: "session_created"
        case .state: "state"
        case .executionStarted: "execution_started"
        case .output: "output"
        case .display: "display"
        case .clear: "clear"
        case .result: "result"
        case .error: "error"
        case .executionFinished: "execution_finished"
        case .inputRequest: "input_request"
        case .inputReceived: "input_received"
        case .interrupted: "interrupted"
        case .restarted: "restarted"
        case .checkpoint: "checkpoint"
        case .restored: "restored"
        case .stored: "stored"
        case .checkpointDropped: "checkpoint_dropped"
        case .takenOver: "taken_over"
        case .warning: "warning"
        case .closing: "closing"
        case .ended: "ended"
        }
    }

    fileprivate func writeBody(to output: inout JSONBytes) {
        switch self {
        case .created(let created):
            output.member("language", created.language)
            output.member("policy", created.policy)
            if let name = created.name { output.member("name", name) }
            output.key("tags")
            output.array(created.tags) { $0.string($1) }
            output.member("state", SessionState.starting.rawValue)
        case .state(let state): output.member("state", state.rawValue)
        case .executionStarted(let id, let code):
            output.member("execution_id", id)
            output.member("code", code)
        case .output(let id, let stream, let text, let isBackground):
            output.execution(id)
            output.member("stream", stream.rawValue)
            text.write(to: &output, "data", "encoding")
            if isBackground { output.member("background", true) }
        case .display(let id, let display):
            output.execution(id)
            display.writeMembers(to: &output)
        case .clear(let id, let wait):
            output.execution(id)
            output.member("wait", wait)
        case .result(let id, let value, let seconds):
            output.execution(id)
            value.writeMembers(to: &output)
            output.member("execution_time", number: seconds)
        case .error(let id, let error):
            output.execution(id)
            error.writeMembers(to: &output)
        case .executionFinished(let id, let status, let seconds, let usage, let limit):
            output.execution(id)
            output.member("status", status.rawValue)
            output.member("execution_time", number: seconds)
            output.key("usage")
            usage.write(to: &output)
            output.limit(limit)
        case .inputRequest(let id, let token, let prompt, let isPassword):
            output.execution(id)
            output.member("token", token)
            output.member("prompt", prompt.lossyText)
            output.member("password", isPassword)
        case .inputReceived(let id, let token):
            output.execution(id)
            output.member("token", token)
        case .interrupted(let id, let isKept):
            output.execution(id)
            output.key("kept")
            output.optional(isKept) { $0.bool($1) }
        case .restarted(let files, let skipped):
            output.member("files", files)
            if skipped > 0 { output.member("skipped", skipped) }
        case .restored(let name, let restoration):
            output.member("name", name)
            restoration.writeMembers(to: &output)
        case .stored(let name, let lost):
            output.member("name", name)
            output.key("lost")
            output.array(lost) { $1.write(to: &$0) }
        case .checkpoint(let name, let checkpoint):
            output.member("name", name)
            checkpoint.writeMembers(to: &output)
        case .checkpointDropped(let name): output.member("name", name)
        case .takenOver: break
        case .warning(let message): output.member("message", message)
        case .closing(let reason, let seconds):
            output.member("reason", reason.rawValue)
            output.member("in", number: seconds)
        case .ended(let end): end.writeMembers(to: &output)
        }
    }
}

extension JSONBytes {
    fileprivate mutating func execution(_ id: String?) {
        if let id { member("execution_id", id) }
    }

    /// `limit`, where there is one.
    mutating func limit(_ limit: SessionLimitReport?) {
        guard let limit else { return }
        key("limit")
        limit.write(to: &self)
    }
}
