internal import HTTPTypes

extension RouteTable {
    /// The whole API. openapi.yaml says the same; a test holds the two together.
    static func all(_ services: GatewayServices) -> RouteTable {
        var table = RouteTable()
        let runs = RunRoutes(services: services)
        table.add(Route(.post, "/api/v1/execute", cost: .limited) { try await runs.execute($0) })
        table.add(Route(.post, "/api/v1/execute/stream", cost: .limited) { try await runs.executeStream($0) })
        table.add(Route(.post, "/api/v1/runs", cost: .limited) { try await runs.submit($0) })
        table.add(Route(.get, "/api/v1/runs", cost: .limited) { try runs.list($0) })
        table.add(Route(.get, "/api/v1/runs/{}", cost: .limited) { try runs.show($0) })
        table.add(Route(.delete, "/api/v1/runs/{}", cost: .limited) { try await runs.cancel($0) })
        table.add(Route(.get, "/api/v1/runs/{}/events", cost: .limited) { try runs.events($0) })
        table.add(Route(.get, "/api/v1/runs/{}/artifacts/**", cost: .limited) { try runs.artifact($0) })
        table.add(Route(.post, "/api/v1/runs/{}/stdin", cost: .limited) { try await runs.stdin($0) })
        table.add(Route(.post, "/api/v1/runs/{}/signal", cost: .limited) { try await runs.signal($0) })

        let catalog = CatalogRoutes(services: services)
        table.add(Route(.get, "/api/v1/languages", cost: .limited) { try catalog.languages($0) })
        table.add(Route(.get, "/api/v1/policies", cost: .limited) { try catalog.policies($0) })
        table.add(Route(.get, "/api/v1/policies/{}", cost: .limited) { try catalog.policy($0) })

        table.add(Route(.get, "/api/v1/pools", cost: .free) { try PoolRoutes(services: services).pools($0) })

        let status = StatusRoutes(services: services)
        table.add(Route(.get, "/healthz", cost: .open) { _ in try status.alive() })
        table.add(Route(.get, "/readyz", cost: .open) { _ in try status.ready() })
        table.add(Route(.get, "/api/v1/health", cost: .free) { try status.health($0) })
        table.add(Route(.get, "/api/v1/status", cost: .free) { try status.status($0) })
        table.add(Route(.get, "/metrics", cost: .free) { try status.metrics($0) })

        let pages = PageRoutes(services: services)
        for path in Assets.paths {
            table.add(Route(.get, path, cost: .open) { try pages.file($0, path) })
        }
        table.add(Route(.get, "/assets/**", cost: .open) { try pages.file($0, "/assets/" + $0.parameter()) })
        table.add(Route(.get, "/api/v1/openapi.yaml", cost: .open) { try pages.file($0, "/assets/openapi.yaml") })
        table.add(Route(.get, "/api/v1/openapi.json", cost: .open) { try pages.contract($0) })

        // An upgrade that was refused, or a plain request, ends up here.
        for path in ["/api/v1/ws", "/ws"] {
            table.add(Route(.get, path, cost: .limited) { try SocketRoute(services: services).refuse($0) })
        }
        return table
    }
}
