package import RuleGenerations
package import ServiceMetrics

/// Metrics of reloading. Names and labels are part of the interface: docs/metrics.md.
package enum ReloadMetrics {
    /// Adds the metrics, which are looked up on request.
    package static func watch(_ reloader: RuleReloader, _ registry: MetricsRegistry) throws {
        try registry.gauge("nestbox_policy_generation", help: "The generation of policies and images in force.") {
            Double(reloader.status.generation)
        }
        try registry.gauge(
            "nestbox_policy_last_reload_successful",
            help: "Whether the last attempt to take over files of policies and images was not refused."
        ) { reloader.status.isWell ? 1 : 0 }
        try registry.gauge(
            "nestbox_policy_last_reload_success_timestamp_seconds",
            help: "When files of policies and images were last taken over, or found unchanged."
        ) { Double(reloader.status.lastSuccessAt) / 1000 }
        try registry.counter(
            "nestbox_policy_reloads_total", help: "Attempts to take over changed files, by outcome.",
            labels: ["outcome"]
        ) {
            let status = reloader.status
            return [(["switched"], Double(status.switched)), (["refused"], Double(status.refused))]
        }
    }
}
