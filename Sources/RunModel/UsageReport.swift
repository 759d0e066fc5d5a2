package import SandboxSpec

/// What a run, or a step of it, has used, as events and results show it: milliseconds and bytes.
package struct UsageReport: Sendable, Equatable, Codable {
    package var cpuMilliseconds: Double = 0
    package var cpuUserMilliseconds: Double = 0
    package var cpuSystemMilliseconds: Double = 0
    package var wallMilliseconds: Double = 0
    /// The most the processes used themselves.
    package var memoryPeakBytes: Int64 = 0
    /// The most that was charged to the sandbox, page cache included.
    package var cgroupPeakBytes: Int64 = 0
    package var processesPeak: Int64 = 0
    package var diskBytes: Int64 = 0
    package var inodes: Int64 = 0

    package init() {}

    package init(_ usage: Usage) {
        cpuMilliseconds = usage.cpu.milliseconds
        cpuUserMilliseconds = usage.cpuUser.milliseconds
        cpuSystemMilliseconds = usage.cpuSystem.milliseconds
        wallMilliseconds = usage.wall.milliseconds
        memoryPeakBytes = usage.memoryPeak
        cgroupPeakBytes = usage.chargedPeak
        processesPeak = usage.processesPeak
        diskBytes = usage.disk
        inodes = usage.inodes
    }

    /// The usage of steps one after the other: times add up, peaks and sizes are those of the last step, the program's own:
    /// what its compiler used is in `steps`.
    package func followed(by next: UsageReport) -> UsageReport {
        func sum(_ a: Double, _ b: Double) -> Double { ((a + b) * 1000).rounded() / 1000 }
        var total = self
        total.cpuMilliseconds = sum(cpuMilliseconds, next.cpuMilliseconds)
        total.cpuUserMilliseconds = sum(cpuUserMilliseconds, next.cpuUserMilliseconds)
        total.cpuSystemMilliseconds = sum(cpuSystemMilliseconds, next.cpuSystemMilliseconds)
        total.wallMilliseconds = sum(wallMilliseconds, next.wallMilliseconds)
        total.memoryPeakBytes = next.memoryPeakBytes
        total.cgroupPeakBytes = next.cgroupPeakBytes
        total.processesPeak = next.processesPeak
        total.diskBytes = next.diskBytes
        total.inodes = next.inodes
        return total
    }

    private enum CodingKeys: String, CodingKey {
        case cpuMilliseconds = "cpu_ms"
        case cpuUserMilliseconds = "cpu_user_ms"
        case cpuSystemMilliseconds = "cpu_system_ms"
        case wallMilliseconds = "wall_ms"
        case memoryPeakBytes = "memory_peak_bytes"
        case cgroupPeakBytes = "cgroup_peak_bytes"
        case processesPeak = "processes_peak"
        case diskBytes = "disk_bytes"
        case inodes
    }
}
