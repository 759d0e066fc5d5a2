import AdminAPI
import Examples
import Foundation
import HTTPInterface
import HTTPTypes
import JupyterAPI
import OperationsAPI
import PlaygroundAPI
import RuleGenerations
import RunModel
import SandboxSupply
import SessionAPI
import TestSupport
import Testing
import WorkspaceAPI

@testable import RunAPI

@Suite("Routes and contract")
struct ContractTests {
    /// `GET /api/v1/runs/{}`, with every parameter alike.
    private func operations(of table: RouteTable) -> [String] {
        table.routes.map { route in
            "\(route.method.rawValue) \(route.pattern.description.replacing("/**", with: "/{}"))"
        }
    }

    private func operations(of contract: [UInt8]) throws -> [String] {
        let document = try JSONSerialization.jsonObject(with: Data(contract)) as? [String: Any]
        let paths = try #require(document?["paths"] as? [String: [String: Any]])
        // What else a path may have: parameters, summary, description, servers.
        let methods: Set<String> = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]
        return paths.flatMap { path, item in
            item.keys.filter { methods.contains($0) }.map { method in
                "\(method.uppercased()) \(path.replacing(/\{[^\/{}]*\}/, with: "{}"))"
            }
        }
    }

    @Test("Every route is in the contract with its method, and the contract has no other one")
    func together() throws {
        let fixture = try RunAPIFixture()
        let services = fixture.services
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let reloader = RuleReloader(
            catalog: fixture.catalog, history: GenerationHistory(state: directory.path),
            start: ConfigurationSnapshot.read(images: [], policies: []),
            actions: .init(trial: { _, _ in [] }, warm: { _ in }, configure: { _ in }, report: { _, _ in }))
        let admin = AdminAPIServices(reloader: reloader, audit: nil, logger: services.logger)
        let sessions = try SessionFixture().services
        let jupyter = JupyterServices(
            sessions: sessions.sessions, runs: services.runs, languages: { [] }, httpMetrics: services.httpMetrics,
            logger: services.logger)
        let administration = OperationsServices(
            runs: services.runs, sessions: sessions.sessions, recent: RecentOutcomes(),
            reports: OperationsServices.Reports(
                health: { ("ok", []) }, pools: { [] }, warden: { (true, .init()) }, websockets: { 0 },
                policies: { .init(state: "idle", generation: 1, digest: "", loadedAt: "") }), audit: nil,
            version: "", logger: services.logger)
        let playground = PlaygroundServices(
            examples: ExampleCatalog(directories: []), runs: services.runs, perMinute: 60,
            streams: services.metrics.streams, logger: services.logger)
        let table = try RouteTable(
            RunAPIRoutes.groups(services) + PlaygroundRoutes.groups(playground) + SessionAPIRoutes.groups(sessions)
                + JupyterRoutes.groups(jupyter)
                + WorkspaceAPIRoutes.groups(try WorkspaceFixture().services) + AdminAPIRoutes.groups(admin)
                + OperationsRoutes.groups(administration))
        let routes = operations(of: table)
        let contract = try operations(of: try services.assets.contract().bytes)
        #expect(routes.count > 45)
        #expect(Set(routes).count == routes.count, "a route is there twice")
        #expect(Set(routes).subtracting(contract).sorted() == [], "not in openapi.yaml")
        #expect(Set(contract).subtracting(routes).sorted() == [], "only in openapi.yaml")
    }
}
