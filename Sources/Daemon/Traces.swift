internal import Foundation
internal import LinuxSystem
internal import Logging
internal import ServerSettings
internal import ServiceLifecycle
internal import ServiceMetrics
internal import TraceExport
internal import Tracing
internal import WebSockets

/// Spans of the service, and their way to the collector; where there is none, nothing of this exists.
package struct Traces: Sendable {
    /// Nil where nothing is exported.
    let exporter: TraceExporter?
    let tracer: RecordingTracer?

    /// The longest file of headers.
    private static let maximumHeaderBytes = 65_536

    /// A file of headers that cannot be used.
    struct InvalidHeaders: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: `InvalidHeaders`.
    init(_ settings: ServerSettings.Traces, logger: Logger) throws {
        guard let endpoint = settings.endpoint else {
            (exporter, tracer) = (nil, nil)
            return
        }
        let target = WebSocketClient.Target(
            host: endpoint.host, port: endpoint.port, path: endpoint.path, isTLS: endpoint.isTLS)
        let headers = try settings.headers.map { try Self.headers($0) } ?? []
        let instance = String(UInt64.random(in: .min ... .max), radix: 16)
        let exporter = TraceExporter(
            resource: [
                ("service.name", "nestbox"), ("service.version", Installation.version),
                ("service.instance.id", instance), ("host.name", ProcessInfo.processInfo.hostName),
            ], version: Installation.version,
            post: { body in
                let answer = try await HTTPClient.request(
                    "POST", target,
                    headers: [("Content-Type", "application/json"), ("User-Agent", "nestbox/\(Installation.version)")]
                        + headers, body: body, limit: 65_536)
                return TraceExporter.Answer(
                    status: answer.status, retryAfter: answer.retryAfter, body: answer.body)
            },
            report: { reason in
                if let reason {
                    logger.warning("spans cannot be exported", metadata: ["reason": "\(reason)"])
                } else {
                    logger.notice("spans are exported again")
                }
            })
        self.exporter = exporter
        tracer = RecordingTracer(sampler: TraceSampler(ratio: settings.ratio)) { exporter.add($0) }
    }

    /// `NAME: VALUE` a line; empty lines and those that begin with `#` say nothing.
    private static func headers(_ path: String) throws -> [(String, String)] {
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= maximumHeaderBytes else {
            throw InvalidHeaders(
                description:
                    "traces_headers: \(path) cannot be read by this user, or is longer than \(maximumHeaderBytes) bytes"
            )
        }
        var headers: [(String, String)] = []
        for (index, line) in String(decoding: bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).enumerated() {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.isEmpty || text.hasPrefix("#") { continue }
            let parts = text.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            let isName = parts[0].utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
                default: false
                }
            }
            guard parts.count == 2, isName, parts[1].utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
                // There may be a key in it.
                throw InvalidHeaders(
                    description:
                        "traces_headers: \(path):\(index + 1): found something else, allowed is NAME: VALUE in ASCII")
            }
            headers.append((parts[0], parts[1]))
        }
        return headers
    }

    /// Adds its metrics: docs/metrics.md.
    func watch(_ registry: MetricsRegistry) throws {
        let exporter = exporter
        try registry.counter(
            "nestbox_trace_spans_total", help: "Spans, by what became of them.", labels: ["outcome"]
        ) {
            let totals = exporter?.totals ?? TraceExporter.Totals()
            return [
                (["exported"], Double(totals.exported)), (["dropped"], Double(totals.dropped)),
                (["rejected"], Double(totals.rejected)), (["failed"], Double(totals.failed)),
            ]
        }
        try registry.gauge("nestbox_trace_spans_queued", help: "Spans that wait to be exported.") {
            Double(exporter?.totals.queued ?? 0)
        }
    }
}

/// Exports spans until the service has ended everything else.
struct TraceService: Service {
    let exporter: TraceExporter?

    func run() async throws {
        guard let exporter else {
            do { try await gracefulShutdown() } catch {}
            return
        }
        await cancelWhenGracefulShutdown { await exporter.run() }
    }
}
