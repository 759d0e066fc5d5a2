/// What a sandbox has used, all processes together.
///
/// Times are nanoseconds, sizes bytes. `processes` counts tasks (threads too), as the kernel's pids controller does.
package struct Usage: Sendable, Equatable {
    package var wall: Int64 = 0
    package var cpu: Int64 = 0
    package var cpuUser: Int64 = 0
    package var cpuSystem: Int64 = 0
    /// What is charged to the sandbox now: memory of its processes, its files, page cache it was first to want.
    package var memory: Int64 = 0
    /// The most the processes used themselves (docs/policies.md says how that is measured).
    package var memoryPeak: Int64 = 0
    /// The most that was charged to the sandbox.
    package var chargedPeak: Int64 = 0
    package var processes: Int64 = 0
    package var processesPeak: Int64 = 0
    /// Bytes in use in the sandbox's one writable file system (/box, /tmp and /dev/shm together).
    package var disk: Int64 = 0
    package var inodes: Int64 = 0

    package init() {}
}
