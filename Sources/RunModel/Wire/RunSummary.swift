/// Where a run stands.
package enum RunState: String, Sendable, Codable, CaseIterable {
    case queued, running, finished
}

/// A run as `GET /api/v1/runs/{id}` shows it.
package struct RunSummary: Sendable, Equatable {
    package var runID: RunID
    package var state: RunState
    package var language: String
    package var policy: String
    /// RFC 3339, UTC.
    package var createdAt: String
    /// Of a waiting run; 1 is next.
    package var position: Int?
    /// Of a waiting run, where it is known: seconds, estimated.
    package var estimatedWait: Double?
    package var nextSequence: Int64
    package var result: RunResult?

    package init(
        runID: RunID, state: RunState, language: String, policy: String, createdAt: String, position: Int?,
        estimatedWait: Double? = nil, nextSequence: Int64, result: RunResult?
    ) {
        self.runID = runID
        self.state = state
        self.language = language
        self.policy = policy
        self.createdAt = createdAt
        self.position = position
        self.estimatedWait = estimatedWait
        self.nextSequence = nextSequence
        self.result = result
    }
}

extension RunSummary: Codable {
    private enum Key: String, CodingKey {
        case state, language, policy, position, result, links
        case runID = "run_id"
        case createdAt = "created_at"
        case nextSequence = "next_seq"
        case estimatedWait = "estimated_wait"
    }

    private enum Link: String, CodingKey {
        case own = "self"
        case events
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        runID = try container.decode(RunID.self, forKey: .runID)
        state = try container.decode(RunState.self, forKey: .state)
        language = try container.decode(String.self, forKey: .language)
        policy = try container.decode(String.self, forKey: .policy)
        createdAt = try container.decode(String.self, forKey: .createdAt)
        position = try container.decodeIfPresent(Int.self, forKey: .position)
        estimatedWait = try container.decodeIfPresent(Double.self, forKey: .estimatedWait)
        nextSequence = try container.decode(Int64.self, forKey: .nextSequence)
        result = try container.decodeIfPresent(RunResult.self, forKey: .result)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(runID, forKey: .runID)
        try container.encode(state, forKey: .state)
        try container.encode(language, forKey: .language)
        try container.encode(policy, forKey: .policy)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(position, forKey: .position)
        try container.encodeIfPresent(estimatedWait, forKey: .estimatedWait)
        try container.encode(nextSequence, forKey: .nextSequence)
        try container.encode(result, forKey: .result)
        var links = container.nestedContainer(keyedBy: Link.self, forKey: .links)
        try links.encode("/api/v1/runs/\(runID)", forKey: .own)
        try links.encode("/api/v1/runs/\(runID)/events", forKey: .events)
    }
}
