import APIFormat
import FairQueue
import Foundation
import HTTPInterface
import Images
import Logging
import RunExecution
import RunModel
import RunPlanning
import RunService
import SandboxSpec
import SandboxSupply
import ServiceMetrics

@testable import RunAPI

/// This API with all its parts but a warden: every run ends before it starts.
struct RunAPIFixture {
    private struct NoSandboxes: SandboxSource {
        func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
            throw APIError(.internalError, "there are no sandboxes here")
        }
    }

    private struct Silence: RunObserver {
        func accepted(_ run: RunRecord) {}
        func finished(_ run: RunRecord) {}
        func refused(_ error: APIError) {}
    }

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    let services: RunAPIServices
    let catalog: RunCatalog

    /// - Parameters:
    ///   - images: the directory of images; those of the repository when nil.
    ///   - state: the directory of roots; one that is not there has none.
    ///   - socketExtension: what another API adds to the socket.
    init(
        images: String? = nil, state: String = "/nonexistent", socketExtension: (any SocketExtension)? = nil
    ) throws {
        let catalog = try RunCatalog(
            images: images ?? Self.repository + "/images", policies: Self.repository + "/policies",
            store: ImageStore(state: state))
        self.catalog = catalog
        let runs = RunService(
            catalog: catalog, executor: RunExecutor(source: NoSandboxes()),
            settings: RunService.Settings(
                admission: .init(running: 1, queued: 1, runningPerClient: 1, queuedPerClient: 1),
                finished: .init(count: 1, bytes: 1_000, age: 1), buffer: 1_000, artifactBytes: 1_000),
            observer: Silence())
        let registry = MetricsRegistry()
        services = try RunAPIServices(
            runs: runs, warden: .init(isReady: true),
            settings: RunAPISettings(webDirectory: Self.repository + "/Sources/RunAPI/Web"),
            metrics: try RunMetrics(registry: registry), httpMetrics: try HTTPMetrics(registry: registry),
            sockets: SocketRegistry(), socketExtension: socketExtension,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
