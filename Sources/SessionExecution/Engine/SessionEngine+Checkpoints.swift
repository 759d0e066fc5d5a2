package import RunModel
internal import SandboxSpec
internal import SessionModel

/// A command about a checkpoint that the driver has not answered yet.
struct CheckpointStep: Sendable {
    /// For whom it is, and so what comes after it.
    enum Purpose: Sendable {
        /// A client, who is answered.
        case client(reply: Int)
        /// The state before a cell, which runs then.
        case before(SessionEngine.QueuedCell)
        /// A transaction that went well.
        case commit
        /// One that did not.
        case rollback
        /// The session goes on from what was saved earlier.
        case resumption
    }

    enum Kind: Sendable {
        case make(String)
        case restore(String, DriverReference)
        case drop(String, DriverReference)
        /// The driver writes its state to a file, which goes into the archive with all others.
        case save(file: String)
        /// The archive is being written. With a file of the state, and what of it was lost.
        case pack(file: String?, lost: [SessionLoss])
        /// The file of the state is being removed; then all is saved.
        case tidy(SavedState)
        case load(file: String)
    }

    let id: String
    let kind: Kind
    let purpose: Purpose
    let until: Int64
}

/// Checkpoints: states of the interpreter that it keeps itself, in its own sandbox.
extension SessionEngine {
    enum CheckpointCommand {
        case make(String, CheckpointStep.Purpose)
        case restore(String, DriverReference, CheckpointStep.Purpose)
        case drop(String, DriverReference, CheckpointStep.Purpose)
    }

    /// Keeps the state of the interpreter under a name.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY` unless the session is idle, `NOT_SUPPORTED`, `CHECKPOINT_EXISTS`,
    ///   `TOO_MANY_CHECKPOINTS`, `INVALID_REQUEST` for a name that cannot be one.
    package mutating func makeCheckpoint(_ name: String, reply: Int, now: Int64) throws(APIError) {
        try beginCheckpointing(now)
        guard Self.isName(name) else {
            throw APIError(
                .invalidRequest,
                "the name of a checkpoint has 1 to 64 letters, digits, dots, underscores or hyphens",
                details: ["name": "is no name of a checkpoint"])
        }
        guard checkpoints[name] == nil else {
            throw APIError(.checkpointExists, "the session has a checkpoint \(name) already")
        }
        guard checkpointNames.count < bounds.checkpoints else {
            throw APIError(
                .tooManyCheckpoints, "the session has \(bounds.checkpoints) checkpoints already; drop one")
        }
        checkpoint(.make(name, .client(reply: reply)), now)
    }

    /// Goes back to a state that was kept. It stays kept.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY`, `NOT_SUPPORTED`, `CHECKPOINT_NOT_FOUND`.
    package mutating func restoreCheckpoint(_ name: String, reply: Int, now: Int64) throws(APIError) {
        try beginCheckpointing(now)
        checkpoint(.restore(name, try reference(of: name), .client(reply: reply)), now)
    }

    /// Forgets a state that was kept.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY`, `NOT_SUPPORTED`, `CHECKPOINT_NOT_FOUND`.
    package mutating func dropCheckpoint(_ name: String, reply: Int, now: Int64) throws(APIError) {
        try beginCheckpointing(now)
        checkpoint(.drop(name, try reference(of: name), .client(reply: reply)), now)
    }

    private mutating func beginCheckpointing(_ now: Int64) throws(APIError) {
        try refuseBusy()
        try require("checkpoint")
        use(now)
    }

    func refuseBusy() throws(APIError) {
        try refuseOver()
        guard case .idle = phase else {
            throw APIError(
                .sessionBusy, "the session is \(state.rawValue); checkpoints are made and restored while it is idle",
                retryable: true)
        }
    }

    private func reference(of name: String) throws(APIError) -> DriverReference {
        guard Self.isName(name), let reference = checkpoints[name] else {
            throw APIError(.checkpointNotFound, "the session has no checkpoint \"\(name.prefix(64))\"")
        }
        return reference
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
                default: false
                }
            }
    }

    mutating func checkpoint(_ command: CheckpointCommand, _ now: Int64) {
        commandCount += 1
        let id = "c\(commandCount)"
        let until = now &+ bounds.checkpointing
        switch command {
        case .make(let name, let purpose):
            phase = .checkpointing(CheckpointStep(id: id, kind: .make(name), purpose: purpose, until: until))
            act(.send(.checkpoint(id: id, name: name)))
        case .restore(let name, let reference, let purpose):
            phase = .checkpointing(
                CheckpointStep(id: id, kind: .restore(name, reference), purpose: purpose, until: until))
            act(.send(.restore(id: id, name: name, reference)))
        case .drop(let name, let reference, let purpose):
            phase = .checkpointing(CheckpointStep(id: id, kind: .drop(name, reference), purpose: purpose, until: until))
            act(.send(.drop(id: id, name: name, reference)))
        }
        enter(.checkpointing, now)
    }

    /// The driver has answered.
    mutating func checkpointAnswered(
        _ step: CheckpointStep, _ reply: DriverReply<DriverReference?>, _ now: Int64
    ) {
        switch (step.kind, reply) {
        case (_, .failed(let reason)): return checkpointFailed(step, reason, now)
        case (.make(let name), .answer(let reference)):
            checkpoints[name] = reference
            marks[name] = replay.cells.count
            if !Self.isInternal(name) { emit(.checkpoint(name), now) }
        case (.drop(let name, _), .answer):
            checkpoints[name] = nil
            if !Self.isInternal(name) { emit(.checkpointDropped(name), now) }
        case (.save, .answer), (.load, .answer), (.pack, .answer), (.tidy, .answer): return
        case (.restore, .answer):
            return violate("the driver answered a restore, which is for the interpreter that takes over", now)
        }
        checkpointDone(step, now)
    }

    /// The interpreter of a checkpoint has taken over.
    mutating func restored(_ step: CheckpointStep, _ now: Int64) {
        guard case .restore(let name, let reference) = step.kind else { return }
        epoch += 1
        if let mark = marks[name] { replay.rewind(to: mark) }
        emit(.restored(name, SessionRestoration()), now)
        if case .rollback = step.purpose {
            checkpoint(.drop(name, reference, .commit), now)
        } else {
            checkpointDone(step, now)
        }
    }

    private mutating func checkpointDone(_ step: CheckpointStep, _ now: Int64) {
        phase = .idle
        switch step.purpose {
        case .client(let reply):
            use(now)
            act(.answer(reply, .success(nil)))
        case .before(let cell): return run(cell, now)
        case .commit, .rollback, .resumption: break
        }
        proceed(now)
    }

    private mutating func checkpointFailed(_ step: CheckpointStep, _ reason: String, _ now: Int64) {
        phase = .idle
        switch step.purpose {
        case .client(let reply): act(.answer(reply, .failure(APIError(.queryFailed, reason))))
        case .before(let cell): return refuse(cell, reason, now)
        case .commit: if case .drop(let name, _) = step.kind { checkpoints[name] = nil }
        case .rollback:
            // What the client was promised cannot be had: going on as if it could would be a lie.
            return end(
                SessionEnd.Verdict.internalError, "the state before the cell could not be restored: \(reason)",
                isRetryable: true, now)
        case .resumption: break
        }
        proceed(now)
    }
}
