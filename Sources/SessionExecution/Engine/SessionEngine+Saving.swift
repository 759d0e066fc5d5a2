internal import Glibc
package import RunModel
package import SessionModel
internal import WardenProtocol

/// Saving a session, so that it outlives its sandbox, and going on from what was saved.
extension SessionEngine {
    /// In /box, while there is one.
    static let stateFile = ".nestbox-session-state"

    /// Saves what can be saved: the state of the interpreter, where the language can, and the files. The caller has a place for the
    /// archive.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY` unless the session is idle.
    package mutating func save(reply: Int, now: Int64) throws(APIError) {
        try refuseBusy()
        // Not a use: an unused session is saved before it ends.
        commandCount += 1
        let id = "c\(commandCount)"
        guard features.contains("save") else { return pack(id, reply, file: nil, lost: [], now) }
        phase = .checkpointing(
            CheckpointStep(
                id: id, kind: .save(file: Self.stateFile), purpose: .client(reply: reply), until: now &+ bounds.saving))
        act(.send(.save(id: id, file: Self.stateFile)))
        enter(.checkpointing, now)
    }

    private mutating func pack(_ id: String, _ reply: Int, file: String?, lost: [SessionLoss], _ now: Int64) {
        phase = .checkpointing(
            CheckpointStep(
                id: id, kind: .pack(file: file, lost: lost), purpose: .client(reply: reply), until: now &+ bounds.files)
        )
        act(.pack(id, checkpoint: nil))
        enter(.checkpointing, now)
    }

    /// The driver has saved its state, or loaded it.
    mutating func savingAnswered(_ step: CheckpointStep, _ reply: DriverReply<[SessionLoss]>, _ now: Int64) {
        switch (step.kind, step.purpose, reply) {
        case (.save(let file), .client(let number), .answer(let lost)):
            pack(step.id, number, file: file, lost: lost, now)
        case (.save, .client(let number), .failed(let reason)):
            pack(step.id, number, file: nil, lost: [SessionLoss(name: "*", reason: reason)], now)
        case (.load, _, .answer(let lost)): resumed(lost, replayed: nil, now)
        case (.load, _, .failed(let reason)): resumed([SessionLoss(name: "*", reason: reason)], replayed: nil, now)
        default: break
        }
    }

    /// The archive is complete, or is not.
    mutating func packed(
        _ step: CheckpointStep, file: String?, lost: [SessionLoss], _ result: FilesResult, _ now: Int64
    ) {
        guard result.errno == 0 else {
            let error = APIError(.filesFailed, "the files could not be kept: \(Self.text(result.errno))")
            return tidy(step, file, .abandon(error), now)
        }
        var state = SavedState(
            stateFile: file, replay: file == nil ? replay.cells : [], lost: lost,
            files: Int(result.files), skippedFiles: Int(result.skipped))
        if file == nil { state.lost += replay.losses }
        if result.skipped > 0 {
            state.lost.append(
                SessionLoss(name: "/box", reason: "\(result.skipped) files that have no place in an archive"))
        }
        tidy(step, file, .tidy(state), now)
    }

    /// The driver's file goes before anything else happens: a save that comes next writes one of the same name.
    private mutating func tidy(_ step: CheckpointStep, _ file: String?, _ next: CheckpointStep.Kind, _ now: Int64) {
        commandCount += 1
        let step = CheckpointStep(
            id: "c\(commandCount)", kind: next, purpose: step.purpose, until: now &+ bounds.files)
        guard file != nil else { return tidied(step, now) }
        phase = .checkpointing(step)
        act(.tidy(step.id, file: Self.stateFile))
    }

    mutating func tidied(_ step: CheckpointStep, _ now: Int64) {
        guard case .client(let reply) = step.purpose else { return }
        switch step.kind {
        case .tidy(let state): saved(state, reply, now)
        case .abandon(let error):
            phase = .idle
            act(.answer(reply, .failure(error)))
            proceed(now)
        case .make, .keep, .restore, .refill, .drop, .save, .pack, .load: break
        }
    }

    private mutating func saved(_ state: SavedState, _ reply: Int, _ now: Int64) {
        phase = .idle
        lastSaved = state
        act(.answer(reply, .success(.saved(state.lost))))
        proceed(now)
    }

    /// What was saved last, once.
    package mutating func takeSaved() -> SavedState? {
        defer { lastSaved = nil }
        return lastSaved
    }

    /// It was unused, and has been saved; unless somebody came meanwhile.
    package mutating func endIdle(now: Int64) {
        guard storeUntil != nil, case .idle = phase else { return }
        end(
            SessionEnd.Verdict.idle, "nobody has used the session",
            limit: SessionLimitReport("idle", nanoseconds: now - usedAt, of: limits.idle), now)
    }

    /// Whoever has saved the session has put it where it lasts.
    package mutating func stored(_ name: String, lost: [SessionLoss], now: Int64) {
        guard !isOver else { return }
        emit(.stored(name, lost: lost), now)
    }

    package mutating func warn(_ message: String, now: Int64) {
        guard !isOver else { return }
        emit(.warning(message), now)
    }

    // MARK: - Going on

    /// The interpreter is there, and the files are, as far as they can be.
    mutating func resume(hasFiles: Bool, _ now: Int64) {
        guard let resumption else { return }
        if let file = resumption.state.stateFile, hasFiles, features.contains("save") {
            commandCount += 1
            let id = "c\(commandCount)"
            phase = .checkpointing(
                CheckpointStep(id: id, kind: .load(file: file), purpose: .resumption, until: now &+ bounds.saving))
            act(.send(.load(id: id, file: file)))
            return
        }
        if resumption.state.stateFile != nil {
            return resumed(
                [SessionLoss(name: "*", reason: "the saved state of the interpreter could not be read")], replayed: nil,
                now)
        }
        beginReplay(resumption.state.replay, now)
    }

    mutating func resumed(_ lost: [SessionLoss], replayed: Int?, _ now: Int64) {
        guard let resumption else { return }
        self.resumption = nil
        act(.releaseFiles)
        phase = .idle
        use(now)
        emit(
            .restored(
                resumption.name,
                SessionRestoration(
                    method: resumption.state.stateFile == nil ? .replay : .saved,
                    lost: Array((resumption.state.lost + lost).prefix(SessionLoss.maximum)), replayed: replayed)), now)
        proceed(now)
    }
}
