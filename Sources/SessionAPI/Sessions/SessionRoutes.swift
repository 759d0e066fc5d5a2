internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import RunService
internal import SessionModel
internal import SessionService
internal import StrictJSON

/// Sessions: made, listed, shown, ended.
struct SessionRoutes: Sendable {
    let services: SessionAPIServices

    var sessions: SessionService { services.sessions }

    func create(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let reader = ObjectReader(try await request.object(limit: services.settings.maximumBody))
        let body = SessionBody(reader)
        try reader.finish()
        let session = try sessions.create(
            body, caller: request.caller, requestID: request.id, grace: services.settings.disconnectGrace)
        var reply = Reply.json(status: 201) { session.summary.write(to: &$0) }
        reply.headers[.location] = "/api/v1/sessions/\(session.id)"
        reply.concern(session.id)
        return reply
    }

    func list(_ request: RouteRequest) throws -> Reply {
        let filter = try Self.filter(request)
        let stored = sessions.listStored(owner: request.caller.owner, filter)
        let ids = Set(stored.map(\.id))
        // One that has ended here and can be resumed is told once.
        let found = sessions.list(owner: request.caller.owner, filter).filter { !ids.contains($0.id.description) }
        return .json { output in
            output.open()
            output.key("sessions")
            output.array(found.map(Listed.living) + stored.map(Listed.stored)) { output, entry in
                switch entry {
                case .living(let summary): summary.write(to: &output)
                case .stored(let summary): summary.write(to: &output)
                }
            }
            output.close()
        }
    }

    /// `state` and `tags` are lists with commas; a session must have all of the tags. `days_back` counts from when it was made.
    static func filter(_ request: RouteRequest) throws -> SessionFilter {
        try request.allowQuery(["state", "tags", "days_back"])
        var states: Set<SessionState>?
        if let text = request.query["state"] {
            var named: Set<SessionState> = []
            for word in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let state = SessionState(rawValue: String(word)) else {
                    let all = SessionState.allCases.map(\.rawValue).joined(separator: ", ")
                    throw InterfaceError.invalidParameter("state", found: text, allowed: "a list with commas of \(all)")
                }
                named.insert(state)
            }
            states = named
        }
        let tags = (request.query["tags"] ?? "").split(separator: ",").map { String($0) }
        guard tags.count <= SessionRequest.maximumTags else {
            throw InterfaceError.invalidParameter(
                "tags", found: request.query["tags"] ?? "", allowed: "at most \(SessionRequest.maximumTags) tags")
        }
        var since: Int64?
        if request.query["days_back"] != nil {
            let days = try request.number("days_back", in: 1...3650, default: 1)
            since = Timestamp.now() - days * 86_400_000
        }
        return SessionFilter(states: states, tags: tags, since: since)
    }

    private enum Listed {
        case living(SessionSummary)
        case stored(StoredSummary)
    }

    /// The session; with `history=1` also the events that are kept, or the cells of a stored one.
    func show(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery(["history"])
        if let id = SessionID(request.parameter()), let stored = sessions.stored(id, owner: request.caller.owner) {
            guard try request.number("history", in: 0...1, default: 0) == 1 else {
                return .json { stored.write(to: &$0) }
            }
            let history = try await sessions.storedHistory(id, owner: request.caller.owner)
            return .json { history.write(to: &$0) }
        }
        let session = try request.session(sessions)
        guard try request.number("history", in: 0...1, default: 0) == 1 else {
            return .json { session.summary.write(to: &$0) }
        }
        let summary = session.summary
        let history = session.history.filter { $0.event.sequence < summary.nextSequence }
        return .json(size: history.reduce(4096) { $0 + $1.json.count + 1 }) { output in
            output.open()
            output.key("session")
            summary.write(to: &output)
            output.key("history")
            output.array(history) { $1.event.write(to: &$0, session: session.id) }
            output.close()
        }
    }

    /// Starts a stored session again.
    func resume(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        try ObjectReader(try await request.optionalObject(limit: 65_536)).finish()
        guard let id = SessionID(request.parameter()) else { throw APIError.noSession }
        let session = try await sessions.resume(
            id, owner: request.caller.owner,
            origin: RunOrigin(address: request.caller.address, requestID: request.id))
        var reply = Reply.json { session.summary.write(to: &$0) }
        reply.concern(id)
        return reply
    }

    /// Ends it, and removes what is stored of it. The answer does not wait for the end.
    func close(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        guard let id = SessionID(request.parameter()) else { throw APIError.noSession }
        let owner = request.caller.owner
        if let stored = sessions.stored(id, owner: owner) {
            _ = await sessions.removeStored(id, owner: owner)
            return .json { stored.write(to: &$0) }
        }
        let session = try request.session(sessions)
        // Before what is stored is removed: it is not saved any more from here on.
        session.close()
        _ = await sessions.removeStored(id, owner: owner)
        return .json { session.summary.write(to: &$0) }
    }

    /// Its events as server-sent events, from one that is kept.
    func events(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery(["from"])
        let session = try request.session(sessions)
        return services.stream(session, from: try request.firstEvent(default: 1), request: request)
    }
}

extension SessionService {
    /// Makes a session for a caller.
    ///
    /// - Parameter grace: nanoseconds that a session with `on_disconnect: close` is kept without a connection.
    func create(
        _ body: SessionBody, caller: Caller, requestID: String, grace: Int64
    ) throws(APIError) -> Session {
        try create(
            body.request, owner: caller.owner, origin: RunOrigin(address: caller.address, requestID: requestID),
            onDisconnect: body.onDisconnect == .keep ? .keep : .close(after: grace))
    }
}
