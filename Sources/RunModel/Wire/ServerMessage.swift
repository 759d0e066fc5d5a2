/// What the service says on a WebSocket besides the events of runs.
package enum ServerMessage: Sendable, Equatable {
    case attached(runID: RunID, state: RunState, nextSequence: Int64, mode: AttachMode, ref: String?)
    case detached(runID: RunID, ref: String?)
    case pong(ref: String?)
    case heartbeat
    /// The events `from..<to` are no longer kept.
    case lagged(runID: RunID, from: Int64, to: Int64)
    case failed(APIError, ref: String?, runID: RunID?)

    /// One line of JSON.
    package var line: [UInt8] {
        // Encoding values of known types into memory cannot fail.
        (try? JSONText.encode(self)) ?? Array("{\"type\":\"error\"}".utf8)
    }
}

extension ServerMessage: Encodable {
    private enum Key: String, CodingKey {
        case type, state, mode, ref, from, to
        case runID = "run_id"
        case nextSequence = "next_seq"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .attached(let id, let state, let next, let mode, let ref):
            try container.encode("attached", forKey: .type)
            try container.encode(id, forKey: .runID)
            try container.encode(state, forKey: .state)
            try container.encode(next, forKey: .nextSequence)
            try container.encode(mode, forKey: .mode)
            try container.encodeIfPresent(ref, forKey: .ref)
        case .detached(let id, let ref):
            try container.encode("detached", forKey: .type)
            try container.encode(id, forKey: .runID)
            try container.encodeIfPresent(ref, forKey: .ref)
        case .pong(let ref):
            try container.encode("pong", forKey: .type)
            try container.encodeIfPresent(ref, forKey: .ref)
        case .heartbeat: try container.encode("heartbeat", forKey: .type)
        case .lagged(let id, let from, let to):
            try container.encode("lagged", forKey: .type)
            try container.encode(id, forKey: .runID)
            try container.encode(from, forKey: .from)
            try container.encode(to, forKey: .to)
        case .failed(let error, let ref, let id):
            try container.encode("error", forKey: .type)
            try container.encodeIfPresent(ref, forKey: .ref)
            try container.encodeIfPresent(id, forKey: .runID)
            try error.encode(to: encoder)
        }
    }
}
