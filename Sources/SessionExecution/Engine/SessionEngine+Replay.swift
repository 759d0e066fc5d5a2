internal import RunModel
internal import SandboxSpec
internal import SessionModel

/// Going on without a saved state: the cells that ended well are executed again, and nobody is shown what they write.
extension SessionEngine {
    /// What is being executed again, and what has been.
    struct Replaying: Sendable {
        var waiting: [ReplayCell]
        var done = 0
        var lost: [SessionLoss] = []
        /// Of the running one: what it is still to be given.
        var inputs: [String] = []
        let until: Int64
    }

    mutating func beginReplay(_ cells: [ReplayCell], _ now: Int64) {
        guard !cells.isEmpty else { return resumed([], replayed: nil, now) }
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
            return resumed(run.lost, replayed: run.done, now)
        }
        let cell = run.waiting.removeFirst()
        run.inputs = cell.inputs
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
        // When it is saved again, it still has it.
        var fed = cell
        fed.inputs.append(text)
        phase = .running(fed)
        act(.write(Array((text.hasSuffix("\n") ? text : text + "\n").utf8)))
    }

    /// One has ended.
    mutating func replayed(_ cell: RunningCell, _ status: CellStatus, _ now: Int64) {
        guard var run = replaying else { return }
        if status == .ok {
            run.done += 1
            replay.append(ReplayCell(id: cell.id, code: cell.request.code, inputs: cell.inputs))
        } else if run.lost.count < SessionLoss.maximum {
            run.lost.append(
                SessionLoss(name: cell.id, reason: "executed again, it ended with \(status.rawValue), not with ok"))
        }
        replaying = run
        phase = .idle
        replayNext(now)
    }
}
