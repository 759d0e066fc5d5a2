extension StageFailure {
    private static let noSuchResource: Int32 = 11
    private static let noMemory: Int32 = 12
    private static let tooManyFiles: Int32 = 23
    private static let tooManyDescriptors: Int32 = 24
    private static let noSpace: Int32 = 28
    private static let tooManyUsers: Int32 = 87
    private static let timedOut: Int32 = 110
    private static let notSupported: Int32 = 524

    /// A fix for the operator of the machine, when the errno alone does not suggest one; nil when there is nothing to add.
    package var advice: String? {
        switch (stage, errno) {
        case ("seccomp", Self.notSupported), ("seccomp", Self.noMemory):
            "the kernel has no room left for system-call filters: raise net.core.bpf_jit_limit, and find out what fills it"
        case ("clone", Self.noSpace), ("clone", Self.tooManyUsers):
            "the number of namespaces is used up: raise user.max_user_namespaces and its like"
        case ("clone", Self.noSuchResource), ("program_fork", Self.noSuchResource):
            "the number of processes is used up: kernel.pid_max, kernel.threads-max, or the pids limit of the service's cgroup"
        case ("cgroup_create", Self.noSpace), ("cgroup_create", Self.noSuchResource):
            "the number of cgroups is used up: cgroup.max.descendants, or groups that were never removed"
        case (_, Self.tooManyFiles): "the machine's open files are used up: raise fs.file-max"
        case (_, Self.tooManyDescriptors): "the process's open files are used up: raise RLIMIT_NOFILE (LimitNOFILE)"
        case ("kill", Self.timedOut):
            "a task of the sandbox does not act on SIGKILL, it waits in the kernel or is frozen: see dmesg and /proc/PID/stack"
        default: nil
        }
    }
}
