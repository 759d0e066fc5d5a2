internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import NIOCore
internal import RunModel
internal import RunService
internal import ServerTransport
internal import ServiceMetrics
internal import Synchronization

/// A run of an example as server-sent events without names: `{"status": "starting"}`, queued, compiling, running, output, and at the
/// end completed or failed with the whole answer.
final class ExampleProgress: Sendable {
    private struct State: Sendable {
        var builder: ExampleOutcome.Builder
        var hasBegun = false
    }

    private let started: ExampleRunner.Started
    private let mode: ExampleMode
    private let presence: ClientPresence
    private let streams: Gauge
    private let state: Mutex<State>

    init(_ started: ExampleRunner.Started, mode: ExampleMode, presence: ClientPresence, streams: Gauge) {
        self.started = started
        self.mode = mode
        self.presence = presence
        self.streams = streams
        state = Mutex(State(builder: ExampleOutcome.Builder(started)))
    }

    var reply: Reply {
        var reply = EventStreamReply(
            presence: presence, streams: streams, next: { await self.next() }, gone: { self.started.release() }
        ).reply
        // As this dialect has it; nothing else keeps a stream either.
        reply.headers[.cacheControl] = "no-cache"
        return reply
    }

    private struct Message: Encodable {
        let status: String
        var position: Int?
        var stream: OutputStream?
        var data: String?
        var limit: String?
    }

    private func next() async -> EventStreamReply.Piece {
        var buffer = ByteBuffer()
        let isFirst = state.withLock { state in
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
        if isFirst {
            append(Message(status: "starting"), to: &buffer)
            return .messages(buffer)
        }
        switch await started.subscription.next() {
        case .ended: return .ended
        case .quiet: return .quiet
        case .lagged: return .quiet
        case .events(let events):
            for event in events {
                if let message = message(for: event) { append(message, to: &buffer) }
                if let outcome = state.withLock({ $0.builder.add(event) }) {
                    append(PlainResult(outcome, mode: mode, isMessage: true), to: &buffer)
                }
            }
        }
        return buffer.readableBytes > 0 ? .messages(buffer) : .quiet
    }

    private func message(for event: RunEvent) -> Message? {
        switch event.kind {
        case .queued(let position, _): Message(status: "queued", position: position)
        case .started(let step, _, _): Message(status: step == .compile ? "compiling" : "running")
        case .output(let stream, let text): Message(status: "output", stream: stream, data: text.lossyText)
        case .warning(let limit, _, _): Message(status: "warning", limit: limit)
        case .accepted, .resource, .inputRequest, .error, .finished: nil
        }
    }

    private func append(_ value: some Encodable, to buffer: inout ByteBuffer) {
        guard let bytes = try? JSONText.encode(value) else { return }
        buffer.writeString("data: ")
        buffer.writeBytes(bytes)
        buffer.writeString("\n\n")
    }
}
