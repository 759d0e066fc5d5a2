internal import Glibc
package import RunModel
package import SandboxSpec
internal import SandboxSupply
internal import SessionModel
package import WardenProtocol

/// What is heard of the sandbox, and how a session ends.
extension SessionEngine {
    /// There is no sandbox to be had.
    package mutating func leaseFailed(_ error: APIError, now: Int64) {
        end(
            SessionEnd.Verdict.internalError, "no sandbox could be started: \(error.message)",
            isRetryable: error.retryable, now)
    }

    /// A new sample.
    package mutating func sampled(_ sample: Usage, now: Int64) {
        switch phase {
        case .ended: return
        case .starting, .keeping, .filling, .idle, .running, .checkpointing, .ending: break
        }
        note(sample, now)
        if case .running(let cell) = phase, usage.cpu - cell.cpuAtStart > cell.limits.cpu {
            hit(
                SessionLimitReport("cpu", nanoseconds: usage.cpu - cell.cpuAtStart, of: cell.limits.cpu), cell, now)
        }
        if cpuBefore + usage.cpu > limits.cpu {
            let report = SessionLimitReport("cpu", nanoseconds: cpuBefore + usage.cpu, of: limits.cpu)
            end(Verdict.cpuLimit.rawValue, "the session has used its processor time", limit: report, now)
        }
    }

    /// The interpreter before this one has been given up. Samples are a quarter of a second apart: this is the whole.
    ///
    /// - Parameter cpu: nanoseconds that its sandbox has used.
    package mutating func discarded(cpu: Int64) {
        guard !isOver, cpu > cpuSampled else { return }
        cpuBefore += cpu - cpuSampled
        cpuSampled = cpu
    }

    private mutating func note(_ sample: Usage, _ now: Int64) {
        usage = sample
        guard case .running(var cell) = phase else { return }
        cell.sampled(sample.cpu, now)
        phase = .running(cell)
    }

    /// The channel has ended, or cannot be written to. The end of the sandbox may be on its way.
    package mutating func channelLost(now: Int64) {
        switch phase {
        case .keeping, .ending, .ended: return
        case .starting, .filling, .idle, .running, .checkpointing:
            channelLostAt = channelLostAt ?? now &+ bounds.channelLost
        }
    }

    /// The sandbox is gone; all that it wrote has been read.
    ///
    /// - Parameter isLoss: it had been prepared and died before its program could run.
    package mutating func finished(_ outcome: SandboxOutcome, isLoss: Bool, now: Int64) {
        switch phase {
        case .ended: return
        case .ending(let decided, _):
            usage = outcome.usage
            conclude(isGuess && outcome.verdict != .cancelled ? Self.end(outcome, lastCell) : decided, now)
        case .starting where isLoss && !hasRetried:
            hasRetried = true
            beginProcess(isCold: true, now)
        case .keeping:
            note(outcome.usage, now)
            filesKept(FilesResult(errno: ESRCH), now: now)
        case .starting, .filling, .idle, .running, .checkpointing:
            note(outcome.usage, now)
            let end = Self.end(outcome, lastCell)
            if case .running(var cell) = phase, cell.error == nil {
                // Whoever waits for the cell hears how its interpreter ended.
                cell.error = CellError(exception: "InterpreterEnded", message: end.reason, traceback: [])
                phase = .running(cell)
            }
            abandonWork(Self.over(), limit: end.limit, now)
            conclude(end, now)
        }
    }

    /// What the end of the sandbox says of that of the session.
    private static func end(_ outcome: SandboxOutcome, _ lastCell: String?) -> SessionEnd {
        let (verdict, reason) = explain(outcome)
        return SessionEnd(
            verdict: verdict, reason: reason, exitCode: exitCode(outcome),
            limit: outcome.limit.flatMap { outcome.verdict.isLimit ? SessionLimitReport($0) : nil },
            executionID: lastCell, isRetryable: outcome.verdict == .internalError)
    }

    private static func exitCode(_ outcome: SandboxOutcome) -> Int32? {
        guard [.ok, .nonzeroExit].contains(outcome.verdict), case .exited(let code)? = outcome.status else {
            return nil
        }
        return Int32(code)
    }

