internal import APIFormat
internal import HTTPInterface
internal import NIOCore
internal import RunModel
internal import ServerTransport
internal import SessionModel
internal import SessionService
internal import Synchronization

extension SessionAPIServices {
    /// A session's events as server-sent events.
    ///
    /// - Parameters:
    ///   - from: the first wanted sequence number.
    ///   - cell: only this cell's events, up to its last one.
    func stream(_ session: Session, from: Int64, cell: String? = nil, request: RouteRequest) -> Reply {
        let reader = session.events(from: from)
        let selection = CellSelection(cell)
        var reply = EventStreamReply(
            presence: request.presence, streams: metrics.streams,
            next: { await Self.next(reader, selection, session.id) }, gone: { reader.cancel() }
        ).reply
        reply.concern(session.id)
        return reply
    }

    private static func next(
        _ reader: SessionReader, _ selection: CellSelection, _ id: SessionID
    ) async -> EventStreamReply.Piece {
        if selection.isOver { return .ended }
        var buffer = ByteBuffer()
        switch await reader.next() {
        case .ended: return .ended
        case .quiet: return .quiet
        case .lagged(let from, let to):
            EventStreamReply.append(
                "lagged", id: nil, data: SessionAnswer.lagged(id, from: from, to: to), to: &buffer)
        case .events(let events):
            for logged in events where selection.takes(logged.event) {
                EventStreamReply.append(
                    logged.event.kind.name, id: logged.event.sequence, data: logged.json, to: &buffer)
            }
        }
        // Nothing for this reader: it may be time for a sign of life.
        return buffer.readableBytes == 0 ? .quiet : .messages(buffer)
    }
}

/// The events of one cell among those of a session: used by one reader, one event after the other.
final class CellSelection: Sendable {
    private let cell: String?
    private let over = Atomic(false)

    /// - Parameter cell: nil for all events.
    init(_ cell: String?) {
        self.cell = cell
    }

    /// Whether the last event has been taken.
    var isOver: Bool { over.load(ordering: .relaxed) }

    /// Whether this event belongs to the cell, or ends the session and so the cell.
    func takes(_ event: SessionEvent) -> Bool {
        guard let cell else { return true }
        guard !isOver else { return false }
        if event.isTerminal {
            over.store(true, ordering: .relaxed)
            return true
        }
        guard event.executionID == cell else { return false }
        if case .executionFinished = event.kind { over.store(true, ordering: .relaxed) }
        return true
    }
}
