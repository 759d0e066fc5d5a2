package import ServiceMetrics

/// Metrics of this API; those of sessions are the service's. Names and labels are part of the interface: docs/metrics.md.
package struct SessionAPIMetrics: Sendable {
    let streams: Gauge

    /// - Throws: when the registry already has the name.
    package init(registry: MetricsRegistry) throws {
        streams = try registry.gauge(
            "nestbox_session_event_streams", help: "Open server-sent event streams of sessions.", labels: [])
    }
}
