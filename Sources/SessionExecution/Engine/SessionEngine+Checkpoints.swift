internal import Glibc
package import RunModel
internal import SandboxSpec
internal import SessionModel
package import WardenProtocol

/// Checkpoints: states of the interpreter, and of its files, to which a session can go back.
///
/// Where the driver can, the interpreter keeps its state itself, in a fork within its own sandbox. Elsewhere the cells that led to it are
/// remembered: `SessionEngine+Restoring.swift`. An archive of the files is kept outside in both cases.
extension SessionEngine {
    struct Checkpoint: Sendable {
        /// What the driver calls it; nil where the cells are executed again.
        let reference: DriverReference?
        /// The cells that led to it.
        let log: ReplayLog
        let files: FilesResult
    }

    /// Keeps the state of the interpreter and the files under a name.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY` unless the session is idle, `CHECKPOINT_EXISTS`, `TOO_MANY_CHECKPOINTS`,
    ///   `INVALID_REQUEST` for a name that cannot be one.
    package mutating func makeCheckpoint(_ name: String, reply: Int, now: Int64) throws(APIError) {
        try refuseBusy()
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
        use(now)
        make(name, .client(reply: reply), now)
    }

    /// Goes back to a state that was kept. It stays kept.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY`, `CHECKPOINT_NOT_FOUND`.
    package mutating func restoreCheckpoint(_ name: String, reply: Int, now: Int64) throws(APIError) {
        try find(name)
        use(now)
        restore(name, .client(reply: reply), now)
    }

    /// Forgets a state that was kept.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY`, `CHECKPOINT_NOT_FOUND`.
    package mutating func dropCheckpoint(_ name: String, reply: Int, now: Int64) throws(APIError) {
        try find(name)
        use(now)
        drop(name, .client(reply: reply), now)
    }

    func refuseBusy() throws(APIError) {
        try refuseOver()
        guard case .idle = phase else {
            throw APIError(
                .sessionBusy, "the session is \(state.rawValue); checkpoints are made and restored while it is idle",
                retryable: true)
        }
    }

