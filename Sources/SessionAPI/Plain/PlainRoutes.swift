internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import RunService
internal import ServerTransport
internal import ServiceMetrics
internal import SessionModel
internal import SessionService
internal import StrictJSON

/// The plain dialect over HTTP: paths without a prefix, a default language, answers with few fields. docs/sessions.md describes it.
struct PlainRoutes: Sendable {
    let services: SessionAPIServices

    private var sessions: SessionService { services.sessions }

    /// Makes a session; nothing has to be asked for.
    func create(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let reader = ObjectReader(try await request.optionalObject(limit: services.settings.maximumBody))
        let body = SessionBody(reader, language: services.settings.defaultLanguage)
        try reader.finish()
        let session = try sessions.create(
            body, caller: request.caller, requestID: request.id, grace: services.settings.disconnectGrace)
        var reply = Reply.json { session.summary.write(to: &$0) }
        reply.concern(session.id)
        return reply
    }

    /// A list, not an object with one.
    func list(_ request: RouteRequest) throws -> Reply {
        let found = sessions.list(owner: request.caller.owner, try SessionRoutes.filter(request))
        return .json { output in output.array(found) { $1.write(to: &$0) } }
    }

    /// Executes a cell and waits for its end.
    func execute(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let session = try request.session(sessions)
        let reader = ObjectReader(try await request.object(limit: services.settings.maximumBody))
        let body = CellBody(reader, chooses: false)
        try reader.finish()
        var reply = Self.reply(try await session.execute(body.cell))
        reply.concern(session.id)
        return reply
    }

    /// Executes a cell in a session of its own, which ends with it, and when the client goes away.
    func executeOnce(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let reader = ObjectReader(try await request.object(limit: services.settings.maximumBody))
        let wanted = SessionRequest(
            language: reader.string("language", maximumBytes: 64) ?? services.settings.defaultLanguage,
            policy: reader.string("policy", maximumBytes: 64))
        var body = CellBody(reader, chooses: false)
        try reader.finish()
        // Nobody knows the session, so nobody could answer.
        body.cell.allowsInput = false
        let cell = body.cell
        let session = try sessions.create(
            wanted, owner: request.caller.owner,
            origin: RunOrigin(address: request.caller.address, requestID: request.id))
        defer { session.close() }
        let outcome = try await request.presence.watching(onGone: { session.close() }) {
            try await session.execute(cell)
        }
        var reply = Self.reply(outcome)
        reply.concern(session.id)
        return reply
    }

    private static func reply(_ outcome: CellOutcome) -> Reply {
        .json(size: outcome.outputs.reduce(4096) { $0 + $1.text.bytes.count }) { output in
            output.open()
            output.key("error")
            output.optional(PlainError(outcome)) { $1.write(to: &$0) }
            output.key("outputs")
            output.array(outcome.outputs) { $0.string($1.text.lossyText) }
            output.key("result")
            output.optional(outcome.result) {
                PlainResult.write($1, execution: nil, seconds: outcome.seconds, to: &$0)
            }
            output.close()
        }
    }

    /// Whether the service works, and how many sessions there are.
    func health(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let vitals = sessions.vitals
        let isHealthy = !services.state.isFailing() && !sessions.isClosed
        let idle = services.state.parked()
        return .json(status: isHealthy ? 200 : 503) { output in
            output.open()
            output.key("pool")
            output.open()
            for (name, value) in [
                ("active", vitals.living), ("idle", idle), ("max", vitals.maximum), ("total", vitals.living + idle),
            ] {
                output.key(name)
                output.integer(value)
            }
            output.close()
            output.key("status")
            output.word(isHealthy ? "healthy" : "unhealthy")
            output.close()
        }
    }
}
