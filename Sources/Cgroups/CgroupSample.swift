/// What is read often while a sandbox runs: four reads of open files.
package struct CgroupSample: Sendable, Equatable {
    /// CPU time of all processes, living and dead, in nanoseconds.
    package var cpu: Int64 = 0
    /// Bytes charged now: anonymous memory, page cache, tmpfs files, kernel objects.
    package var memory: Int64 = 0
    /// Tasks (threads too), without the sandbox's own init.
    package var processes: Int64 = 0
    /// Processes the kernel has killed for memory.
    package var oomKills: Int64 = 0

    package init() {}
}

/// What is read seldom: for usage events and for the verdict. Its files are opened each time.
package struct CgroupDetail: Sendable, Equatable {
    /// Nanoseconds in user and in kernel mode; the kernel derives them from ticks, so the sum may differ from `cpu`.
    package var cpuUser: Int64 = 0
    package var cpuSystem: Int64 = 0
    /// Highest memory charge in bytes. Where the kernel keeps none (v2 before 5.19): the highest that was sampled.
    package var memoryPeak: Int64 = 0
    /// Bytes of anonymous memory and of files in memory (tmpfs, shared memory) now: what is the processes' own of what is
    /// charged. Page cache is not: the first process to read a file of the image is charged for it.
    package var memoryOwn: Int64 = 0
    /// How often a charge met the memory limit, at least 1 if it ever did. 0 together with an OOM kill: the memory of
    /// the host, or of a group above, was short.
    package var memoryLimitHits: Int64 = 0
    /// Highest number of tasks, without the init. Where the kernel keeps none: the highest that was sampled.
    package var processesPeak: Int64 = 0
    /// How many forks the process limit refused.
    package var processLimitHits: Int64 = 0

    package init() {}
}
