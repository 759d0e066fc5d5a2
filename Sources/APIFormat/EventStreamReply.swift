package import HTTPInterface
internal import HTTPTypes
internal import HummingbirdCore
internal import LinuxSystem
package import NIOCore
package import RunModel
package import ServerTransport
package import ServiceMetrics

/// An answer of server-sent events (WHATWG HTML, section 9.2), whatever they are about.
package struct EventStreamReply: Sendable {
    /// What the source of the events has next.
    package enum Piece: Sendable {
        /// Complete messages; see `message`.
        case messages(ByteBuffer)
        /// Nothing for a while.
        case quiet
        case ended
    }

    /// Nanoseconds without an event after which a comment is sent as a heartbeat.
    private static let heartbeat: Int64 = 15_000_000_000

    private let presence: ClientPresence
    private let streams: Gauge
    private let next: @Sendable () async -> Piece
    private let gone: @Sendable () -> Void

    /// - Parameters:
    ///   - presence: of the client.
    ///   - streams: counts open streams.
    ///   - next: waits for the next piece; `quiet` at least every few seconds.
    ///   - gone: called when the stream ends, for any reason, and possibly more than once: nobody must wait for the reader then.
    package init(
        presence: ClientPresence, streams: Gauge, next: @escaping @Sendable () async -> Piece,
        gone: @escaping @Sendable () -> Void
    ) {
        self.presence = presence
        self.streams = streams
        self.next = next
        self.gone = gone
    }

    package var reply: Reply {
        var reply = Reply(status: .ok)
        reply.headers[.contentType] = "text/event-stream"
        reply.headers[.cacheControl] = "no-store"
        // Proxies that buffer would hold output back.
        reply.headers[.accelBuffering] = "no"
        reply.body = ResponseBody { writer in
            streams.add(1, [])
            defer {
                streams.add(-1, [])
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

    private func send(to writer: inout any ResponseBodyWriter) async throws {
        var lastSent = monotonicNow()
        while true {
            switch await next() {
            case .ended: return
            case .messages(let buffer): try await writer.write(buffer)
            case .quiet:
                guard monotonicNow() - lastSent >= Self.heartbeat else { continue }
                try await writer.write(ByteBuffer(string: ": heartbeat\n\n"))
            }
            lastSent = monotonicNow()
        }
    }

    /// Appends the beginning of a message: its data, one line without its end, and an empty line follow.
    package static func begin(_ name: String, id: Int64?, in buffer: inout ByteBuffer) {
        if let id { buffer.writeString("id: \(id)\n") }
        buffer.writeString("event: \(name)\ndata: ")
    }

    /// Appends a message. JSON text has no raw line breaks, so one data line is enough.
    package static func append(_ name: String, id: Int64?, data: [UInt8], to buffer: inout ByteBuffer) {
        begin(name, id: id, in: &buffer)
        buffer.writeBytes(data)
        buffer.writeString("\n\n")
    }
}

extension RouteRequest {
    /// The sequence number from which a client wants events: the parameter `from`, or the one after `Last-Event-ID`, or the default.
    package func firstEvent(default first: Int64) throws -> Int64 {
        if let text = headers[.lastEventID], query["from"] == nil { return try Self.event(after: text) }
        return try number("from", in: 0...Int64.max, default: first)
    }

    /// The sequence number after this event. Any number beyond the last event, however large, means the end: there are no
    /// further events.
    package static func event(after text: String) throws(APIError) -> Int64 {
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
