internal import APIFormat
internal import Examples
internal import HTTPInterface
internal import HTTPTypes
internal import NIOCore
internal import RunModel
internal import StrictJSON
internal import WorkspaceModel
internal import WorkspaceService

/// Workspaces: made, listed, shown, changed, started, stopped, removed.
struct WorkspaceRoutes: Sendable {
    let services: WorkspaceAPIServices
    private var workspaces: WorkspaceService { services.workspaces }

    func create(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let reader = ObjectReader(try await request.object(limit: services.settings.maximumBody))
        let examples = services.examples.library
        let body = WorkspaceBody(reader, image: services.settings.image) { examples.example($0) }
        try reader.finish()
        let workspace = try await workspaces.create(body.request, owner: request.caller.owner, starts: body.starts)
        return Self.created(workspace)
    }

    private static func created(_ workspace: Workspace) -> Reply {
        var reply = Reply.json(status: 201, size: 2048) { workspace.summary.write(to: &$0) }
        reply.headers[.location] = "/api/v1/workspaces/\(workspace.id)"
        return reply.concerning(workspace)
    }

    func list(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery(["state", "tags"])
        var states: Set<WorkspaceState>?
        if let text = request.query["state"] {
            var named: Set<WorkspaceState> = []
            for word in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let state = WorkspaceState(rawValue: String(word)), state != .deleted else {
                    let all = WorkspaceState.allCases.filter { $0 != .deleted }.map(\.rawValue)
                    throw InterfaceError.invalidParameter(
                        "state", found: text, allowed: "a list with commas of \(all.joined(separator: ", "))")
                }
                named.insert(state)
            }
            states = named
        }
        let tags = (request.query["tags"] ?? "").split(separator: ",").map { String($0) }
        let found = workspaces.list(owner: request.caller.owner, states: states, tags: tags)
        return .json(size: 1024 * (1 + found.count)) { output in
            output.open()
            output.key("workspaces")
            output.array(found) { $1.write(to: &$0) }
            output.close()
        }
    }

    func show(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        return Reply.json(size: 2048) { workspace.summary.write(to: &$0) }.concerning(workspace)
    }

    func change(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        let reader = ObjectReader(try await request.object(limit: 65_536))
        let name = reader.string("name", maximumBytes: WorkspaceRequest.maximumNameBytes)
        let tags = reader.value("tags") == nil ? nil : reader.tags(maximum: WorkspaceRequest.maximumTags)
        let (ttl, idle) = (reader.quantity("ttl"), reader.quantity("idle"))
        try reader.finish()
        try await workspace.change(name: name, tags: tags, ttl: ttl, idle: idle)
        return Reply.json(size: 2048) { workspace.summary.write(to: &$0) }.concerning(workspace)
    }

    func start(_ request: RouteRequest) async throws -> Reply { try await act(request) { try await $0.start() } }
    func stop(_ request: RouteRequest) async throws -> Reply { try await act(request) { try await $0.stop() } }

    private func act(_ request: RouteRequest, _ body: (Workspace) async throws -> Void) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        try ObjectReader(try await request.optionalObject(limit: 4096)).finish()
        try await body(workspace)
        return Reply.json(size: 2048) { workspace.summary.write(to: &$0) }.concerning(workspace)
    }

    func duplicate(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        let reader = ObjectReader(try await request.optionalObject(limit: 65_536))
        let name = reader.string("name", maximumBytes: WorkspaceRequest.maximumNameBytes)
        try reader.finish()
        return Self.created(try await workspaces.duplicate(workspace, name: name))
    }

    func delete(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        try request.refuseForeignPages()
        await workspaces.delete(workspace)
        return Reply(status: .noContent).concerning(workspace)
    }

    /// Its events as server-sent events.
    func events(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery(["from"])
        let workspace = try request.workspace(workspaces)
        let reader = workspace.events(from: try request.firstEvent(default: 1))
        return EventStreamReply(
            presence: request.presence, streams: services.metrics.streams,
            next: { await Self.next(reader) }, gone: { reader.cancel() }
        ).reply.concerning(workspace)
    }

    private static func next(_ reader: LogReader<LoggedEvent>) async -> EventStreamReply.Piece {
        var buffer = ByteBuffer()
        switch await reader.next() {
        case .ended: return .ended
        case .quiet: return .quiet
        case .lagged(let from, let to): buffer.appendLagged(from: from, to: to)
        case .entries(_, let events):
            for logged in events {
                EventStreamReply.append(
                    logged.event.kind.name, id: logged.event.sequence, data: logged.json, to: &buffer)
            }
        }
        return .messages(buffer)
    }
}

extension ByteBuffer {
    /// The entries `from..<to` of a log are no longer kept.
    mutating func appendLagged(from: Int64, to: Int64) {
        var output = JSONBytes(size: 64)
        output.open()
        output.member("from", from)
        output.member("to", to)
        output.member("type", "lagged")
        output.close()
        EventStreamReply.append("lagged", id: nil, data: output.bytes, to: &self)
    }
}
