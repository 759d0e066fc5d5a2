internal import DequeModule
internal import RunModel
internal import RunService
internal import SessionModel
internal import SessionService
internal import Synchronization

/// One kernel as all of its clients see it: a session, its translator, and the messages to its clients.
///
/// Nothing runs here: each open socket reads the session's events and brings them, and the first one to do so has them translated. Without
/// a socket they wait in the session's own log, which is bounded. Safe from any thread.
final class KernelHub: Sendable {
    /// The most clients that can come back, and the most that are connected.
    static let maximumLines = 32
    /// Cells that may have been asked for and not have ended, and the bytes of their code: notebooks ask for all of their cells at once.
    static let maximumCells = 256
    static let maximumCellBytes = 4_194_304
    /// Bytes that one write may have, about.
    private static let batchBytes = 262_144
    /// Bytes of messages that are kept at least, whatever the session's limit `history`: room for what is read from the session at once
    /// while a client is sent what was read before.
    private static let minimumLogBytes = 1_048_576
    /// Bytes of events that are read from the session at once, about.
    static let eventBytes = 65_536

    private struct Line {
        let number: Int
        /// What the client reads next.
        var cursor: Int64
        /// Tells the connections of one client apart.
        var connection = 0
        var isConnected = false
    }

    private struct State {
        var session: Session
        var translator = KernelTranslator()
        var log: MessageLog
        var lines: [String: Line] = [:]
        var lastLine = 0
        var lastMessage = 0
        /// Events that have not been translated yet: they are of cells whose id is on its way.
        var pending: Deque<SessionEvent> = []
        /// The sequence number of the next event.
        var nextEvent: Int64 = 1
        /// Cells that have been handed to the session, and have no id yet.
        var submitting = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0
        var isShutDown = false
    }

    /// The kernel's id: that of its first session, as a UUID.
    let id: KernelID
    let owner: RunOwner
    let language: KernelLanguage
    /// Repeated in all headers.
    private let stem: String
    private let state: Mutex<State>

    init(_ session: Session, _ language: KernelLanguage) {
        id = KernelID(session.id)
        owner = session.identity.owner
        self.language = language
        stem = KernelID(SessionID()).description
        let capacity = max(session.identity.limits.historyBytes, Self.minimumLogBytes)
        state = Mutex(State(session: session, log: MessageLog(capacity: capacity)))
    }

    /// Whether nobody is to find it any more: a client has ended it, or it has ended unused or too old.
    var isShutDown: Bool {
        let (session, isShutDown) = state.withLock { ($0.session, $0.isShutDown) }
        guard !isShutDown, let end = session.end else { return isShutDown }
        return [SessionEnd.Verdict.closed, SessionEnd.Verdict.idle, SessionEnd.Verdict.life].contains(end.verdict)
    }

    func markShutDown() { state.withLock { $0.isShutDown = true } }

    var session: Session { state.withLock { $0.session } }
    var openInput: KernelTranslator.OpenInput? { state.withLock { $0.translator.openInput } }
    /// Whether another cell of so many bytes may wait.
    func hasRoom(for bytes: Int) -> Bool {
        state.withLock { state in
            state.translator.openCells + state.submitting < Self.maximumCells
                && state.translator.openBytes + bytes <= Self.maximumCellBytes
        }
    }

    var history: (entries: KernelHistory, session: Int) {
        state.withLock { ($0.translator.history, $0.translator.interpreter) }
    }
    /// Clients on the line.
    var connections: Int { state.withLock { $0.lines.values.count { $0.isConnected } } }

    // MARK: - Clients

    /// A client on the line.
    struct Attachment: Sendable {
        let line: Int
        let connection: Int
        fileprivate let name: String
    }

