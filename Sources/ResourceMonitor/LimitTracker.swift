package import SandboxSpec

/// Compares what a sandbox uses with what it may use, and says when to look again. Pure: time comes in as a number.
///
/// Ends a sandbox for `cpu`, `wall`, `idle`, and for `memory` when the kernel has killed one of its processes (the rest
/// must not go on without it; unless they are said to, which is warned about each time). `processes`, `disk` and `inodes` are enforced by the kernel and only warned about. Times
/// are nanoseconds of one monotonic clock, which may start anywhere. Feeding it: take a sample no later than
/// `nextCheck`, pass it to `record`, arm the timer for the new `nextCheck`.
package struct LimitTracker: Sendable {
    /// No two looks closer than this.
    package static let shortestInterval: Int64 = 1_000_000
    /// No look later than this.
    package static let longestInterval: Int64 = 250_000_000

    private static let shortageWindow: Int64 = 50_000_000
    private static let order: [LimitName] = [.cpu, .wall, .idle, .memory, .processes, .disk, .inodes]

    private let limits: Limits
    private let warnAt: UInt8
    private let survivesShortage: Bool
    private var oomKills: Int64 = 0
    private let startedAt: Int64
    private let pace: CPUPace
    private var idle: IdleClock
    private var sample = ResourceSample()
    private var sampledAt: Int64
    private var highestMemory: Int64 = 0
    private var warned: Set<LimitName> = []
    private var isOver = false
    private var shortUntil = Int64.min

    /// - Parameters:
    ///   - limits: those of the sandbox.
    ///   - warnAt: percent of a limit at which it is warned about, 1 to 100.
    ///   - startedAt: when the program was let go.
    ///   - processors: how many the host has; at least 1.
    ///   - cpuQuota: CPU nanoseconds per period of the bandwidth limit (`CPUBandwidth.quotaNanoseconds`): that much may
    ///     be used up in one go.
    ///   - survivesShortage: whether the others go on when the kernel has killed a process for lack of memory.
    ///   - baseline: what the sandbox had used when the program was let go; its CPU time still counts.
    package init(
        limits: Limits, warnAt: UInt8, startedAt: Int64, processors: Int, cpuQuota: Int64,
        survivesShortage: Bool = false, baseline: ResourceSample = ResourceSample()
    ) {
        self.limits = limits
        self.warnAt = warnAt
        self.survivesShortage = survivesShortage
        self.startedAt = startedAt
        pace = CPUPace(millicpus: limits[.cpus], processors: processors, quota: cpuQuota)
        idle = IdleClock(startedAt: startedAt, idle: limits[.idle], millicpus: limits[.cpus])
        sample = baseline
        sampledAt = startedAt
        // It goes along with `wall`, and would only say again what that says.
        if limits[.idle] >= limits[.wall] { warned.insert(.idle) }
    }

    /// The program has produced output.
    package mutating func activity(at now: Int64) {
        idle.alive(at: now)
    }

    /// The kernel has announced that memory is short: it may kill within the next milliseconds.
    package mutating func memoryPressure(at now: Int64) {
        shortUntil = Saturating.add(now, Self.shortageWindow)
    }

    /// Takes a sample in.
    ///
    /// - Returns: warnings, or a kill alone. Of several limits reached in one sample, the kill names the first of
    ///   memory, cpu, wall, idle. Empty after a kill, for ever.
    package mutating func record(_ sample: ResourceSample, at now: Int64) -> [LimitAction] {
        guard !isOver else { return [] }
        idle.used(
            cpu: max(0, Saturating.subtract(sample.cpu, self.sample.cpu)),
            elapsed: max(0, Saturating.subtract(now, sampledAt)), at: now)
        self.sample = sample
        sampledAt = max(sampledAt, now)
        highestMemory = max(highestMemory, sample.memory)
        if sample.oomKills > 0, !survivesShortage { return end(.memory, used: highestMemory) }
        for name in [LimitName.cpu, .wall, .idle] {
            let used = used(of: name, at: now)
            if used >= limits[name] { return end(name, used: used) }
        }
        return shortage(sample) + warnings(at: now)
    }

    private mutating func shortage(_ sample: ResourceSample) -> [LimitAction] {
        guard sample.oomKills > oomKills else { return [] }
        oomKills = sample.oomKills
        warned.insert(.memory)
        // What was there before the kill: the limit itself.
        return [.warn(LimitHit(name: .memory, used: limits[.memory], allowed: limits[.memory]))]
    }

    /// When to take the next sample: the earliest moment at which `cpu`, `wall` or `idle` could be used up or warned
    /// about, 1 to 250 ms from now; nil after a kill.
    package func nextCheck(after now: Int64) -> Int64? {
        guard !isOver else { return nil }
        let soonest = Saturating.add(now, Self.shortestInterval)
        if now < shortUntil { return soonest }
        var next = Saturating.add(now, Self.longestInterval)
        for name in [LimitName.cpu, .wall, .idle] {
            next = min(next, earliest(name, reaches: limits[name]))
            if !warned.contains(name) { next = min(next, earliest(name, reaches: threshold(of: name))) }
        }
        return max(next, soonest)
    }

    // MARK: - Inside

    private func earliest(_ name: LimitName, reaches value: Int64) -> Int64 {
        switch name {
        case .cpu:
            Saturating.add(
                sampledAt, max(pace.shortestInterval, pace.timeToUse(max(0, Saturating.subtract(value, sample.cpu)))))
        case .wall: Saturating.add(startedAt, value)
        default: Saturating.add(idle.lastLife, value)
        }
    }

    private func used(of name: LimitName, at now: Int64) -> Int64 {
        switch name {
        case .cpu: sample.cpu
        case .wall: max(0, Saturating.subtract(now, startedAt))
        case .idle: max(0, Saturating.subtract(now, idle.lastLife))
        case .memory: sample.memory
        case .processes: sample.processes
        case .disk: sample.disk
        case .inodes: sample.inodes
        case .stack, .output, .fileSize, .openFiles, .cpus: 0
        }
    }

    private func threshold(of name: LimitName) -> Int64 {
        Saturating.percent(warnAt, of: limits[name])
    }

    private mutating func end(_ name: LimitName, used: Int64) -> [LimitAction] {
        isOver = true
        return [.kill(LimitHit(name: name, used: used, allowed: limits[name]))]
    }

    private mutating func warnings(at now: Int64) -> [LimitAction] {
        var actions: [LimitAction] = []
        for name in Self.order {
            let used = used(of: name, at: now)
            guard used >= threshold(of: name), warned.insert(name).inserted else { continue }
            actions.append(.warn(LimitHit(name: name, used: used, allowed: limits[name])))
        }
        return actions
    }
}
