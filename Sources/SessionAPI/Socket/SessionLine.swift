internal import APIFormat
internal import HTTPInterface
internal import RunModel
internal import ServiceMetrics
internal import SessionModel
internal import SessionService
internal import StrictJSON
internal import Synchronization
internal import WebSockets

/// One socket's part that concerns sessions: follows them, sends their events, carries out messages. Ends with the socket.
///
/// Events of a session are sent by a task of its own, so a slow reader holds up nobody: what a reader misses is named by
/// `lagged`.
final class SessionLine: SocketPart {
    /// A session this socket follows.
    struct Followed: Sendable {
        let session: Session
        let attachment: SessionAttachment
        let reader: SessionReader
    }

    let services: SessionAPIServices
    let host: SocketHost
    /// Of a plain socket: its one session, whose messages are those of the plain dialect.
    let own: Session?
    let followed = Mutex<[SessionID: Followed]>([:])
    let waiting = Mutex(0)

    var caller: Caller { host.request.caller }

    init(services: SessionAPIServices, host: SocketHost, own: Session? = nil) {
        self.services = services
        self.host = host
        self.own = own
    }

    func handles(_ message: JSONObject) -> Bool { own != nil || SessionMessage.concernsSession(message) }

    func close() {
        let all = followed.withLock { followed in
            defer { followed = [:] }
            return Array(followed.values)
        }
        for one in all { end(one) }
    }

    private func end(_ one: Followed) {
        one.reader.cancel()
        one.attachment.detach()
    }

    // MARK: - Out

    /// Attaches to a session and sends its events.
    ///
    /// - Parameters:
    ///   - from: the first event to be sent.
    ///   - greeting: sent before them.
    func follow(
        _ session: Session, mode: AttachMode, takesOver: Bool, from: Int64, greeting: [[UInt8]],
        _ group: inout DiscardingTaskGroup
    ) throws(APIError) {
        let (isFollowed, count) = followed.withLock { ($0[session.id] != nil, $0.count) }
        guard !isFollowed else {
            throw APIError(.invalidRequest, "this socket follows that session already; detach first")
        }
        guard count < services.settings.sessionsPerSocket else {
            throw APIError(
                .tooManySessions, "one socket follows at most \(services.settings.sessionsPerSocket) sessions",
                retryable: true)
        }
        let one = Followed(
            session: session, attachment: try session.attach(mode, takesOver: takesOver),
            reader: session.events(from: from))
        followed.withLock { $0[session.id] = one }
        group.addTask {
            let isOpen = greeting.isEmpty ? true : await self.host.send(greeting)
            if isOpen { await self.sendEvents(of: one) }
            self.followed.withLock { followed in
                if followed[session.id]?.reader === one.reader { followed[session.id] = nil }
            }
            self.end(one)
            // A plain socket has nothing left to say when its session has ended.
            if self.own != nil { await self.host.request.socket.close(.normal, reason: "the session has ended") }
        }
    }

    private func sendEvents(of one: Followed) async {
        var plain = PlainEvents()
        while true {
            let lines: [[UInt8]]
            switch await one.reader.next() {
            case .ended: return
            case .quiet: continue
            case .lagged(let from, let to):
                // What is held may be of a cell whose end is among those.
                plain = PlainEvents()
                lines = [SessionAnswer.lagged(one.session.id, from: from, to: to)]
            case .events(let events):
                lines = own == nil ? events.map(\.json) : events.flatMap { plain.messages($0) }
            }
            let isOpen = lines.isEmpty ? true : await host.send(lines)
            guard isOpen else { return }
        }
    }

    func detach(_ id: SessionID) -> Bool {
        guard let one = followed.withLock({ $0.removeValue(forKey: id) }) else { return false }
        end(one)
        return true
    }

    func fail(_ error: APIError, ref: String?, _ id: SessionID?) async {
        services.httpMetrics.failed(error.code.rawValue)
        _ = await host.send([SessionAnswer.failed(error, ref: ref, id)])
    }
}
