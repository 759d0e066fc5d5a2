internal import RunModel
internal import SandboxSpec
internal import SessionModel

/// Going on without a saved state: the cells that led to it are executed again, and nobody is shown what they write.
extension SessionEngine {
    /// What is being executed again, and what has been.
    struct Replaying: Sendable {
        var waiting: [ReplayCell]
        var done = 0
        var lost: [SessionLoss] = []
        var current: ReplayCell?
        /// Of the running one: what it is still to be given.
        var inputs: [String] = []
        let until: Int64
    }

    /// Whether the cells of this interpreter may have to be executed again. One that can save its state and keeps no checkpoints has its
    /// state in files.
    var isRemembering: Bool { !features.contains("save") }

    /// A cell has ended.
    mutating func remember(_ cell: RunningCell, _ status: CellStatus) {
        guard isRemembering else { return }
        switch status {
        case .ok, .error:
            replay.append(
                ReplayCell(id: cell.id, code: cell.request.code, inputs: cell.inputs, failed: status == .error))
        case .interrupted, .limit, .aborted:
            replay.omit(cell.id, "it ended with \(status.rawValue), and is not executed again")
        }
    }

    mutating func beginReplay(_ cells: [ReplayCell], _ now: Int64) {
        guard !cells.isEmpty else { return replayEnded([], replayed: 0, now) }
        replaying = Replaying(waiting: cells, until: now &+ bounds.replaying)
        replayNext(now)
    }

    private mutating func replayNext(_ now: Int64) {
        guard var run = replaying else { return }
        guard !run.waiting.isEmpty, now < run.until else {
            replaying = nil
            if let next = run.waiting.first {
                run.lost.append(
                    SessionLoss(name: next.id, reason: "and those after it: executing the cells again took too long"))
            }
            return replayEnded(run.lost, replayed: run.done, now)
        }
        let cell = run.waiting.removeFirst()
        run.inputs = cell.inputs
        run.current = cell
        replaying = run
        lastCell = cell.id
        let request = CellRequest(code: cell.code, silent: true)
        phase = .running(
            RunningCell(
                QueuedCell(id: cell.id, request: request, limits: limits.cell), onLimit: .interrupt, startedAt: now,
                cpu: usage.cpu))
        act(.send(.execute(id: cell.id, code: cell.code, silent: true)))
    }

    /// It waits for input: it had some then, or it is stopped.
    mutating func feedReplay(_ cell: RunningCell, _ now: Int64) {
        guard var run = replaying else { return }
        if run.inputs.isEmpty { return interrupt(cell, now) }
        let text = run.inputs.removeFirst()
        replaying = run
        act(.write(Array((text.hasSuffix("\n") ? text : text + "\n").utf8)))
    }

    /// One has ended.
    mutating func replayed(_ cell: RunningCell, _ status: CellStatus, _ now: Int64) {
        guard var run = replaying, let current = run.current else { return }
        let expected = current.failed ? CellStatus.error : .ok
        if status == expected { run.done += 1 }
        if status == .ok || status == .error {
            // When it is saved again, it is executed again as it was now.
            replay.append(
                ReplayCell(id: cell.id, code: current.code, inputs: current.inputs, failed: status == .error))
        }
        if status != expected, run.lost.count < SessionLoss.maximum / 2 {
            let reason = "executed again, it ended with \(status.rawValue), not with \(expected.rawValue)"
            run.lost.append(SessionLoss(name: cell.id, reason: reason))
        }
        run.current = nil
        replaying = run
        phase = .idle
        replayNext(now)
    }
}
