/// What a sandbox uses at one moment, all its processes together.
package struct ResourceSample: Sendable, Equatable {
    /// CPU time so far, nanoseconds.
    package var cpu: Int64 = 0
    /// Bytes of memory charged now.
    package var memory: Int64 = 0
    /// Tasks now, without the sandbox's own init.
    package var processes: Int64 = 0
    /// Bytes and inodes in use in the sandbox's writable file system.
    package var disk: Int64 = 0
    package var inodes: Int64 = 0
    /// Processes the kernel has killed for memory so far.
    package var oomKills: Int64 = 0

    package init() {}
}
