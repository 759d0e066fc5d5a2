internal import APIFormat
package import HTTPInterface
internal import HTTPTypes
internal import RunModel

/// The routes of administrators about what the service does now: docs/administration.md and openapi.yaml describe them. A test
/// compares contract and routes.
package enum OperationsRoutes {
    /// All groups, for the table of the listener.
    package static func groups(_ services: OperationsServices) -> [RouteGroup] {
        let overview = OverviewRoutes(services: services)
        let actions = ActionRoutes(services: services)
        var group = RouteGroup("/api/v1/admin", access: .admin, errors: APIErrors(logger: services.logger))
        group.add(.get, "/overview", isRateLimited: false, options: Route.Options(isProbe: true)) {
            try overview.overview($0)
        }
        group.add(.get, "/tenants", isRateLimited: false, options: Route.Options(isProbe: true)) {
            try overview.tenants($0)
        }
        group.add(.delete, "/runs/{}") { try await actions.endRun($0) }
        group.add(.delete, "/sessions/{}") { try await actions.endSession($0) }
        group.add(.post, "/drain") { try await actions.drain($0) }
        return [group]
    }
}
