package import RunModel
package import SessionExecution
package import SessionModel

/// A session as lists and its own page show it.
package struct SessionSummary: Sendable {
    package let id: SessionID
    package let language: String
    package let policy: String
    package let name: String?
    package let tags: [String]
    /// Milliseconds since 1970.
    package let createdAt: Int64
    /// Of the last event.
    package let lastActiveAt: Int64
    package let snapshot: SessionSnapshot
    package let limits: SessionLimits
    package let onDisconnect: OnSessionDisconnect
    /// Whether somebody on the line controls it, and how many only look on.
    package let isControlled: Bool
    package let observers: Int
    /// The sequence number of the next event.
    package let nextSequence: Int64
    /// Nil while it lives.
    package let end: SessionEnd?

    /// - Parameter more: writes further members.
    package func write(to output: inout JSONBytes, more: (inout JSONBytes) -> Void = { _ in }) {
        output.open()
        output.member("session_id", id.description)
        output.member("state", snapshot.state.rawValue)
        output.member("epoch", snapshot.epoch)
        output.member("language", language)
        output.member("policy", policy)
        if let name { output.member("name", name) }
        output.key("tags")
        output.array(tags) { $0.string($1) }
        output.member("created_at", createdAt)
        output.member("last_active_at", lastActiveAt)
        output.member("cells", snapshot.executed)
        output.member("queued", snapshot.queued)
        output.key("features")
        output.array(snapshot.features) { $0.string($1) }
        output.key("checkpoints")
        output.array(snapshot.checkpoints) { $0.string($1) }
        output.key("checkpoint_method")
        output.optional(snapshot.checkpointMethod) { $0.word($1.rawValue) }
        output.key("usage")
        UsageReport(snapshot.usage).write(to: &output)
        output.key("limits")
        limits.write(to: &output)
        output.member("on_disconnect", onDisconnect.name)
        output.member("controlled", isControlled)
        output.member("observers", observers)
        output.member("next_seq", nextSequence)
        output.key("end")
        output.optional(end) { $1.write(to: &$0) }
        more(&output)
        output.close()
    }
}

/// What becomes of a session when whoever controls it is not connected any more.
package enum OnSessionDisconnect: Sendable, Equatable {
    case keep
    /// It ends after so many nanoseconds, unless somebody comes back to control it.
    case close(after: Int64)

    package var name: String {
        switch self {
        case .keep: "keep"
        case .close: "close"
        }
    }
}

/// Which sessions a list is to have.
package struct SessionFilter: Sendable {
    /// All when nil.
    package var states: Set<SessionState>?
    /// A session has to have all of them.
    package var tags: [String]
    /// Created at this time or later; milliseconds since 1970.
    package var since: Int64?

    package init(states: Set<SessionState>? = nil, tags: [String] = [], since: Int64? = nil) {
        self.states = states
        self.tags = tags
        self.since = since
    }

    func takes(_ summary: SessionSummary) -> Bool {
        states?.contains(summary.snapshot.state) != false
            && takes(tags: summary.tags, createdAt: summary.createdAt)
    }

    func takes(tags found: [String], createdAt: Int64) -> Bool {
        tags.allSatisfy(found.contains) && createdAt >= since ?? .min
    }
}
