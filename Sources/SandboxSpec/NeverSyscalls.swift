/// System calls that no policy may allow and no sandbox gets, whatever a client requests.
///
/// `Policies` refuses them with the file and line; the warden checks every spec against them again on arrival. A
/// name is listed because the call reaches outside the sandbox, works on the kernel itself, or has often been used to
/// attack the kernel. Programs get ENOSYS, which they must handle on old kernels anyway.
/// Names that the running kernel or libseccomp does not know stay in the list: they cost nothing and take effect later.
package enum NeverSyscalls {
    /// All of the names, as Linux spells them.
    package static let names: Set<String> = Set(
        submission + programs + otherProcesses + keys + mounts + namespaces + handles + kernelImage + system
            + clock + hardware + securityModules + memoryPlacement + leftovers)

    /// Whether a call by this name may never be allowed.
    package static func contains(_ name: String) -> Bool { names.contains(name) }

    /// Socket options (SOL_SOCKET) that no sandbox sets or reads, whatever a client requests: they load programs into the kernel.
    /// Thousands of such programs, which one sandbox makes in seconds, exhaust `net.core.bpf_jit_limit`; then no filter and so no
    /// other sandbox can be made. They have also deadlocked kernels.
    package static let socketOptions: Set<UInt32> = [
        26, 27, 44,  // SO_ATTACH_FILTER (SO_GET_FILTER) SO_DETACH_FILTER SO_LOCK_FILTER
        50, 51, 52, 68,  // SO_ATTACH_BPF SO_ATTACH_REUSEPORT_CBPF SO_ATTACH_REUSEPORT_EBPF SO_DETACH_REUSEPORT_BPF
    ]

    /// A second way to make system calls, which no seccomp filter sees.
    private static let submission = ["io_uring_setup", "io_uring_enter", "io_uring_register"]

    /// Programs inside the kernel, and kernel instrumentation.
    private static let programs = ["bpf", "perf_event_open", "userfaultfd", "seccomp", "syslog", "lookup_dcookie"]

    /// Other processes' memory, descriptors and secrets.
    private static let otherProcesses = [
        "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp",
        "pidfd_getfd",
    ]

    /// Keyrings, which namespaces do not divide.
    private static let keys = ["add_key", "request_key", "keyctl"]

    /// The sandbox's view of the file system is built once, before it is locked down.
    private static let mounts = [
        "mount", "umount", "umount2", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "open_tree",
        "open_tree_attr", "mount_setattr", "statmount", "listmount", "listns", "pivot_root", "chroot", "swapon",
        "swapoff", "quotactl", "quotactl_fd",
    ]

    /// A new user namespace would bring back every capability. `clone3` hides its flags from the filter behind a
    /// pointer; without it the C library uses `clone`, whose flags the filter checks.
    private static let namespaces = ["unshare", "setns", "clone3"]

    /// Handles reach files without a path; fanotify watches whole file systems.
    private static let handles = [
        "open_by_handle_at", "name_to_handle_at", "fanotify_init", "fanotify_mark", "nfsservctl",
    ]

    /// Code that becomes part of the kernel.
    private static let kernelImage = [
        "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module",
        "query_module", "get_kernel_syms",
    ]

    /// The machine as a whole.
    private static let system = ["reboot", "acct", "sethostname", "setdomainname", "vhangup", "uselib", "_sysctl"]

    /// All processes share one clock.
    private static let clock = ["settimeofday", "clock_settime", "clock_adjtime", "adjtimex"]

    /// I/O ports and segment descriptors.
    private static let hardware = ["iopl", "ioperm", "modify_ldt"]

    /// Rules that the program itself adds: no program needs them, and their kernel code is new.
    private static let securityModules = [
        "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "lsm_get_self_attr",
        "lsm_set_self_attr", "lsm_list_modules",
    ]

    /// The host decides the placement of pages; memfd_secret makes pages inaccessible to it.
    private static let memoryPlacement = [
        "migrate_pages", "move_pages", "mbind", "set_mempolicy", "set_mempolicy_home_node", "memfd_secret",
    ]

    /// Interfaces of removed subsystems, and kernel AIO, whose requests share one limit on the whole host.
    private static let leftovers = [
        "afs_syscall", "getpmsg", "putpmsg", "tuxcall", "security", "vserver", "epoll_ctl_old", "epoll_wait_old",
        "remap_file_pages", "sysfs", "ustat", "io_setup", "io_submit",
    ]
}
