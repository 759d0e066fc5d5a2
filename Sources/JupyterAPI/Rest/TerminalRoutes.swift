internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import RunService
internal import SessionModel

/// Terminals: made, listed, shown, ended.
struct TerminalRoutes: Sendable {
    let services: JupyterServices

    func create(_ request: RouteRequest) async throws -> Reply {
        let reader = try await request.looseObject(limit: services.settings.maximumBody)
        // A name and a directory on the client's machine.
        try reader.finish(refusesUnknown: false)
        let caller = request.caller
        let terminal = try await services.terminals.create(
            (caller.owner, caller.client, caller.concurrent), origin: request.origin)
        var reply = Reply.json(status: 201) { terminal.write(to: &$0) }
        reply.headers[.location] = "/api/terminals/\(terminal.name)"
        reply.logField = ("run_id", "\(terminal.record.id)")
        return reply
    }

    func list(_ request: RouteRequest) throws -> Reply {
        let found = services.terminals.list(owner: request.caller.owner)
        return .json { output in output.array(found) { $1.write(to: &$0) } }
    }

    func show(_ request: RouteRequest) throws -> Reply {
        let terminal = try services.terminals.find(request.parameter(), owner: request.caller.owner)
        return .json { terminal.write(to: &$0) }
    }

    func delete(_ request: RouteRequest) async throws -> Reply {
        try request.refuseForeignPages()
        services.terminals.end(try services.terminals.find(request.parameter(), owner: request.caller.owner))
        return Reply(status: .noContent)
    }
}

extension TerminalRegistry.Terminal {
    fileprivate func write(to output: inout JSONBytes) {
        output.open()
        output.member("name", name)
        output.member("last_activity", Timestamp.text(milliseconds: record.identity.createdAt))
        output.close()
    }
}
