internal import APIFormat
internal import HTTPInterface
internal import NIOCore
internal import RunModel
internal import RunService
internal import ServerTransport
internal import ServiceMetrics

/// A run's events as server-sent events.
struct EventStream: Sendable {
    let record: RunRecord
    let subscription: Subscription
    /// The attachment of the submitter; observers have none.
    let attachment: RunAttachment?
    let presence: ClientPresence
    let metrics: RunMetrics

    var reply: Reply {
        var reply = EventStreamReply(
            presence: presence, streams: metrics.streams, next: { await next() },
            gone: {
                subscription.cancel()
                attachment?.release()
            }
        ).reply
        reply.concern(record)
        return reply
    }

    private func next() async -> EventStreamReply.Piece {
        var buffer = ByteBuffer()
        switch await subscription.next() {
        case .ended: return .ended
        case .quiet: return .quiet
        case .events(let events):
            for event in events { append(event, to: &buffer) }
        case .lagged(let from, let to):
            EventStreamReply.append(
                "lagged", id: nil, data: ServerMessage.lagged(runID: record.id, from: from, to: to).line, to: &buffer)
        }
        return .messages(buffer)
    }

    private func append(_ event: RunEvent, to buffer: inout ByteBuffer) {
        if case .output(_, let text) = event.kind { metrics.outputBytes.add(Double(text.bytes.count), ["sse"]) }
        EventStreamReply.begin(event.kind.name, id: event.sequence, in: &buffer)
        buffer.writeLine(of: event)
        buffer.writeString("\n\n")
    }
}

extension RunRoutes {
    /// The past and the future events of a run.
    func events(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery(["from"])
        let record = try record(request)
        let from = try request.firstEvent(default: 0)
        return EventStream(
            record: record, subscription: record.log.subscribe(from: from, lossless: false), attachment: nil,
            presence: request.presence, metrics: services.metrics
        ).reply
    }
}