    private static func explain(_ outcome: SandboxOutcome) -> (verdict: String, reason: String) {
        switch (outcome.verdict, outcome.status) {
        case (.ok, _): (SessionEnd.Verdict.exited, "the interpreter ended with exit status 0")
        case (.nonzeroExit, .exited(let code)?):
            (outcome.verdict.rawValue, "the interpreter ended with exit status \(code)")
        case (.signaled, .signaled(let number)?):
            (outcome.verdict.rawValue, "the interpreter was ended by signal \(number)")
        case (.internalError, _):
            (SessionEnd.Verdict.internalError, "the sandbox failed: \(APIError(outcome.failure).message)")
        default:
            (
                outcome.verdict.rawValue,
                outcome.limit.map { "the session came up against its limit \($0.name.rawValue)" }
                    ?? "the sandbox was ended: \(outcome.verdict.rawValue)"
            )
        }
    }

    /// A sandbox of its own for the next interpreter.
    mutating func beginProcess(isCold: Bool = false, _ now: Int64) {
        process += 1
        cpuBefore += usage.cpu
        cpuSampled = usage.cpu
        usage = Usage()
        features = []
        // What the interpreter kept in its memory is gone with it.
        for (name, checkpoint) in checkpoints where restoring == nil || checkpoint.reference != nil { forget(name) }
        replay.clear()
        (replaying, refilling) = (nil, nil)
        channelLostAt = nil
        backgroundBytes = 0
        phase = .starting(until: now &+ bounds.starting)
        act(.lease(process: process, isCold: isCold))
    }

    /// Decides the end, and has the sandbox ended; the last event comes when it is gone.
    mutating func end(
        _ verdict: String, _ reason: String, limit: SessionLimitReport? = nil, isRetryable: Bool = false, _ now: Int64
    ) {
        switch phase {
        case .ending, .ended: return
        case .starting, .keeping, .filling, .idle, .running, .checkpointing: break
        }
        abandonWork(Self.over(), limit: limit, now)
        let end = SessionEnd(
            verdict: verdict, reason: reason, limit: limit, executionID: lastCell, isRetryable: isRetryable)
        phase = .ending(end, until: now &+ bounds.ending)
        act(.kill)
    }

    /// There is no sandbox, or none that anybody will hear of.
    package mutating func gone(now: Int64) {
        if case .ending(let decided, _) = phase { conclude(decided, now) }
    }

    /// Nothing that was asked for will be answered.
    mutating func abandonWork(_ error: APIError, limit: SessionLimitReport?, _ now: Int64) {
        if case .client(let reply)? = restoring?.purpose { act(.answer(reply, .failure(error))) }
        restoring = nil
        switch phase {
        case .running where replaying != nil: replaying = nil
        case .running(let cell):
            let limit = limit ?? cell.limit
            if cell.isInterrupted || cell.limit != nil { emit(.interrupted(cell.id, isKept: false), now) }
            finish(cell, limit == nil ? .aborted : .limit, limit, now)
        case .checkpointing(let step):
            switch step.purpose {
            case .client(let reply): act(.answer(reply, .failure(error)))
            case .before(let cell):
                emit(.executionFinished(cell.id, .aborted, seconds: 0, CellUsage(), nil), now)
            case .commit, .rollback, .resumption: break
            }
        case .starting, .keeping, .filling, .idle, .ending, .ended: break
        }
        abortQueue(now)
        for query in queries.takeAll() { act(.answer(query.reply, .failure(error))) }
    }

    /// The last event.
    mutating func conclude(_ end: SessionEnd, _ now: Int64) {
        phase = .ended
        checkpoints = [:]
        enter(.ended, now)
        emit(
            .ended(
                SessionEnd(
                    verdict: end.verdict, reason: end.reason, exitCode: end.exitCode, limit: end.limit,
                    usage: UsageReport(usage), executionID: end.executionID, isRetryable: end.isRetryable)), now)
        act(.discard)
    }
}

extension Verdict {
    var isLimit: Bool {
        switch self {
        case .cpuLimit, .wallLimit, .idleLimit, .memoryLimit, .outputLimit, .diskLimit: true
        case .ok, .nonzeroExit, .signaled, .compileError, .syscallDenied, .cancelled, .internalError: false
        }
    }
}
