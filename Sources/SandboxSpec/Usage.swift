/// What a sandbox has used, all processes together.
///
/// Times are nanoseconds, sizes bytes. `processes` counts tasks (threads too), as the kernel's pids controller does.
package struct Usage: Sendable, Equatable {
    package var wall: Int64 = 0
    package var cpu: Int64 = 0
    package var cpuUser: Int64 = 0
    package var cpuSystem: Int64 = 0
    /// The memory charged to the sandbox now: of its processes, its files, and page cache that it was the first to use.
    package var memory: Int64 = 0
    /// The peak of the processes themselves (docs/policies.md describes how it is measured).
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
