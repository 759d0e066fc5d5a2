internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import ServerTransport
internal import ServiceMetrics
internal import SessionExecution
internal import SessionModel
internal import SessionService
internal import StrictJSON

/// Cells, and what else one asks of a session's interpreter.
struct CellRoutes: Sendable {
    let services: SessionAPIServices

    /// Executes a cell.
    func execute(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let session = try request.session(services.sessions)
        let reader = ObjectReader(try await request.object(limit: services.settings.maximumBody))
        let body = CellBody(reader, chooses: true)
        try reader.finish()
        switch body.delivery {
        case .wait:
            let outcome = try await session.execute(body.cell)
            return answer(session) { outcome.write(to: &$0) }
        case .stream:
            let next = session.summary.nextSequence
            let id = try await session.submit(body.cell)
            return services.stream(session, from: next, cell: id, request: request)
        case .detach:
            let id = try await session.submit(body.cell)
            return answer(session, status: 202) { output in
                output.open()
                output.key("execution_id")
                output.string(id)
                output.key("session_id")
                output.string(session.id.description)
                output.close()
            }
        }
    }

    func interrupt(_ request: RouteRequest) async throws -> Reply {
        let session = try await command(request)
        let isInterrupted = try await session.interrupt()
        return answer(session) { output in
            output.open()
            output.key("interrupted")
            output.bool(isInterrupted)
            output.close()
        }
    }

    /// Starts another interpreter in another sandbox.
    func restart(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let session = try request.session(services.sessions)
        let reader = ObjectReader(try await request.optionalObject(limit: 65_536))
        let keepsFiles = reader.bool("files") ?? true
        try reader.finish()
        try await session.restart(keepsFiles: keepsFiles)
        return answer(session, status: 202) { session.summary.write(to: &$0) }
    }

    func input(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let session = try request.session(services.sessions)
        let reader = ObjectReader(try await request.object(limit: services.settings.maximumBody))
        let (token, data) = (reader.inputToken(required: true), reader.inputText())
        try reader.finish()
        try await session.input(data ?? [], token: token)
        return Reply(status: .noContent)
    }

    /// A question about code, or about variables.
    func query(_ request: RouteRequest, _ name: String) async throws -> Reply {
        try request.allowQuery([])
        let session = try request.session(services.sessions)
        var query = SessionQuery.variables
        if name != "variables" {
            let reader = ObjectReader(try await request.object(limit: services.settings.maximumBody))
            let wanted = reader.query(name)
            try reader.finish()
            guard let wanted else { throw APIError(.internalError, "a query without errors could not be read") }
            query = wanted
        }
        let result = try await session.query(query)
        return answer(session) { result.write(to: &$0) }
    }

    /// The session of a request without fields.
    private func command(_ request: RouteRequest) async throws -> Session {
        try request.allowQuery([])
        let session = try request.session(services.sessions)
        try ObjectReader(try await request.optionalObject(limit: 65_536)).finish()
        return session
    }

    private func answer(_ session: Session, status: Int = 200, _ write: (inout JSONBytes) -> Void) -> Reply {
        var reply = Reply.json(status: status, write)
        reply.concern(session.id)
        return reply
    }

    // MARK: - Checkpoints

    func checkpoint(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let session = try request.session(services.sessions)
        let reader = ObjectReader(try await request.object(limit: 65_536))
        let name = reader.checkpointName()
        let isDurable = reader.bool("durable") ?? false
        try reader.finish()
        if isDurable {
            let lost = try await session.save(as: name ?? "")
            return answer(session, status: 201) { output in
                output.open()
                output.key("checkpoints")
                output.array(session.summary.snapshot.checkpoints) { $0.string($1) }
                output.member("stored", name ?? "")
                output.key("lost")
                output.array(lost) { $1.write(to: &$0) }
                output.close()
            }
        }
        let made = try await session.checkpoint(.make, name ?? "")
        return checkpoints(session, status: 201) { output in
            if case .checkpoint(let checkpoint)? = made { checkpoint.writeMembers(to: &output) }
        }
    }

    func listCheckpoints(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        return checkpoints(try request.session(services.sessions))
    }

    func restore(_ request: RouteRequest) async throws -> Reply {
        let session = try await command(request)
        let restored = try await session.checkpoint(.restore, try Self.name(request))
        return answer(session) { output in
            session.summary.write(to: &output) { output in
                guard let restored else { return }
                output.key("restored")
                restored.write(to: &output)
            }
        }
    }

    func dropCheckpoint(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let session = try request.session(services.sessions)
        try await session.checkpoint(.drop, try Self.name(request))
        return checkpoints(session)
    }

    /// The name in the path. What no checkpoint can be called is treated as an unknown name.
    private static func name(_ request: RouteRequest) throws(APIError) -> String {
        let name = request.parameter(1)
        guard CheckpointName.isValid(name) else {
            throw APIError(.checkpointNotFound, "there is no such checkpoint")
        }
        return name
    }

    private func checkpoints(
        _ session: Session, status: Int = 200, more: (inout JSONBytes) -> Void = { _ in }
    ) -> Reply {
        answer(session, status: status) { output in
            output.open()
            output.key("checkpoints")
            output.array(session.summary.snapshot.checkpoints) { $0.string($1) }
            more(&output)
            output.close()
        }
    }
}
