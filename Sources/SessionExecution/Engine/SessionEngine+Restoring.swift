internal import RunModel
internal import SessionModel
internal import WardenProtocol

/// Going back to a checkpoint without a fork: a new interpreter in a new sandbox is given the files, executes the cells again that led to
/// the checkpoint, and is given the files once more, because cells may have written to them.
extension SessionEngine {
    /// The checkpoint to which a new interpreter is on its way.
    struct Restoring: Sendable {
        let name: String
        let checkpoint: Checkpoint
        let purpose: CheckpointStep.Purpose
    }

    /// What has been executed again, while the files are brought back.
    struct Refilling: Sendable {
        let lost: [SessionLoss]
        let replayed: Int
    }

    mutating func replay(
        to name: String, _ checkpoint: Checkpoint, _ purpose: CheckpointStep.Purpose, _ now: Int64
    ) {
        restoring = Restoring(name: name, checkpoint: checkpoint, purpose: purpose)
        enter(.checkpointing, now)
        act(.discard)
        hasRetried = false
        carriesFiles = true
        carried = checkpoint.files
        act(.handOn(name))
        beginProcess(now)
    }

    /// The new interpreter has the files that its cells may read.
    mutating func filled(_ result: FilesResult, _ now: Int64) {
        guard let restoring else { return }
        phase = .idle
        beginReplay(restoring.checkpoint.log.cells, now)
    }

    /// The cells have been executed again, as far as they could be.
    mutating func replayEnded(_ lost: [SessionLoss], replayed: Int, _ now: Int64) {
        if resumption != nil, replayed == 0, lost.isEmpty { return resumed([], replayed: nil, now) }
        refilling = Refilling(lost: lost, replayed: replayed)
        phase = .filling(until: now &+ bounds.files)
        act(.fillFiles(replacing: true))
    }

    /// The files are what they were.
    mutating func refilled(_ refilling: Refilling, _ result: FilesResult, _ now: Int64) {
        self.refilling = nil
        let lost = refilling.lost + Self.losses(of: carried, refilled: result)
        guard let restoring else { return resumed(lost, replayed: refilling.replayed, now) }
        self.restoring = nil
        replay.inherit(restoring.checkpoint.log)
        act(.releaseFiles)
        phase = .idle
        let all = Array((restoring.checkpoint.log.losses + lost).prefix(SessionLoss.maximum))
        restored(
            restoring.name, restoring.purpose,
            SessionRestoration(
                method: checkpointMethod ?? .replay, lost: all, replayed: isRemembering ? refilling.replayed : nil), now
        )
    }

    /// Whether there is an interpreter that has said what it can.
    var hasInterpreter: Bool {
        switch phase {
        case .starting, .keeping: false
        case .filling, .idle, .running, .checkpointing, .ending, .ended: true
        }
    }
}
