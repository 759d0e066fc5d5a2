internal import Egress
internal import ServiceMetrics

/// Metrics of the way out of sandboxes. Names and labels are part of the interface: docs/metrics.md.
enum EgressMetrics {
    /// Adds them; they are looked up on request.
    static func watch(_ service: EgressService, _ registry: MetricsRegistry) throws {
        try registry.gauge("nestbox_egress_sandboxes", help: "Sandboxes with a way out.") {
            Double(service.totals.doors)
        }
        try registry.gauge("nestbox_egress_connections", help: "Clients in sandboxes that are being served.") {
            Double(service.totals.open)
        }
        try registry.counter("nestbox_egress_connections_total", help: "Connections to the outside that were made.") {
            Double(service.totals.connections)
        }
        try registry.counter(
            "nestbox_egress_bytes_total", help: "Bytes to and from the outside.", labels: ["direction"]
        ) {
            let totals = service.totals
            return [(["in"], Double(totals.bytesIn)), (["out"], Double(totals.bytesOut))]
        }
        try registry.counter(
            "nestbox_egress_refused_total", help: "Connections that were refused, by reason.", labels: ["reason"]
        ) {
            let refused = service.totals.refused
            return EgressRefusal.allCases.map { ([$0.rawValue], Double(refused[$0] ?? 0)) }
        }
    }
}
