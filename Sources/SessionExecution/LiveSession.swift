package import LinuxSystem
package import Reactor
package import RunModel
internal import SandboxSpec
package import SandboxSupply
package import SessionModel
internal import Synchronization
package import WardenProtocol

/// A session that lives: its engine, its sandbox and the bytes between them, on the thread of a reactor.
///
/// Safe from any thread. Commands are carried out in the order in which they come; each suspends until that has happened, and is not
/// stopped by the cancellation of its task.
package final class LiveSession: Sendable {
    private struct Mailbox {
        var commands: [@Sendable (SessionMember) -> Void] = []
        var isClosed = false
    }

    private let mailbox = Mutex(Mailbox())
    private let reactor: Reactor
    private let id: Reactor.MemberID

    /// Begins at once; the first event comes on the reactor's thread.
    ///
    /// - Parameters:
    ///   - tokenStem: see `SessionEngine`; nobody can guess the usual one.
    ///   - source: where its sandboxes come from.
    ///   - sink: hears what happens, until the terminal event.
    ///   - now: nanoseconds of the monotonic clock, the reactor's own.
    ///   - date: milliseconds since 1970.
    ///   - resumption: it goes on from what was saved; `files` is the archive of its files.
    package init(
        sandbox: SessionSandbox, limits: SessionLimits, created: SessionEvent.Created, bounds: SessionEngine.Bounds,
        tokenStem: String = "-" + String(UInt64.random(in: .min ... .max), radix: 36), source: any SandboxSource,
        sink: any SessionSink, reactor: Reactor, date: Int64, resumption: SessionResumption? = nil,
        files: SharedDescriptor? = nil
    ) {
        self.reactor = reactor
        var bounds = bounds
        bounds.checkpointBytes = sandbox.spec.limits[.disk]
        let engineBounds = bounds
        id = reactor.newID()
        reactor.add(id) { [self] in
            SessionMember(
                self, sandbox: sandbox, source: source, sink: sink,
                engine: SessionEngine(
                    limits: limits, created: created, bounds: engineBounds, tokenStem: tokenStem,
                    resumption: resumption,
                    now: monotonicNow(), date: date), kept: files)
        }
    }

    // MARK: - Commands

    /// Puts a cell into the queue. Throws what `SessionEngine.submit` does.
    package func submit(_ cell: CellRequest) async throws(APIError) -> String {
        try await perform { (member) throws(APIError) in try member.engine.submit(cell, now: member.now) }
    }

    /// Stops the running cell; false when there is none. Throws what `SessionEngine.interrupt` does.
    package func interrupt() async throws(APIError) -> Bool {
        try await perform { (member) throws(APIError) in try member.engine.interrupt(now: member.now) }
    }

    /// Begins a new interpreter. Throws what `SessionEngine.restart` does.
    package func restart(keepsFiles: Bool = true) async throws(APIError) {
        try await perform { (member) throws(APIError) in
            try member.engine.restart(keepsFiles: keepsFiles, now: member.now)
        }
    }

    /// Has something done with the files of /box, also while a cell runs.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY`.
    package func files(_ order: FilesOrder, archive: SharedDescriptor?) async throws(APIError) -> FilesResult {
        let result: Result<FilesResult, APIError> = await withCheckedContinuation { continuation in
            let isOpen = post { member in
                do throws(APIError) {
                    try member.engine.useFiles(now: member.now)
                    member.files(order, archive: archive, isClients: true) {
                        continuation.resume(returning: .success($1))
                    }
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !isOpen { continuation.resume(returning: .failure(SessionEngine.over())) }
        }
        return try result.get()
    }

    /// Answers a request for input. Throws what `SessionEngine.input` does.
    package func input(_ bytes: [UInt8], token: String?) async throws(APIError) {
        try await perform { (member) throws(APIError) in try member.engine.input(bytes, token: token, now: member.now) }
    }

    /// Asks the interpreter, and waits for the answer. Throws what `SessionEngine.query` does, `QUERY_FAILED` with the driver's
    /// words, `DRIVER_TIMEOUT`, `SESSION_BUSY`.
    package func query(_ query: SessionQuery) async throws(APIError) -> DriverAnswer {
        let answer = try await ask { (member, reply) throws(APIError) in
            try member.refuseBacklog()
            try member.engine.query(query, reply: reply, now: member.now)
        }
        guard let answer else { throw APIError(.internalError, "a question was answered like a command") }
        return answer
    }

    /// What is done with a checkpoint.
    package enum CheckpointCommand: Sendable {
        case make, restore, drop
    }

    /// Waits until it is done.
    ///
    /// - Returns: what the checkpoint has, or what has come back of it; nil when one was dropped.
    /// - Throws: what the functions of `SessionEngine` do; `QUERY_FAILED` with the driver's words; `FILES_FAILED`;
    ///   `TOO_MANY_CHECKPOINTS` when their files have no room.
    @discardableResult
    package func checkpoint(_ command: CheckpointCommand, _ name: String) async throws(APIError) -> DriverAnswer? {
        try await ask { (member, reply) throws(APIError) in
            switch command {
            case .make: try member.engine.makeCheckpoint(name, reply: reply, now: member.now)
            case .restore: try member.engine.restoreCheckpoint(name, reply: reply, now: member.now)
            case .drop: try member.engine.dropCheckpoint(name, reply: reply, now: member.now)
            }
        }
    }

    /// Saves what can be saved of the interpreter, and its files to an archive.
    ///
    /// - Returns: what was saved, and what the session was at.
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY` unless it is idle, `FILES_FAILED`.
    package func save(to archive: SharedDescriptor) async throws(APIError) -> (SavedState, SessionSnapshot) {
        _ = try await ask { (member, reply) throws(APIError) in
            member.saving = archive
            try member.engine.save(reply: reply, now: member.now)
        }
        return try await perform { (member) throws(APIError) in
            member.saving = nil
            guard let state = member.engine.takeSaved() else {
                throw APIError(.sessionBusy, "the session was saved twice at the same time", retryable: true)
            }
            return (state, SessionSnapshot(member.engine))
        }
    }

    /// Tells that what was saved is where it lasts.
    package func stored(_ name: String, lost: [SessionLoss]) {
        post { $0.engine.stored(name, lost: lost, now: $0.now) }
    }

    /// Tells its clients something.
    package func warn(_ message: String) {
        post { $0.engine.warn(message, now: $0.now) }
    }

    /// Ends a session that nobody has used, and that has been saved, or could not be.
    package func endIdle() {
        post { $0.engine.endIdle(now: $0.now) }
    }

    /// Ends the session; its terminal event follows. Without effect once it has ended.
    package func close(reason: String) {
        post { $0.engine.close(reason: reason, now: $0.now) }
    }

    /// It ends after so many nanoseconds, unless somebody takes that back with nil.
    package func leave(after time: Int64?) {
        post { member in member.engine.leave(at: time.map { member.now &+ $0 }, now: member.now) }
    }

    /// Tells that another connection controls it now.
    package func takenOver() {
        post { $0.engine.takenOver(now: $0.now) }
    }

    // MARK: - Mailbox

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (SessionMember) throws(APIError) -> Value
    ) async throws(APIError) -> Value {
        let result: Result<Value, APIError> = await withCheckedContinuation { continuation in
            let isOpen = post { member in
                let result = Result { () throws(APIError) in try body(member) }
                // What the command brought about comes before its answer.
                member.settle()
                continuation.resume(returning: result)
            }
            if !isOpen { continuation.resume(returning: .failure(SessionEngine.over())) }
        }
        return try result.get()
    }

    private func ask(
        _ body: @escaping @Sendable (SessionMember, _ reply: Int) throws(APIError) -> Void
    ) async throws(APIError) -> DriverAnswer? {
        let result: Result<DriverAnswer?, APIError> = await withCheckedContinuation { continuation in
            let isOpen = post { $0.ask(continuation, body) }
            if !isOpen { continuation.resume(returning: .failure(SessionEngine.over())) }
        }
        return try result.get()
    }

    /// - Returns: false when the session has ended: nothing will be done.
    @discardableResult
    func post(_ command: @escaping @Sendable (SessionMember) -> Void) -> Bool {
        let isOpen = mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return false }
            mailbox.commands.append(command)
            return true
        }
        if isOpen { reactor.wake(id) }
        return isOpen
    }

    func takeCommands() -> [@Sendable (SessionMember) -> Void] {
        mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
    }

    /// Takes nothing more from now on.
    ///
    /// - Returns: false when there still are commands: they are to be taken first.
    func closeMailbox() -> Bool {
        mailbox.withLock { mailbox in
            mailbox.isClosed = mailbox.commands.isEmpty
            return mailbox.isClosed
        }
    }
}
