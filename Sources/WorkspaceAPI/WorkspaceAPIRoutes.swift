internal import APIFormat
package import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import WorkspaceModel
internal import WorkspaceService

/// The routes of this API: docs/workspaces.md and openapi.yaml describe them. A test compares contract and routes.
package enum WorkspaceAPIRoutes {
    /// All groups, for the table of the listener.
    package static func groups(_ services: WorkspaceAPIServices) -> [RouteGroup] {
        let errors = APIErrors(logger: services.logger)
        var group = RouteGroup("/api/v1/workspaces", errors: errors)
        addWorkspaces(services, &group)
        addProcesses(services, &group)
        addFiles(services, &group)
        // The path by which front ends with an orchestrator of containers ask for a process.
        var plain = RouteGroup("/api/workspaces", errors: errors)
        let processes = ProcessRoutes(services: services)
        plain.add(.post, "/{}/exec", options: quick) { try await processes.execute($0) }
        return [group, plain]
    }

    /// The workspace id of a request for the log. Text that is no id is not logged.
    private static func logField(_ parameter: String) -> (name: String, value: String)? {
        WorkspaceID(parameter).map { ("workspace_id", "\($0)") }
    }

    private static let options = Route.Options(logField: logField)
    /// On the connection's thread: handlers wait, and compute little.
    private static let quick = Route.Options(executor: .eventLoop, logField: logField)

    private static func addWorkspaces(_ services: WorkspaceAPIServices, _ group: inout RouteGroup) {
        let routes = WorkspaceRoutes(services: services)
        group.add(.post, "") { try await routes.create($0) }
        group.add(.get, "") { try routes.list($0) }
        group.add(.get, "/{}", options: options) { try routes.show($0) }
        group.add(.patch, "/{}", options: options) { try await routes.change($0) }
        group.add(.delete, "/{}", options: options) { try await routes.delete($0) }
        group.add(.post, "/{}/start", options: options) { try await routes.start($0) }
        group.add(.post, "/{}/stop", options: options) { try await routes.stop($0) }
        group.add(.post, "/{}/duplicate", options: options) { try await routes.duplicate($0) }
        group.add(.get, "/{}/events", options: quick) { try routes.events($0) }
    }

    private static func addProcesses(_ services: WorkspaceAPIServices, _ group: inout RouteGroup) {
        let routes = ProcessRoutes(services: services)
        group.add(.post, "/{}/exec", options: quick) { try await routes.execute($0) }
        group.add(.get, "/{}/processes", options: quick) { try routes.list($0) }
        group.add(.get, "/{}/processes/{}", options: quick) { try routes.show($0) }
        group.add(.delete, "/{}/processes/{}", options: quick) { try await routes.end($0) }
        group.add(.get, "/{}/processes/{}/logs", options: options) { try routes.logs($0) }
        group.add(.post, "/{}/processes/{}/input", options: quick) { try await routes.input($0) }
        group.add(.post, "/{}/processes/{}/signal", options: quick) { try await routes.signal($0) }
        group.add(.post, "/{}/processes/{}/resize", options: quick) { try await routes.resize($0) }
        group.add(.post, "/{}/processes/{}/restart", options: quick) { try await routes.restart($0) }
        group.addSocket(
            "/{}/processes/{}/socket", subprotocols: [ProcessSocket.subprotocol],
            check: {
                if services.workspaces.isClosed {
                    throw APIError(.shuttingDown, "the service is stopping", retryable: true)
                }
            }, handler: { await ProcessSocket(services: services).serve($0) })
    }

    private static func addFiles(_ services: WorkspaceAPIServices, _ group: inout RouteGroup) {
        let routes = FileRoutes(services: services)
        group.add(.get, "/{}/files", options: options) { try await routes.list($0) }
        group.add(.get, "/{}/files/**", options: options) { try await routes.get($0) }
        group.add(.put, "/{}/files/**", options: options) { try await routes.put($0) }
        group.add(.delete, "/{}/files/**", options: options) { try await routes.remove($0) }
        let search = SearchRoutes(services: services)
        group.add(.post, "/{}/search", options: options) { try await search.search($0) }
        let ports = PortRoutes(services: services)
        group.add(.get, "/{}/ports", options: quick) { try ports.list($0) }
        group.addSocket(
            "/{}/ports/{}/socket", subprotocols: [PortSocket.subprotocol],
            check: {
                if services.workspaces.isClosed {
                    throw APIError(.shuttingDown, "the service is stopping", retryable: true)
                }
            }, handler: { await PortSocket(services: services).serve($0) })
        let archives = ArchiveRoutes(services: services)
        group.add(.get, "/{}/archive", options: options) { try await archives.get($0) }
        group.add(.put, "/{}/archive", options: options) { try await archives.put($0) }
        group.add(.post, "/{}/folders", options: options) { try await archives.makeFolder($0) }
        group.add(.post, "/{}/move", options: options) { try await routes.move($0) }
    }
}
