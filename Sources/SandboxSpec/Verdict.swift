/// How a run ended. Decided from evidence, in order: our own kill, cgroup events, the wait status.
package enum Verdict: String, Sendable, CaseIterable {
    case ok
    case nonzeroExit = "nonzero_exit"
    case signaled
    case compileError = "compile_error"
    case cpuLimit = "cpu_limit"
    case wallLimit = "wall_limit"
    case idleLimit = "idle_limit"
    case memoryLimit = "memory_limit"
    case outputLimit = "output_limit"
    case diskLimit = "disk_limit"
    case syscallDenied = "syscall_denied"
    case cancelled
    /// A fault of Nestbox, retryable, never of the user.
    case internalError = "internal_error"
}

/// What the program's process ended with (wait(2)).
package enum ExitStatus: Sendable, Equatable {
    case exited(UInt8)
    case signaled(UInt8)
}
