package import ServerTransport
package import ServiceMetrics

/// Metrics of requests, sockets and connections of all APIs. Names and labels are part of the
/// interface: docs/metrics.md.
package struct HTTPMetrics: Sendable {
    package let registry: MetricsRegistry
    private let requests: Counter
    private let requestSeconds: Histogram
    private let errors: Counter
    let sockets: Gauge

    /// - Throws: when the registry already has one of the names.
    package init(registry: MetricsRegistry) throws {
        self.registry = registry
        requests = try registry.counter(
            "nestbox_http_requests_total", help: "HTTP requests answered.", labels: ["route", "method", "status"])
        requestSeconds = try registry.histogram(
            "nestbox_http_request_seconds", help: "Time until the answer began.", labels: ["route"],
            buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
        errors = try registry.counter("nestbox_errors_total", help: "API errors answered, by code.", labels: ["code"])
        sockets = try registry.gauge("nestbox_websockets", help: "Open WebSockets.", labels: [])
    }

    /// Adds the number of connections.
    package func watch(_ counter: ConnectionCounter) throws {
        try registry.gauge("nestbox_connections", help: "Open connections.") { Double(counter.openConnections) }
    }

    func answered(pattern: String, method: String, status: Int, error: String?, nanoseconds: Int64) {
        let known = ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"]
        requests.add(1, [pattern, known.contains(method) ? method : "other", String(status)])
        if let error { errors.add(1, [error]) }
        requestSeconds.observe(Double(nanoseconds) / 1e9, [pattern])
    }

    /// Counts an error that was sent in a message and not as a response.
    package func failed(_ code: String) {
        errors.add(1, [code])
    }
}