    /// - Parameter name: what the client calls itself, to be found again when it comes back; nil for one that does not. Another
    ///   connection of the same client ends.
    /// - Returns: nil when there are too many clients.
    func attach(_ name: String?) -> Attachment? {
        let (attachment, waiters) = state.withLock { state -> (Attachment?, [CheckedContinuation<Void, Never>]) in
            let name = name ?? "\u{0}\(state.lastLine + 1)"
            if state.lines[name] == nil, state.lines.count >= Self.maximumLines {
                // The client that is gone for the longest time.
                let away = state.lines.filter { !$0.value.isConnected }
                guard let oldest = away.min(by: { $0.value.cursor < $1.value.cursor }) else { return (nil, []) }
                state.lines[oldest.key] = nil
            }
            if state.lines[name] == nil {
                state.lastLine += 1
                state.lines[name] = Line(number: state.lastLine, cursor: state.log.next)
            }
            guard var line = state.lines[name] else { return (nil, []) }
            line.connection += 1
            line.isConnected = true
            // One that was away for long goes on with what is still kept.
            line.cursor = max(line.cursor, state.log.first)
            state.lines[name] = line
            return (
                Attachment(line: line.number, connection: line.connection, name: name), Self.takeWaiters(&state)
            )
        }
        for waiter in waiters { waiter.resume() }
        return attachment
    }

