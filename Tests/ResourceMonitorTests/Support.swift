import ResourceMonitor
import SandboxSpec

let ms: Int64 = 1_000_000
let second: Int64 = 1_000_000_000

/// Limits that no test meets by accident, but for those it names.
func limits(_ changes: [LimitName: Int64] = [:]) throws -> Limits {
    try Limits { name in
        if let value = changes[name] { return value }
        return name == .cpus ? 1000 : name.range.upperBound
    }
}

func sample(
    cpu: Int64 = 0, memory: Int64 = 0, processes: Int64 = 0, disk: Int64 = 0, inodes: Int64 = 0, oomKills: Int64 = 0
) -> ResourceSample {
    var sample = ResourceSample()
    sample.cpu = cpu
    sample.memory = memory
    sample.processes = processes
    sample.disk = disk
    sample.inodes = inodes
    sample.oomKills = oomKills
    return sample
}

func tracker(
    _ changes: [LimitName: Int64], warnAt: UInt8 = 80, startedAt: Int64 = 0, processors: Int = 2,
    cpuQuota: Int64 = 20 * ms
) throws -> LimitTracker {
    LimitTracker(
        limits: try limits(changes), warnAt: warnAt, startedAt: startedAt, processors: processors, cpuQuota: cpuQuota)
}

/// The product's type; in files that import Testing its plain name is ambiguous.
typealias ProgramStatus = ExitStatus
