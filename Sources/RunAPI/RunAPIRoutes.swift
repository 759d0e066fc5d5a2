internal import APIFormat
package import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import RunService

/// The routes of this API: docs/api.md and openapi.yaml describe them. A test compares contract and routes.
package enum RunAPIRoutes {
    /// All groups, for the table of the listener.
    package static func groups(_ services: RunAPIServices) -> [RouteGroup] {
        let errors = APIErrors(logger: services.logger)
        return [
            runs(services, errors), sockets(services, errors), catalog(services, errors), status(services, errors),
            page(services, errors),
        ]
    }

    /// Submitting and querying runs.
    private static func runs(_ services: RunAPIServices, _ errors: APIErrors) -> RouteGroup {
        let runs = RunRoutes(services: services)
        // On the connection's thread, as messages of sockets are: handlers move long work to other threads themselves.
        let interactive = Route.Options(executor: .eventLoop)
        let ofRun = Route.Options(logField: logField)
        let interactiveOfRun = Route.Options(executor: .eventLoop, logField: logField)
        var group = RouteGroup("/api/v1", errors: errors)
        group.add(.post, "/execute", options: interactive) { try await runs.execute($0) }
        group.add(.post, "/execute/stream", options: interactive) { try await runs.executeStream($0) }
        group.add(.post, "/runs", options: interactive) { try await runs.submit($0) }
        group.add(.get, "/runs") { try runs.list($0) }
        group.add(.get, "/runs/{}", options: ofRun) { try runs.show($0) }
        group.add(.delete, "/runs/{}", options: ofRun) { try await runs.cancel($0) }
        group.add(.get, "/runs/{}/policy", options: ofRun) { try runs.policy($0) }
        group.add(.get, "/runs/{}/events", options: interactiveOfRun) { try runs.events($0) }
        group.add(.get, "/runs/{}/artifacts/**", options: ofRun) { try runs.artifact($0) }
        group.add(.post, "/runs/{}/stdin", options: interactiveOfRun) { try await runs.stdin($0) }
        group.add(.post, "/runs/{}/signal", options: interactiveOfRun) { try await runs.signal($0) }
        return group
    }

    /// The run id of a request for the log. Text that is no id is not logged.
    private static func logField(_ parameter: String) -> (name: String, value: String)? {
        RunID(parameter).map { ("run_id", "\($0)") }
    }

    private static func sockets(_ services: RunAPIServices, _ errors: APIErrors) -> RouteGroup {
        var group = RouteGroup(errors: errors)
        let check: @Sendable () throws -> Void = {
            if services.runs.isClosed { throw APIError(.shuttingDown, "the service is stopping", retryable: true) }
        }
        let own = [SocketSession.json, SocketSession.binary]
        let handler: SocketRoute.Handler = { await SocketSession(services: services, request: $0).run() }
        group.addSocket("/api/v1/ws", subprotocols: own, check: check, handler: handler)
        guard let guest = services.socketExtension else {
            group.addSocket("/ws", subprotocols: own, check: check, handler: handler)
            return group
        }
        group.addSocket("/ws", subprotocols: own + [guest.subprotocol], check: check) { request in
            let isOwn = request.subprotocol.map { own.contains($0) } ?? false
            if isOwn { await handler(request) } else { await guest.serve(request) }
        }
        return group
    }

    /// Languages and policies.
    private static func catalog(_ services: RunAPIServices, _ errors: APIErrors) -> RouteGroup {
        let catalog = CatalogRoutes(services: services)
        var group = RouteGroup("/api/v1", errors: errors)
        group.add(.get, "/languages") { try catalog.languages($0) }
        group.add(.get, "/policies") { try catalog.policies($0) }
        group.add(.get, "/policies/{}") { try catalog.policy($0) }
        return group
    }

    /// The state of the service. These requests do not count against the rate.
    private static func status(_ services: RunAPIServices, _ errors: APIErrors) -> RouteGroup {
        let status = StatusRoutes(services: services)
        let probe = Route.Options(isProbe: true)
        var group = RouteGroup(access: .key, isRateLimited: false, errors: errors)
        group.add(.get, "/healthz", access: .public, options: probe) { _ in try status.alive() }
        group.add(.get, "/readyz", access: .public, options: probe) { _ in try status.ready() }
        group.add(.get, "/api/v1/health", options: probe) { try status.health($0) }
        group.add(.get, "/api/v1/status", options: probe) { try status.status($0) }
        group.add(.get, "/api/v1/pools", options: probe) { try PoolRoutes(services: services).pools($0) }
        group.add(.get, "/api/v1/usage", options: probe) { try UsageRoutes(services: services).usage($0) }
        group.add(.get, "/metrics", options: probe) { try status.metrics($0) }
        return group
    }

    /// The page, its parts, and the contract.
    private static func page(_ services: RunAPIServices, _ errors: APIErrors) -> RouteGroup {
        let pages = PageRoutes(services: services)
        var group = RouteGroup(access: .public, isRateLimited: false, errors: errors)
        for path in Assets.paths {
            group.add(.get, path) { try pages.file($0, path) }
        }
        group.add(.get, "/assets/**") { try pages.file($0, "/assets/" + $0.parameter()) }
        group.add(.get, "/api/v1/openapi.yaml") { try pages.file($0, "/assets/openapi.yaml") }
        group.add(.get, "/api/v1/openapi.json") { try pages.contract($0) }
        return group
    }
}