    private func find(_ name: String) throws(APIError) {
        try refuseBusy()
        guard Self.isName(name), checkpoints[name] != nil else {
            throw APIError(.checkpointNotFound, "the session has no checkpoint \"\(name.prefix(64))\"")
        }
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

    // MARK: - Steps

    private mutating func begin(
        _ kind: CheckpointStep.Kind, _ purpose: CheckpointStep.Purpose, id: String? = nil, until: Int64, _ now: Int64
    ) -> String {
        if id == nil { commandCount += 1 }
        let id = id ?? "c\(commandCount)"
        phase = .checkpointing(CheckpointStep(id: id, kind: kind, purpose: purpose, until: until))
        enter(.checkpointing, now)
        return id
    }

    /// The files first: when they cannot be kept, nothing else has happened.
    mutating func make(_ name: String, _ purpose: CheckpointStep.Purpose, _ now: Int64) {
        let id = begin(.keep(name), purpose, until: now &+ bounds.files, now)
        act(.pack(id, checkpoint: name))
    }

    mutating func restore(_ name: String, _ purpose: CheckpointStep.Purpose, _ now: Int64) {
        guard let checkpoint = checkpoints[name] else { return }
        guard let reference = checkpoint.reference else { return replay(to: name, checkpoint, purpose, now) }
        let id = begin(.restore(name), purpose, until: now &+ bounds.checkpointing, now)
        act(.send(.restore(id: id, name: name, reference)))
    }

    mutating func drop(_ name: String, _ purpose: CheckpointStep.Purpose, _ now: Int64) {
        guard let checkpoint = checkpoints[name] else { return }
        guard let reference = checkpoint.reference else { return dropped(name, purpose, now) }
        let id = begin(.drop(name), purpose, until: now &+ bounds.checkpointing, now)
        act(.send(.drop(id: id, name: name, reference)))
    }

    /// An order about files has been carried out, or has not.
    ///
    /// - Parameter id: of the order; others than the one that is waited for are late, and are ignored.
    package mutating func filesDone(_ result: FilesResult, of id: String, now: Int64) {
        guard case .checkpointing(let step) = phase, step.id == id else { return }
        switch step.kind {
        case .keep(let name): kept(step, name, result, now)
        case .refill(let name): refilled(step, name, result, now)
        case .pack(let file, let lost): packed(step, file: file, lost: lost, result, now)
        case .tidy, .abandon: tidied(step, now)
        case .make, .restore, .drop, .save, .load: break
        }
    }

    /// Whether `filesDone` of this order would still count: what comes late must not touch the files of the next cell.
    package func awaitsFiles(of id: String) -> Bool {
        if case .checkpointing(let step) = phase { step.id == id } else { false }
    }

    /// The files of a checkpoint are in its archive.
    private mutating func kept(_ step: CheckpointStep, _ name: String, _ result: FilesResult, _ now: Int64) {
        guard result.errno == 0 else {
            return failed(step, .filesFailed, "the files could not be kept: \(Self.text(result.errno))", now)
        }
        let others = checkpoints.values.reduce(0) { $0 + $1.files.bytes }
        guard result.bytes <= bounds.checkpointBytes - others else {
            let room = "allowed are \(bounds.checkpointBytes) (limit disk) in all checkpoints together"
            return failed(
                step, .tooManyCheckpoints, "the files have \(result.bytes) bytes, others \(others), \(room)", now)
        }
        guard features.contains("checkpoint") else { return made(step, name, nil, result, now) }
        _ = begin(.make(name, result), step.purpose, id: step.id, until: now &+ bounds.checkpointing, now)
        act(.send(.checkpoint(id: step.id, name: name)))
    }

    private mutating func made(
        _ step: CheckpointStep, _ name: String, _ reference: DriverReference?, _ files: FilesResult, _ now: Int64
    ) {
        checkpoints[name] = Checkpoint(reference: reference, log: replay, files: files)
        let made = SessionCheckpoint(
            method: checkpointMethod ?? .replay, files: Int(files.files), skipped: Int(files.skipped))
        if !Self.isInternal(name) { emit(.checkpoint(name, made), now) }
        done(step.purpose, .checkpoint(made), now)
    }

    /// The driver has answered.
    mutating func checkpointAnswered(
        _ step: CheckpointStep, _ reply: DriverReply<DriverReference?>, _ now: Int64
    ) {
        switch (step.kind, reply) {
        case (_, .failed(let reason)): failed(step, .queryFailed, reason, now)
        case (.make(let name, let files), .answer(let reference)): made(step, name, reference, files, now)
        case (.drop(let name), .answer): dropped(name, step.purpose, now)
        case (.restore, .answer):
            violate("the driver answered a restore, which is for the interpreter that takes over", now)
        case (.save, .answer), (.load, .answer), (.keep, .answer), (.refill, .answer), (.pack, .answer),
            (.tidy, .answer), (.abandon, .answer):
            break
        }
    }

    /// The interpreter of a checkpoint has taken over. Its files follow: nothing of the one before it writes any more.
    mutating func tookOver(_ step: CheckpointStep, _ now: Int64) {
        guard case .restore(let name) = step.kind, let checkpoint = checkpoints[name] else { return }
        _ = begin(.refill(name), step.purpose, id: step.id, until: now &+ bounds.files, now)
        // What had no place in the archive is not removed for that.
        act(.unpack(step.id, checkpoint: name, replacing: checkpoint.files.skipped == 0))
    }

    private mutating func refilled(_ step: CheckpointStep, _ name: String, _ result: FilesResult, _ now: Int64) {
        guard let checkpoint = checkpoints[name] else { return }
        replay = checkpoint.log
        restored(
            name, step.purpose,
            SessionRestoration(method: .fork, lost: Self.losses(of: checkpoint.files, refilled: result)), now)
    }

    /// Files that are not there again.
    static func losses(of files: FilesResult, refilled: FilesResult) -> [SessionLoss] {
        var lost: [SessionLoss] = []
        if refilled.errno != 0 {
            let reason = "\(refilled.files) of \(files.files) files were brought back: \(text(refilled.errno))"
            lost.append(SessionLoss(name: "/box", reason: reason))
        }
        return lost
    }

    /// All is as it was.
    mutating func restored(
        _ name: String, _ purpose: CheckpointStep.Purpose, _ restoration: SessionRestoration, _ now: Int64
    ) {
        epoch += 1
        emit(.restored(name, restoration), now)
        if case .rollback = purpose { return drop(name, .commit, now) }
        done(purpose, .restored(restoration), now)
    }

    private mutating func dropped(_ name: String, _ purpose: CheckpointStep.Purpose, _ now: Int64) {
        forget(name)
        if !Self.isInternal(name) { emit(.checkpointDropped(name), now) }
        done(purpose, nil, now)
    }

    mutating func forget(_ name: String) {
        checkpoints[name] = nil
        act(.forget(name))
    }

    private mutating func done(_ purpose: CheckpointStep.Purpose, _ answer: DriverAnswer?, _ now: Int64) {
        phase = .idle
        switch purpose {
        case .client(let reply):
            use(now)
            act(.answer(reply, .success(answer)))
        case .before(let cell): return run(cell, now)
        case .commit, .rollback, .resumption: break
        }
        proceed(now)
    }

    private mutating func failed(_ step: CheckpointStep, _ code: APIError.Code, _ reason: String, _ now: Int64) {
        phase = .idle
        switch step.kind {
        case .keep(let name), .make(let name, _): act(.forget(name))
        case .restore, .refill, .drop, .save, .pack, .tidy, .abandon, .load: break
        }
        switch step.purpose {
        case .client(let reply): act(.answer(reply, .failure(APIError(code, reason))))
        case .before(let cell): return refuse(cell, reason, now)
        case .commit: if case .drop(let name) = step.kind { forget(name) }
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
