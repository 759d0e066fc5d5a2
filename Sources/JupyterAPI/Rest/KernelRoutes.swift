internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import RunService
internal import SessionExecution
internal import SessionModel
internal import SessionService
internal import StrictJSON

/// Kernels: made, listed, shown, interrupted, restarted, ended.
struct KernelRoutes: Sendable {
    let services: JupyterServices

    func create(_ request: RouteRequest) async throws -> Reply {
        let reader = try await request.looseObject(limit: services.settings.maximumBody)
        let name = reader.string("name", maximumBytes: 64)
        let environment = Self.environment(reader)
        // The folder of a notebook on the client's machine, and whatever else other gateways know.
        try reader.finish(refusesUnknown: false)
        let hub = try services.kernels.create(
            name, environment: environment, owner: request.caller.owner, origin: request.origin)
        var reply = Reply.json(status: 201) { hub.write(to: &$0) }
        reply.headers[.location] = "/api/kernels/\(hub.id)"
        reply.logField = ("session_id", "\(hub.session.id)")
        return reply
    }

    /// Variables that an interpreter can have; others are left out, as gateways leave out those that are not on their list.
    static func environment(_ reader: ObjectReader) -> [String: String] {
        let all =
            reader.dictionary("env", "a string") { value in
                switch value {
                case .string(let text): return text
                case .number(let number): return number.text
                default: return nil
                }
            } ?? [:]
        return all.filter { name, value in Self.isName(name) && !value.utf8.contains(0) }
    }

    private static func isName(_ name: String) -> Bool {
        guard (1...255).contains(name.utf8.count), let first = name.utf8.first, !(0x30...0x39).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
            default: false
            }
        }
    }

    func list(_ request: RouteRequest) throws -> Reply {
        let hubs = services.kernels.list(owner: request.caller.owner)
        return .json { output in output.array(hubs) { $1.write(to: &$0) } }
    }

    func show(_ request: RouteRequest) throws -> Reply {
        let hub = try find(request)
        return .json { hub.write(to: &$0) }
    }

    func delete(_ request: RouteRequest) async throws -> Reply {
        try request.refuseForeignPages()
        let hub = try find(request)
        services.kernels.shutDown(hub)
        return Reply(status: .noContent)
    }

    func interrupt(_ request: RouteRequest) async throws -> Reply {
        let hub = try find(request)
        _ = try await request.looseObject(limit: services.settings.maximumBody)
        _ = try await hub.session.interrupt()
        return Reply(status: .noContent)
    }

    /// Answers when the new interpreter is on its way.
    func restart(_ request: RouteRequest) async throws -> Reply {
        let hub = try find(request)
        _ = try await request.looseObject(limit: services.settings.maximumBody)
        try await services.kernels.restart(hub, origin: request.origin)
        return .json { hub.write(to: &$0) }
    }

    private func find(_ request: RouteRequest) throws(APIError) -> KernelHub {
        try services.kernels.find(request.parameter(), owner: request.caller.owner)
    }
}

extension KernelHub {
    /// A kernel as lists and its own page show it.
    func write(to output: inout JSONBytes) {
        let summary = session.summary
        output.open()
        output.member("id", id.description)
        output.member("name", language.name)
        output.member("last_activity", Timestamp.text(milliseconds: summary.lastActiveAt))
        output.member("execution_state", executionState(summary))
        output.member("connections", connections)
        output.close()
    }

    private func executionState(_ summary: SessionSummary) -> String {
        guard summary.end == nil else { return "dead" }
        switch summary.snapshot.state {
        case .starting: return summary.snapshot.epoch == 1 ? "starting" : "restarting"
        case .idle: return "idle"
        case .busy, .waiting, .interrupting, .checkpointing: return "busy"
        case .ended, .stored: return "dead"
        }
    }
}
