import Examples
import HTTPInterface
import Logging
import Reactor
import RunModel
import RunPlanning
import SandboxSpec
import SandboxSupply
import ServiceMetrics
import WorkspaceAPI
import WorkspaceService

/// The API of workspaces without one: none can be made.
struct WorkspaceFixture {
    private struct NoSandboxes: SandboxSource {
        func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
            throw APIError(.internalError, "there are no sandboxes here")
        }
    }

    private struct Silence: WorkspaceObserver {
        func created(_ workspace: Workspace) {}
        func refused(_ error: APIError) {}
        func started(_ workspace: Workspace) {}
        func stopped(_ workspace: Workspace) {}
    }

    let services: WorkspaceAPIServices

    init() throws {
        let registry = MetricsRegistry()
        services = WorkspaceAPIServices(
            workspaces: WorkspaceService(
                settings: WorkspaceService.Settings(workspaces: 1, perOwner: 1, knownPerOwner: 1),
                plan: { (_) throws(APIError) in throw APIError(.notSupported, "no image has workspaces here") },
                source: NoSandboxes(), reactor: try Reactor(), observer: Silence(), now: { 0 }),
            examples: ExampleCatalog(directories: []), settings: WorkspaceAPISettings(image: "python"),
            metrics: try WorkspaceAPIMetrics(registry: registry), httpMetrics: try HTTPMetrics(registry: registry),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
