internal import Glibc
internal import RunModel
internal import SessionModel
internal import WardenProtocol

/// What happens because time passes.
extension SessionEngine {
    /// When `tick` wants to be called; nil once the session has ended.
    package var deadline: Int64? {
        let own: Int64
        switch phase {
        case .ended: return nil
        case .ending(_, let until): return until
        case .starting(let until), .keeping(let until), .filling(let until): own = until
        case .checkpointing(let step): own = step.until
        case .idle: own = idleDeadline
        case .running(let cell): own = deadline(of: cell)
        }
        let life = isLifeAnnounced ? lifeEnd : lifeEnd &- announcement(of: limits.life)
        return [own, life, leaveAt, channelLostAt, queries.deadline].compactMap(\.self).min()
    }

    private var idleEnd: Int64 { max(usedAt &+ limits.idle, storeUntil ?? .min) }

    private var idleDeadline: Int64 { isIdleAnnounced ? idleEnd : idleEnd &- announcement(of: limits.idle) }

    private func announcement(of limit: Int64) -> Int64 { min(bounds.announcement, limit / 2) }

    private func deadline(of cell: RunningCell) -> Int64 {
        switch cell.stage {
        case .busy: cell.wallEnd ?? .max
        case .waiting: idleDeadline
        case .interrupting(let times): min(times.again ?? times.end, times.end)
        // The caller drains at once; should it not, the cell's own clock goes on.
        case .draining: cell.startedAt &+ cell.waited &+ cell.limits.wall &+ bounds.interrupting
        }
    }

    /// Does what is due.
    package mutating func tick(now: Int64) {
        switch phase {
        case .ended: return
        case .ending(let end, let until):
            if now >= until {
                act(.giveUp)
                conclude(end, now)
            }
            return
        case .starting, .keeping, .filling, .idle, .running, .checkpointing: break
        }
        expireQueries(now)
        if let channelLostAt, now >= channelLostAt {
            isGuess = true
            return end(
                SessionEnd.Verdict.internalError,
                "the driver's channel has ended: code of a cell closed its descriptor, or the driver stopped reading",
                now)
        }
        if now >= lifeEnd {
            return end(
                SessionEnd.Verdict.life, "the session is as old as it may become",
                limit: SessionLimitReport("life", nanoseconds: limits.life, of: limits.life), now)
        }
        if let leaveAt, now >= leaveAt {
            return end(SessionEnd.Verdict.closed, "its client has left", now)
        }
        if !isLifeAnnounced, now >= lifeEnd &- announcement(of: limits.life) {
            isLifeAnnounced = true
            emit(.closing(.life, seconds: Self.seconds(lifeEnd - now)), now)
        }
        switch phase {
        case .starting(let until):
            if now >= until {
                end(
                    SessionEnd.Verdict.internalError,
                    "the interpreter was not ready after \(bounds.starting / 1_000_000_000) s", isRetryable: true, now)
            }
        case .keeping(let until): if now >= until { filesKept(FilesResult(errno: ETIMEDOUT), now: now) }
        case .filling(let until): if now >= until { filesFilled(FilesResult(errno: ETIMEDOUT), now: now) }
        case .checkpointing(let step):
            if now >= step.until {
                if step.kind.isAboutFiles { return filesDone(FilesResult(errno: ETIMEDOUT), of: step.id, now: now) }
                end(
                    SessionEnd.Verdict.internalError,
                    "the driver did not answer in time about a checkpoint", now)
            }
        case .idle: tickIdle(now)
        case .running(let cell): tick(cell, now)
        case .ending, .ended: break
        }
    }

    private mutating func tickIdle(_ now: Int64) {
        if now >= idleEnd {
            if case .checkpoint = limits.onIdle, storeUntil == nil, case .idle = phase {
                storeUntil = now &+ bounds.storing
                return act(.wantStore)
            }
            if let storeUntil, now < storeUntil { return }
            return end(
                SessionEnd.Verdict.idle, "nobody has used the session",
                limit: SessionLimitReport("idle", nanoseconds: now - usedAt, of: limits.idle), now)
        }
        if !isIdleAnnounced, now >= idleDeadline {
            isIdleAnnounced = true
            emit(.closing(.idle, seconds: Self.seconds(idleEnd - now)), now)
        }
    }

    private mutating func tick(_ cell: RunningCell, _ now: Int64) {
        var cell = cell
        switch cell.stage {
        case .busy:
            if let end = cell.wallEnd, now >= end {
                hit(SessionLimitReport("wall", nanoseconds: cell.wall(at: now), of: cell.limits.wall), cell, now)
            }
        case .waiting: tickIdle(now)
        case .draining:
            if now >= deadline(of: cell) { drained(now: now) }
        case .interrupting(var times):
            if now >= times.end { return endOfPatience(cell, now) }
            if let again = times.again, now >= again {
                times.again = nil
                cell.stage = .interrupting(times)
                phase = .running(cell)
                act(.send(.interrupt(id: cell.id)))
                act(.interrupt)
            }
        }
    }

    private mutating func endOfPatience(_ cell: RunningCell, _ now: Int64) {
        let seconds = bounds.interrupting / 1_000_000_000
        if let limit = cell.limit {
            end(
                SessionEnd.Verdict.cellLimit,
                "cell \(cell.id) came up against its limit \(limit.name) and did not stop in \(seconds) s",
                limit: limit,
                now)
        } else {
            end(
                SessionEnd.Verdict.interruptIgnored,
                "cell \(cell.id) was interrupted and did not stop in \(seconds) s", now)
        }
    }

    private mutating func expireQueries(_ now: Int64) {
        for query in queries.takeOverdue(now) {
            let error =
                query.isSent
                ? APIError(
                    .driverTimeout, "the interpreter did not answer in \(bounds.query / 1_000_000_000) s",
                    retryable: true)
                : APIError(
                    .sessionBusy, "the session is \(state.rawValue), and its driver answers no questions meanwhile",
                    retryable: true)
            act(.answer(query.reply, .failure(error)))
        }
    }
}
