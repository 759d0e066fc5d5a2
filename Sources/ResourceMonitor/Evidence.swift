package import SandboxSpec

/// Why the warden itself ended a sandbox.
package enum KillCause: Sendable, Equatable {
    /// A `LimitTracker` said so.
    case limit(LimitHit)
    /// The reader of the output counted this many bytes.
    case output(bytes: Int64)
    /// It held so many bytes of file locks, which are no part of what its cgroup is charged for.
    case locks(bytes: Int64, allowed: Int64)
    case cancelled
    /// The warden is ending, or its client is gone.
    case shutdown
}

/// What is known about the end of a sandbox, gathered in the order it happened.
package struct Evidence: Sendable, Equatable {
    package var limits: Limits
    /// Why it was killed; nil when it ended by itself.
    package private(set) var cause: KillCause?
    /// How the program's first process ended; nil when it is not known.
    package private(set) var status: ExitStatus?
    /// The final account. Its `disk` and `inodes` are those at the end.
    package var usage = Usage()
    /// Processes the kernel killed for memory.
    package var oomKills: Int64 = 0
    /// How often the memory limit was met; nil when unknown.
    package var memoryLimitHits: Int64?
    /// How many forks the process limit refused.
    package var processLimitHits: Int64 = 0
    /// Whether a file was found that is as large as one may be.
    package var hasFullFile = false
    /// A step of ours that failed.
    package var failure: StageFailure?

    package init(limits: Limits) {
        self.limits = limits
    }

    /// The warden is about to kill the sandbox. Only the first reason counts, and none once the program has ended: what
    /// is killed then are its remains.
    ///
    /// - Returns: whether this is the reason that counts.
    @discardableResult
    package mutating func willKill(_ cause: KillCause) -> Bool {
        guard self.cause == nil, status == nil else { return false }
        self.cause = cause
        return true
    }

    /// The program came to its end by itself, met no limit that is counted, and nothing of ours failed.
    package var isCleanExit: Bool {
        guard cause == nil, failure == nil, case .exited = status else { return false }
        return oomKills == 0 && processLimitHits == 0
    }

    /// The program's first process has ended. Only the first report counts. After `willKill` it is kept, for the
    /// outcome to show, but does not decide: even a regular exit came too late.
    package mutating func ended(_ status: ExitStatus) {
        if self.status == nil { self.status = status }
    }
}
