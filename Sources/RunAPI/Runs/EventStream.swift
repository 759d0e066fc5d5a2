internal import HTTPInterface
internal import HTTPTypes
internal import HummingbirdCore
internal import LinuxSystem
internal import NIOCore
internal import RunModel
internal import RunService
internal import ServerTransport
internal import ServiceMetrics

/// A run's events as server-sent events (WHATWG HTML, section 9.2).
struct EventStream: Sendable {
    /// Nanoseconds without an event after which a comment is sent as a heartbeat.
    private static let heartbeat: Int64 = 15_000_000_000

    let runID: RunID
    let subscription: Subscription
    /// The attachment of the submitter; observers have none.
    let attachment: RunAttachment?
    let presence: ClientPresence
    let metrics: RunMetrics

    var reply: Reply {
        var reply = Reply(status: .ok)
        reply.concern(runID)
        reply.headers[.contentType] = "text/event-stream"
        reply.headers[.cacheControl] = "no-store"
        // Proxies that buffer would hold output back.
        reply.headers[.accelBuffering] = "no"
        reply.body = ResponseBody { writer in
            metrics.streams.add(1, [])
            defer {
                metrics.streams.add(-1, [])
                // The service must not wait for a client that has disconnected.
                gone()
            }
            // Not passed as inout into the closure below: that one may not escape, but the writer is captured.
            var out = writer
            try await presence.watching(onGone: { gone() }) {
                try await send(to: &out)
            }
            try await out.finish(nil)
        }
        return reply
    }

    private func gone() {
        subscription.cancel()
        attachment?.release()
    }

    private func send(to writer: inout any ResponseBodyWriter) async throws {
        var lastSent = monotonicNow()
        while true {
            var buffer = ByteBuffer()
            switch await subscription.next() {
            case .ended: return
            case .events(let events):
                for event in events { append(event, to: &buffer) }
            case .lagged(let from, let to):
                buffer.writeString("event: lagged\ndata: ")
                buffer.writeBytes(ServerMessage.lagged(runID: runID, from: from, to: to).line)
                buffer.writeString("\n\n")
            case .quiet:
                guard monotonicNow() - lastSent >= Self.heartbeat else { continue }
                buffer.writeString(": heartbeat\n\n")
            }
            try await writer.write(buffer)
            lastSent = monotonicNow()
        }
    }

    private func append(_ event: RunEvent, to buffer: inout ByteBuffer) {
        if case .output(_, let text) = event.kind { metrics.outputBytes.add(Double(text.bytes.count), ["sse"]) }
        buffer.writeString("id: \(event.sequence)\nevent: \(event.kind.name)\ndata: ")
        // JSON text has no raw line breaks, so one data line is enough.
        buffer.writeLine(of: event)
        buffer.writeString("\n\n")
    }
}

extension RunRoutes {
    /// The past and the future events of a run.
    func events(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery(["from"])
        let record = try record(request)
        var from = try request.number("from", in: 0...Int64.max, default: 0)
        if let text = request.headers[.lastEventID], request.query["from"] == nil {
            from = try Self.next(after: text)
        }
        return EventStream(
            runID: record.id, subscription: record.log.subscribe(from: from, lossless: false), attachment: nil,
            presence: request.presence, metrics: services.metrics
        ).reply
    }

    /// The sequence number after this event. Any number beyond a run's last event, however large, means the end: there are no
    /// further events.
    static func next(after text: String) throws(APIError) -> Int64 {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw APIError(
                .invalidRequest, "Last-Event-ID: found \"\(text.prefix(64))\", allowed is a sequence number",
                details: ["header.Last-Event-ID": "a sequence number"])
        }
        guard let last = Int64(text), last < .max else { return .max }
        return last + 1
    }
}

extension HTTPField.Name {
    // SAFETY of the force: both are tokens of RFC 9110; `??` never takes its right side.
    fileprivate static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .from
    fileprivate static let accelBuffering = HTTPField.Name("X-Accel-Buffering") ?? .from
}
