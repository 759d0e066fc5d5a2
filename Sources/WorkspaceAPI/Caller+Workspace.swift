internal import HTTPInterface
internal import RunModel
internal import RunService
internal import SandboxSpec
internal import WorkspaceModel
internal import WorkspaceService

extension Caller {
    /// The owner of the caller's workspaces: the key, or one common owner where no keys are required.
    var owner: RunOwner { keyID.map { RunOwner($0) } ?? .anyone }
}

extension RouteRequest {
    /// The workspace that the path names. Text that is no id is treated as an unknown id.
    func workspace(_ workspaces: WorkspaceService) throws(APIError) -> Workspace {
        guard let id = WorkspaceID(parameter()) else {
            throw APIError(.workspaceNotFound, "there is no such workspace")
        }
        return try workspaces.find(id, owner: caller.owner)
    }

    /// The process that the path names.
    func process(_ workspaces: WorkspaceService) throws(APIError) -> (Workspace, WorkspaceProcess) {
        let workspace = try workspace(workspaces)
        return (workspace, try workspace.process(parameter(1)))
    }

    /// A path below /box in the path of the request.
    func boxPath() throws(APIError) -> BoxPath { try Self.boxPath(parameter(1), "path") }

    /// A path below /box in the query; nil for all of /box.
    func queryPath() throws(APIError) -> BoxPath? {
        guard let text = query["path"], !text.isEmpty else { return nil }
        return try Self.boxPath(text, "query.path")
    }

    /// A path that a client has written, also as programs see it.
    static func boxPath(_ text: String, _ field: String) throws(APIError) -> BoxPath {
        do throws(InvalidBoxPath) {
            return try BoxPath(text.hasPrefix("/box/") ? String(text.dropFirst(5)) : text)
        } catch {
            throw APIError(.invalidFileName, error.description, details: [field: error.reason])
        }
    }

    /// A switch of the query.
    func flag(_ name: String, default value: Bool = false) throws -> Bool {
        try number(name, in: 0...1, default: value ? 1 : 0) == 1
    }
}

extension Reply {
    /// Adds the id of the workspace to the log record.
    func concerning(_ workspace: Workspace) -> Reply {
        var reply = self
        reply.logField = ("workspace_id", "\(workspace.id)")
        return reply
    }
}
