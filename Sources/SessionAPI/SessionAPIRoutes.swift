internal import APIFormat
package import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import SessionModel
internal import SessionService

/// The routes of this API: docs/api.md and openapi.yaml describe them. A test compares contract and routes.
package enum SessionAPIRoutes {
    /// All groups, for the table of the listener.
    package static func groups(_ services: SessionAPIServices) -> [RouteGroup] {
        let errors = APIErrors(logger: services.logger)
        return [sessions(services, errors), plain(services, errors), health(services, errors)]
    }

    private static func sessions(_ services: SessionAPIServices, _ errors: APIErrors) -> RouteGroup {
        let sessions = SessionRoutes(services: services)
        let cells = CellRoutes(services: services)
        // On the connection's thread: handlers wait, and compute little.
        let quick = Route.Options(executor: .eventLoop, logField: logField)
        let options = Route.Options(logField: logField)
        var group = RouteGroup("/api/v1/sessions", errors: errors)
        group.add(.post, "") { try await sessions.create($0) }
        group.add(.get, "") { try sessions.list($0) }
        group.add(.get, "/{}", options: options) { try await sessions.show($0) }
        group.add(.delete, "/{}", options: options) { try await sessions.close($0) }
        group.add(.get, "/{}/events", options: quick) { try sessions.events($0) }
        group.add(.post, "/{}/execute", options: quick) { try await cells.execute($0) }
        group.add(.post, "/{}/interrupt", options: quick) { try await cells.interrupt($0) }
        group.add(.post, "/{}/restart", options: options) { try await cells.restart($0) }
        group.add(.post, "/{}/resume", options: options) { try await sessions.resume($0) }
        group.add(.post, "/{}/input", options: quick) { try await cells.input($0) }
        let files = FileRoutes(services: services)
        group.add(.get, "/{}/files", options: options) { try await files.list($0) }
        group.add(.get, "/{}/files/**", options: options) { try await files.get($0) }
        group.add(.put, "/{}/files/**", options: options) { try await files.put($0) }
        group.add(.delete, "/{}/files/**", options: options) { try await files.remove($0) }
        for name in ["complete", "inspect", "is_complete"] {
            group.add(.post, "/{}/\(name)", options: quick) { try await cells.query($0, name) }
        }
        group.add(.get, "/{}/variables", options: quick) { try await cells.query($0, "variables") }
        group.add(.post, "/{}/checkpoints", options: quick) { try await cells.checkpoint($0) }
        group.add(.get, "/{}/checkpoints", options: quick) { try cells.listCheckpoints($0) }
        group.add(.post, "/{}/checkpoints/{}/restore", options: quick) { try await cells.restore($0) }
        group.add(.delete, "/{}/checkpoints/{}", options: quick) { try await cells.dropCheckpoint($0) }
        return group
    }

    /// The session id of a request for the log. Text that is no id is not logged.
    private static func logField(_ parameter: String) -> (name: String, value: String)? {
        SessionID(parameter).map { ("session_id", "\($0)") }
    }

    /// Paths without a prefix, and a socket of their own: docs/sessions.md, "The plain dialect".
    private static func plain(_ services: SessionAPIServices, _ errors: APIErrors) -> RouteGroup {
        let sessions = SessionRoutes(services: services)
        let plain = PlainRoutes(services: services)
        let options = Route.Options(logField: logField)
        var group = RouteGroup(errors: errors)
        group.add(.post, "/sessions") { try await plain.create($0) }
        group.add(.get, "/sessions") { try plain.list($0) }
        group.add(.get, "/sessions/{}", options: options) { try await sessions.show($0) }
        group.add(.delete, "/sessions/{}", options: options) { try await sessions.close($0) }
        group.add(.post, "/sessions/{}/execute", options: options) { try await plain.execute($0) }
        group.add(.post, "/execute") { try await plain.executeOnce($0) }
        group.addSocket(
            "/session", subprotocols: [SessionSockets.subprotocol],
            check: {
                if services.sessions.isClosed {
                    throw APIError(.shuttingDown, "the service is stopping", retryable: true)
                }
            },
            handler: { await SessionSockets(services: services).serve($0) })
        return group
    }

    /// Does not count against the rate, as other reports of the state.
    private static func health(_ services: SessionAPIServices, _ errors: APIErrors) -> RouteGroup {
        var group = RouteGroup(isRateLimited: false, errors: errors)
        group.add(.get, "/health", options: Route.Options(isProbe: true)) {
            try PlainRoutes(services: services).health($0)
        }
        return group
    }
}
