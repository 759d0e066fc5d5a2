internal import SandboxSpec

/// Decides how a run ended, from evidence alone: our own kill, then the kernel's memory kills, then a failure of ours,
/// then the wait status. Pure, and the same answer for the same evidence.
package enum VerdictJudge {
    // Linux's numbers; the same on every architecture Nestbox supports.
    private static let sigbus: UInt8 = 7
    private static let sigkill: UInt8 = 9
    private static let sigxcpu: UInt8 = 24
    private static let sigxfsz: UInt8 = 25
    private static let sigsys: UInt8 = 31
    private static let outOfMemory: Int32 = 12
    private static let cancelledOperation: Int32 = 125
    private static let noChild: Int32 = 10
    /// The writable file system is full when not even one more page fits.
    private static let page: Int64 = 4096

    package static func judge(_ evidence: Evidence) -> VerdictDecision {
        switch evidence.cause {
        case .limit(let hit): return judge(evidence, killedFor: hit)
        case .output(let bytes):
            let hit = LimitHit(name: .output, used: bytes, allowed: evidence.limits[.output])
            return VerdictDecision(.outputLimit, limit: hit)
        case .locks(let bytes, let allowed):
            return VerdictDecision(.memoryLimit, limit: LimitHit(name: .memory, used: bytes, allowed: allowed))
        case .cancelled: return VerdictDecision(.cancelled)
        case .shutdown:
            let failure = evidence.failure ?? StageFailure(stage: "warden_shutdown", errno: cancelledOperation)
            return VerdictDecision(.internalError, failure: failure)
        case nil: break
        }
        if evidence.oomKills > 0 { return memory(evidence) }
        if let failure = evidence.failure { return VerdictDecision(.internalError, failure: failure) }
        switch evidence.status {
        case .exited(0): return VerdictDecision(.ok)
        case .exited: return judgeExit(evidence)
        case .signaled(let signal): return judge(evidence, signal: signal)
        case nil:
            return VerdictDecision(.internalError, failure: StageFailure(stage: "init_lost", errno: noChild))
        }
    }

    private static func judge(_ evidence: Evidence, killedFor hit: LimitHit) -> VerdictDecision {
        switch hit.name {
        case .memory: return memory(evidence)
        // The final account is later than the sample that decided, and nearer to the truth.
        case .cpu: return VerdictDecision(.cpuLimit, limit: raised(hit, to: evidence.usage.cpu))
        case .wall: return VerdictDecision(.wallLimit, limit: hit)
        case .idle: return VerdictDecision(.idleLimit, limit: hit)
        case .output: return VerdictDecision(.outputLimit, limit: hit)
        case .disk, .inodes, .fileSize: return VerdictDecision(.diskLimit, limit: hit)
        case .stack, .processes, .openFiles, .cpus:
            // No program is killed for these; the program gets an error from the kernel.
            let failure = StageFailure(stage: "kill_cause", errno: 0, object: hit.name.rawValue)
            return VerdictDecision(.internalError, limit: hit, failure: failure)
        }
    }

    private static func memory(_ evidence: Evidence) -> VerdictDecision {
        // Killed without ever having met its own limit: the host was short, which is not the program's doing.
        if evidence.memoryLimitHits == 0 {
            let failure = StageFailure(stage: "host_memory", errno: outOfMemory, object: "memory of the host")
            return VerdictDecision(.internalError, failure: failure)
        }
        var used = evidence.usage.chargedPeak
        if case .limit(let hit) = evidence.cause { used = max(used, hit.used) }
        return VerdictDecision(
            .memoryLimit, limit: LimitHit(name: .memory, used: used, allowed: evidence.limits[.memory]))
    }

    private static func judgeExit(_ evidence: Evidence) -> VerdictDecision {
        if let hit = full(evidence) { return VerdictDecision(.diskLimit, limit: hit) }
        return VerdictDecision(.nonzeroExit, limit: met(evidence))
    }

    private static func judge(_ evidence: Evidence, signal: UInt8) -> VerdictDecision {
        switch signal {
        case sigsys: return VerdictDecision(.syscallDenied)
        case sigxfsz:
            let allowed = evidence.limits[.fileSize]
            return VerdictDecision(.diskLimit, limit: LimitHit(name: .fileSize, used: allowed, allowed: allowed))
        case sigxcpu, sigkill:
            // RLIMIT_CPU, which stands behind the limit, should the warden not have watched.
            let cpu = evidence.limits[.cpu]
            if evidence.usage.cpu >= cpu {
                return VerdictDecision(.cpuLimit, limit: LimitHit(name: .cpu, used: evidence.usage.cpu, allowed: cpu))
            }
        case sigbus:
            // A page of a mapped file that the full file system had no room for.
            if let hit = full(evidence) { return VerdictDecision(.diskLimit, limit: hit) }
        default: break
        }
        return VerdictDecision(.signaled, limit: met(evidence))
    }

    private static func full(_ evidence: Evidence) -> LimitHit? {
        let usage = evidence.usage
        let disk = evidence.limits[.disk]
        let inodes = evidence.limits[.inodes]
        if usage.disk > disk - page { return LimitHit(name: .disk, used: usage.disk, allowed: disk) }
        if usage.inodes >= inodes { return LimitHit(name: .inodes, used: usage.inodes, allowed: inodes) }
        return nil
    }

    /// A limit the program came up against without being ended for it; it may be why it failed.
    private static func met(_ evidence: Evidence) -> LimitHit? {
        let processes = evidence.limits[.processes]
        if evidence.processLimitHits > 0 { return LimitHit(name: .processes, used: processes, allowed: processes) }
        if evidence.hasFullFile {
            let size = evidence.limits[.fileSize]
            return LimitHit(name: .fileSize, used: size, allowed: size)
        }
        let cpu = evidence.limits[.cpu]
        if evidence.usage.cpu >= cpu { return LimitHit(name: .cpu, used: evidence.usage.cpu, allowed: cpu) }
        return nil
    }

    private static func raised(_ hit: LimitHit, to used: Int64) -> LimitHit {
        LimitHit(name: hit.name, used: max(hit.used, used), allowed: hit.allowed)
    }
}
