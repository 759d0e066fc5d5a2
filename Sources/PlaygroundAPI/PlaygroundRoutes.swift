internal import APIFormat
package import HTTPInterface
internal import HTTPTypes

/// The routes of this API: docs/examples.md and openapi.yaml describe them. A test compares contract and routes.
package enum PlaygroundRoutes {
    /// All groups, for the table of the listener.
    package static func groups(_ services: PlaygroundServices) -> [RouteGroup] {
        [own(services), plain(services)]
    }

    private static func own(_ services: PlaygroundServices) -> RouteGroup {
        let examples = ExampleRoutes(services: services)
        var group = RouteGroup("/api/v1/examples", errors: APIErrors(logger: services.logger))
        group.add(.get, "") { try examples.list($0) }
        group.add(.get, "/{}") { try examples.show($0) }
        group.add(.post, "/{}/execute") { try await examples.execute($0) }
        return group
    }

    /// The plain dialect, with errors of its own.
    private static func plain(_ services: PlaygroundServices) -> RouteGroup {
        let playground = PlainRoutes(services: services)
        var group = RouteGroup("/api/playground", errors: PlainErrors(logger: services.logger))
        group.add(.get, "/examples") { try playground.list($0) }
        group.add(.get, "/examples/{}") { try playground.show($0) }
        group.add(.post, "/execute") { try await playground.execute($0) }
        return group
    }
}
