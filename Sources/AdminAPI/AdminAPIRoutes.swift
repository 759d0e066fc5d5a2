internal import APIFormat
package import HTTPInterface
internal import HTTPTypes

/// The routes below `/api/v1/admin`: for keys with the role `admin`; where no keys are asked for, for callers of this machine. For
/// everybody else there is nothing here (404). docs/operations.md and openapi.yaml describe them; a test compares contract and routes.
package enum AdminAPIRoutes {
    /// All groups, for the table of the listener.
    package static func groups(_ services: AdminAPIServices) -> [RouteGroup] {
        let errors = APIErrors(logger: services.logger)
        let policies = PolicyRoutes(services: services)
        var group = RouteGroup("/api/v1/admin", access: .admin, errors: errors)
        group.add(.get, "/policies") { try policies.show($0) }
        group.add(.get, "/policies/history") { try await policies.history($0) }
        group.add(.get, "/policies/diff") { try await policies.diff($0) }
        group.add(.post, "/policies/reload") { try await policies.reload($0) }
        return [group]
    }
}
