extension APIError: JSONWritable {
    package func write(to output: inout JSONBytes) {
        output.open()
        writeMessage(to: &output)
        output.key("retryable")
        output.bool(retryable)
        output.close()
    }

    /// `code`, `details`, `message`.
    func writeMessage(to output: inout JSONBytes) {
        output.key("code")
        output.string(code.rawValue)
        output.key("details")
        output.dictionary(details) { $0.string($1) }
        output.key("message")
        output.string(message)
    }
}

extension APIErrorBody: JSONWritable {
    package func write(to output: inout JSONBytes) {
        output.open()
        output.key("error")
        error.write(to: &output)
        output.close()
    }
}

extension ServerMessage: JSONWritable {
    package func write(to output: inout JSONBytes) {
        func member(_ key: String, _ text: String?) {
            guard let text else { return }
            output.key(key)
            output.string(text)
        }
        func member(_ key: String, _ number: Int64) {
            output.key(key)
            output.integer(number)
        }
        output.open()
        switch self {
        case .attached(let id, let state, let next, let mode, let ref):
            member("mode", mode.rawValue)
            member("next_seq", next)
            member("ref", ref)
            member("run_id", id.description)
            member("state", state.rawValue)
            member("type", "attached")
        case .detached(let id, let ref):
            member("ref", ref)
            member("run_id", id.description)
            member("type", "detached")
        case .pong(let ref):
            member("ref", ref)
            member("type", "pong")
        case .heartbeat: member("type", "heartbeat")
        case .lagged(let id, let from, let to):
            member("from", from)
            member("run_id", id.description)
            member("to", to)
            member("type", "lagged")
        case .failed(let error, let ref, let id):
            error.writeMessage(to: &output)
            member("ref", ref)
            output.key("retryable")
            output.bool(error.retryable)
            member("run_id", id?.description)
            member("type", "error")
        }
        output.close()
    }
}
