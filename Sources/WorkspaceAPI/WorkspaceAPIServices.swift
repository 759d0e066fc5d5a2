package import Examples
package import HTTPInterface
package import Logging
package import ServiceMetrics
package import WorkspaceService

/// The services that this API uses. Created once, by the composition of the service.
package struct WorkspaceAPIServices: Sendable {
    package let workspaces: WorkspaceService
    /// For workspaces that begin with the files of one.
    let examples: ExampleCatalog
    let settings: WorkspaceAPISettings
    let metrics: WorkspaceAPIMetrics
    let httpMetrics: HTTPMetrics
    let logger: Logger

    package init(
        workspaces: WorkspaceService, examples: ExampleCatalog, settings: WorkspaceAPISettings,
        metrics: WorkspaceAPIMetrics, httpMetrics: HTTPMetrics, logger: Logger
    ) {
        self.workspaces = workspaces
        self.examples = examples
        self.settings = settings
        self.metrics = metrics
        self.httpMetrics = httpMetrics
        self.logger = logger
    }
}

/// The settings of this API.
package struct WorkspaceAPISettings: Sendable {
    /// The image of workspaces that name none.
    package var image: String
    /// Bytes of a JSON body.
    package var maximumBody = 4_194_304
    /// How long a process may take whose end is waited for, unless the request says; nanoseconds.
    package var execTime: Int64 = 60_000_000_000
    package var messagesPerSecond = 500

    package init(image: String) {
        self.image = image
    }
}

/// Metrics of this API; those of workspaces are the service's. Names and labels are part of the interface: docs/metrics.md.
package struct WorkspaceAPIMetrics: Sendable {
    let streams: Gauge

    /// - Throws: when the registry already has the name.
    package init(registry: MetricsRegistry) throws {
        streams = try registry.gauge(
            "nestbox_workspace_event_streams", help: "Open server-sent event streams of workspaces.", labels: [])
    }
}