    func detach(_ attachment: Attachment) {
        let waiters = state.withLock { state in
            guard state.lines[attachment.name]?.connection == attachment.connection else {
                return Self.takeWaiters(&state)
            }
            // One that has no name does not come back.
            if attachment.name.hasPrefix("\u{0}") {
                state.lines[attachment.name] = nil
            } else {
                state.lines[attachment.name]?.isConnected = false
            }
            return Self.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    enum Reading: Sendable {
        case messages([KernelMessage])
        case nothing
        /// Messages for this client are lost: it was too slow, or away for too long.
        case behind
        /// Another connection of the same client has taken over.
        case replaced
    }

    /// What there is for a client; it counts as read.
    func read(_ attachment: Attachment) -> Reading {
        state.withLock { state in
            guard let line = state.lines[attachment.name], line.connection == attachment.connection else {
                return .replaced
            }
            let batch = state.log.read(from: line.cursor, line: line.number, maximumBytes: Self.batchBytes)
            state.lines[attachment.name]?.cursor = batch.next
            if batch.isBehind { return .behind }
            return batch.messages.isEmpty ? .nothing : .messages(batch.messages)
        }
    }

    /// Messages were not sent: whoever comes back reads them again.
    func unread(_ attachment: Attachment, from cursor: Int64) {
        state.withLock { state in
            guard state.lines[attachment.name]?.connection == attachment.connection else { return }
            state.lines[attachment.name]?.cursor = cursor
        }
    }

    func cursor(of attachment: Attachment) -> Int64 {
        state.withLock { $0.lines[attachment.name]?.cursor ?? $0.log.next }
    }

    /// Waits for a message behind those that a client has read, or for the end of its connection.
    func wait(_ attachment: Attachment) async {
        await wait { state in
            guard let line = state.lines[attachment.name], line.connection == attachment.connection else { return true }
            return line.cursor < state.log.next
        }
    }

    private func wait(until isDue: @Sendable (borrowing State) -> Bool) async {
        let ticket = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumes = state.withLock { state in
                    // The handler below has either run already, and is seen here, or will find the waiter.
                    if isDue(state) || Task.isCancelled { return true }
                    state.waiters[ticket] = continuation
                    return false
                }
                if resumes { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume()
        }
    }

    private static func takeWaiters(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        defer { state.waiters = [:] }
        return Array(state.waiters.values)
    }

    // MARK: - Events

    /// A reader of the session's events, from the first one that has not been translated.
    func reader() -> (session: Session, events: SessionReader) {
        state.withLock { state in
            let next = state.nextEvent
            return (state.session, state.session.events(from: next))
        }
    }

    /// Events that a reader of this session has found.
    func take(_ events: [LoggedSessionEvent], of session: Session) {
        change { state in
            guard state.session === session else { return }
            for logged in events where logged.event.sequence >= state.nextEvent {
                state.nextEvent = logged.event.sequence + 1
                state.pending.append(logged.event)
            }
        }
    }

    /// Events up to this one are no longer kept.
    func lost(before sequence: Int64, of session: Session) {
        change { state in
            guard state.session === session, sequence > state.nextEvent else { return }
            state.nextEvent = sequence
            state.pending = []
            post(state.translator.lost(), &state)
        }
    }

    /// Waits until another session has taken this one's place.
    func successor(of session: Session) async {
        await wait { $0.session !== session }
    }

    /// Another session takes the place of one that has ended.
    ///
    /// - Returns: false when somebody else was faster, or has ended the kernel: then nothing changes.
    func `continue`(with session: Session, after ended: Session) -> Bool {
        var isDone = false
        change { state in
            guard state.session === ended, !state.isShutDown else { return }
            isDone = true
            post(state.translator.giveUp(), &state)
            state.session = session
            state.translator = state.translator.successor
            state.pending = []
            state.nextEvent = 1
            // Not `restarting`, which says that a kernel has died and is replaced unasked.
            let starting = state.translator.status("starting", JSONParts.empty)
            post([starting], &state)
        }
        return isDone
    }

    // MARK: - Requests

    /// Sends messages.
    func post(_ make: (inout KernelTranslator) -> [KernelTranslator.Draft]) {
        change { state in post(make(&state.translator), &state) }
    }

    /// Hands a cell to the session. Its events wait until its id is known.
    func submit(_ execute: ExecuteRequest, _ request: KernelTranslator.Request) async throws(APIError) {
        let session = state.withLock { state in
            state.submitting += 1
            return state.session
        }
        let since = session.summary.nextSequence
        var isCurrent = false
        do throws(APIError) {
            let id = try await session.submit(execute.cell)
            var evaluations: [String] = []
            for expression in execute.expressions {
                // One that fails is told in its own place: the cells behind it go on.
                var cell = CellRequest(code: expression.code, stopOnError: false)
                cell.allowsInput = false
                // The session may have ended, or its queue be full: then what is there has to do.
                guard let evaluation = try? await session.submit(cell) else { break }
                evaluations.append(evaluation)
            }
            let ids = evaluations
            change { state in
                state.submitting -= 1
                // Another session may have taken its place meanwhile, where the same id is another cell's.
                guard state.session === session else { return }
                isCurrent = true
                var cell = KernelTranslator.Cell(request, execute)
                cell.since = since
                state.translator.add(cell, id: id, evaluations: ids)
            }
        } catch {
            change { $0.submitting -= 1 }
            throw error
        }
        guard isCurrent else {
            throw APIError(.sessionEnded, "the kernel began anew before the cell ran", retryable: true)
        }
    }

    /// Changes the state, translates what can be, and wakes whoever waits.
    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            translate(&state)
            return Self.takeWaiters(&state)
        }
        for waiter in waiters { waiter.resume() }
    }

    private func translate(_ state: inout State) {
        while let event = state.pending.first {
            if state.submitting > 0, let id = event.executionID, !state.translator.knows(id) { return }
            state.pending.removeFirst()
            post(state.translator.take(event), &state)
        }
    }

    private func post(_ drafts: [KernelTranslator.Draft], _ state: inout State) {
        guard !drafts.isEmpty else { return }
        let date = Timestamp.text(milliseconds: Timestamp.now())
        for draft in drafts {
            state.lastMessage += 1
            let id = "\(stem)_\(state.lastMessage)"
            var header = JSONBytes(size: 256)
            header.open()
            header.key("msg_id")
            header.word(id)
            header.key("msg_type")
            header.word(draft.type)
            header.key("username")
            header.word("nestbox")
            header.key("session")
            header.word(stem)
            header.key("date")
            header.word(date)
            header.key("version")
            header.word(KernelReplies.protocolVersion)
            header.close()
            let message = KernelMessage(
                channel: draft.channel, type: draft.type, id: id, header: header.bytes, parent: draft.parent,
                content: draft.content)
            state.log.append(MessageLog.Entry(line: draft.line, message: message))
        }
    }
}
