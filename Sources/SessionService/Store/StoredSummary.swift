package import RunModel
internal import SessionModel

/// A stored session as lists and its own page show it: the members of a living one that it has.
package struct StoredSummary: Sendable {
    let metadata: StoredSession.Metadata

    package var id: String { metadata.session_id }
    package var tags: [String] { metadata.tags }
    package var createdAt: Int64 { metadata.created_at }

    package func write(to output: inout JSONBytes) {
        output.open()
        output.member("session_id", metadata.session_id)
        output.member("state", SessionState.stored.rawValue)
        output.member("epoch", metadata.epoch)
        output.member("language", metadata.language)
        output.member("policy", metadata.policy)
        if let name = metadata.name { output.member("name", name) }
        output.key("tags")
        output.array(metadata.tags) { $0.string($1) }
        output.member("created_at", metadata.created_at)
        output.member("last_active_at", metadata.updated_at)
        output.member("cells", metadata.turns)
        output.key("checkpoints")
        output.array([metadata.checkpoint]) { $0.string($1) }
        output.member("next_seq", metadata.next_seq)
        output.close()
    }
}

/// A stored session with its cells.
package struct StoredHistory: Sendable {
    package let summary: StoredSummary
    let messages: [StoredSession.Message]

    package func write(to output: inout JSONBytes) {
        output.open()
        output.key("session")
        summary.write(to: &output)
        output.key("history")
        output.array([Int]()) { $0.integer($1) }
        output.key("messages")
        output.array(messages) { output, message in
            output.open()
            output.member("execution_id", message.execution_id)
            output.member("code", message.code)
            if let status = message.status { output.member("status", status) }
            output.member("output", message.output)
            if let result = message.result { output.member("result", result) }
            if let error = message.error { output.member("error", error) }
            output.member("timestamp", message.timestamp)
            output.close()
        }
        output.close()
    }
}
