internal import APIFormat
internal import HTTPInterface
internal import RunModel
internal import RunService
internal import SessionExecution
internal import SessionModel
internal import SessionService

/// What a plain socket opens with: a new session, or the one that its query names.
struct PlainOpening: Sendable {
    private static let names: Set<String> = ["session_id", "language", "policy", "mode", "from"]

    let session: Session
    let mode: AttachMode
    /// The first event that is sent.
    let from: Int64
    private let isNew: Bool

    /// - Throws: errors of the query, and of making or finding the session.
    init(_ request: SocketRequest, _ services: SessionAPIServices) throws(APIError) {
        guard let query = request.query else {
            throw APIError(.invalidRequest, "the query is invalid, or repeats a name")
        }
        for name in query.keys.sorted() where !Self.names.contains(name) {
            throw APIError(InterfaceError.unknownParameter(name, known: Self.names.sorted()))
        }
        guard let mode = query["mode"].map({ AttachMode(rawValue: $0) }) ?? .control else {
            throw APIError(
                InterfaceError.invalidParameter("mode", found: query["mode"] ?? "", allowed: "control or observe"))
        }
        self.mode = mode
        guard let text = query["session_id"] else {
            for name in ["mode", "from"] where query[name] != nil {
                throw APIError(
                    .invalidRequest, "query parameter \(name): found without session_id",
                    details: ["query.\(name)": "absent where no session_id names a session"])
            }
            let wanted = SessionRequest(
                language: query["language"] ?? services.settings.defaultLanguage, policy: query["policy"])
            session = try services.sessions.create(
                wanted, owner: request.caller.owner,
                origin: RunOrigin(address: request.caller.address, requestID: request.id),
                onDisconnect: .close(after: services.settings.reconnectTime))
            (from, isNew) = (1, true)
            return
        }
        for name in ["language", "policy"] where query[name] != nil {
            throw APIError(
                .invalidRequest, "query parameter \(name): found beside session_id",
                details: ["query.\(name)": "absent where session_id names a session"])
        }
        guard let id = SessionID(text) else { throw .noSession }
        session = try services.sessions.find(id, owner: request.caller.owner)
        isNew = false
        guard let text = query["from"] else {
            from = session.summary.nextSequence
            return
        }
        guard let number = Int64(text), number >= 0, String(number) == text else {
            throw APIError(
                InterfaceError.invalidParameter("from", found: text, allowed: "a whole number, 0 to \(Int64.max)"))
        }
        from = number
    }

    /// What a client hears first that comes back: which session this is, and the request for input that waits for an answer. A
    /// new session tells it in its events.
    func greeting() -> [[UInt8]] {
        guard !isNew else { return [] }
        let summary = session.summary
        var lines = [SessionAnswer.connected(summary, mode: mode)]
        if let request = session.openRequest(before: from) { lines.append(request) }
        return lines
    }
}

extension Session {
    /// The request for input that waits for an answer, for a reader that begins behind it.
    func openRequest(before sequence: Int64) -> [UInt8]? {
        guard currentState == .waiting else { return nil }
        return history.last { logged in
            if case .inputRequest = logged.event.kind { logged.event.sequence < sequence } else { false }
        }?.json
    }
}
