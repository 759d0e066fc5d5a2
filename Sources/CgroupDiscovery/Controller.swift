/// The cgroup controllers without which no sandbox is made.
package enum Controller: String, Sendable, CaseIterable {
    /// CPU bandwidth: the `cpus` limit.
    case cpu
    /// CPU time of a group. A controller in v1; in v2 every group has it.
    case cpuacct
    case memory, pids
}
