internal import APIFormat
internal import HTTPInterface
internal import RunModel
internal import WorkspaceService

/// Ports of a workspace: which are open.
struct PortRoutes: Sendable {
    let services: WorkspaceAPIServices

    func list(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(services.workspaces)
        return Reply.json { output in
            output.open()
            output.key("ports")
            output.array(workspace.ports) { $0.integer($1) }
            output.close()
        }.concerning(workspace)
    }
}
