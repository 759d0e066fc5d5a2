/// The names of values and flags that calls take, from the kernel's headers of x86_64.
enum ArgumentNames {
    /// What a value is called.
    typealias Values = [UInt64: String]
    /// What bits are called, in the order in which they are told.
    typealias Flags = [(bits: UInt64, name: String)]

    static let families: Values = [
        0: "AF_UNSPEC", 1: "AF_UNIX", 2: "AF_INET", 3: "AF_AX25", 4: "AF_IPX", 5: "AF_APPLETALK", 9: "AF_X25",
        10: "AF_INET6", 15: "AF_KEY", 16: "AF_NETLINK", 17: "AF_PACKET", 21: "AF_RDS", 29: "AF_CAN", 30: "AF_TIPC",
        31: "AF_BLUETOOTH", 33: "AF_RXRPC", 38: "AF_ALG", 39: "AF_NFC", 40: "AF_VSOCK", 43: "AF_SMC", 44: "AF_XDP",
    ]
    static let socketTypes: Values = [
        1: "SOCK_STREAM", 2: "SOCK_DGRAM", 3: "SOCK_RAW", 4: "SOCK_RDM", 5: "SOCK_SEQPACKET", 6: "SOCK_DCCP",
        10: "SOCK_PACKET",
    ]
    static let socketFlags: Flags = [(0x80000, "SOCK_CLOEXEC"), (0x800, "SOCK_NONBLOCK")]
    static let protocols: Values = [
        0: "default", 1: "IPPROTO_ICMP", 6: "IPPROTO_TCP", 17: "IPPROTO_UDP", 33: "IPPROTO_DCCP", 58: "IPPROTO_ICMPV6",
        132: "IPPROTO_SCTP", 255: "IPPROTO_RAW", 262: "IPPROTO_MPTCP",
    ]
    static let levels: Values = [
        0: "SOL_IP", 1: "SOL_SOCKET", 6: "SOL_TCP", 17: "SOL_UDP", 41: "SOL_IPV6", 58: "SOL_ICMPV6", 132: "SOL_SCTP",
        263: "SOL_PACKET", 270: "SOL_NETLINK", 279: "SOL_ALG", 282: "SOL_TLS", 284: "SOL_MPTCP",
    ]
    static let cloneFlags: Flags = [
        (0x2_0000, "CLONE_NEWNS"), (0x200_0000, "CLONE_NEWCGROUP"), (0x400_0000, "CLONE_NEWUTS"),
        (0x800_0000, "CLONE_NEWIPC"), (0x1000_0000, "CLONE_NEWUSER"), (0x2000_0000, "CLONE_NEWPID"),
        (0x4000_0000, "CLONE_NEWNET"), (0x100, "CLONE_VM"), (0x200, "CLONE_FS"), (0x400, "CLONE_FILES"),
        (0x800, "CLONE_SIGHAND"), (0x1000, "CLONE_PIDFD"), (0x2000, "CLONE_PTRACE"), (0x4000, "CLONE_VFORK"),
        (0x8000, "CLONE_PARENT"), (0x1_0000, "CLONE_THREAD"), (0x4_0000, "CLONE_SYSVSEM"), (0x8_0000, "CLONE_SETTLS"),
        (0x10_0000, "CLONE_PARENT_SETTID"), (0x20_0000, "CLONE_CHILD_CLEARTID"), (0x80_0000, "CLONE_UNTRACED"),
        (0x100_0000, "CLONE_CHILD_SETTID"), (0x8000_0000, "CLONE_IO"),
    ]
    /// unshare(2) and setns(2) also take CLONE_NEWTIME, which is in the signal byte of clone(2).
    static let namespaces: Flags = [(0x80, "CLONE_NEWTIME")] + cloneFlags
    static let traceRequests: Values = [
        0: "PTRACE_TRACEME", 1: "PTRACE_PEEKTEXT", 2: "PTRACE_PEEKDATA", 3: "PTRACE_PEEKUSER", 4: "PTRACE_POKETEXT",
        5: "PTRACE_POKEDATA", 6: "PTRACE_POKEUSER", 7: "PTRACE_CONT", 8: "PTRACE_KILL", 9: "PTRACE_SINGLESTEP",
        12: "PTRACE_GETREGS", 13: "PTRACE_SETREGS", 16: "PTRACE_ATTACH", 17: "PTRACE_DETACH", 24: "PTRACE_SYSCALL",
        0x4200: "PTRACE_SETOPTIONS", 0x4201: "PTRACE_GETEVENTMSG", 0x4204: "PTRACE_GETREGSET",
        0x4206: "PTRACE_SEIZE", 0x4207: "PTRACE_INTERRUPT", 0x4208: "PTRACE_LISTEN",
    ]
    static let mountFlags: Flags = [
        (1, "MS_RDONLY"), (2, "MS_NOSUID"), (4, "MS_NODEV"), (8, "MS_NOEXEC"), (0x20, "MS_REMOUNT"),
        (0x1000, "MS_BIND"),
        (0x2000, "MS_MOVE"), (0x4000, "MS_REC"), (0x2_0000, "MS_UNBINDABLE"), (0x4_0000, "MS_PRIVATE"),
        (0x8_0000, "MS_SLAVE"), (0x10_0000, "MS_SHARED"),
    ]
    static let unmountFlags: Flags = [(1, "MNT_FORCE"), (2, "MNT_DETACH"), (4, "MNT_EXPIRE"), (8, "UMOUNT_NOFOLLOW")]
    static let processOperations: Values = [
        1: "PR_SET_PDEATHSIG", 4: "PR_SET_DUMPABLE", 8: "PR_SET_KEEPCAPS", 13: "PR_SET_TIMING", 15: "PR_SET_NAME",
        22: "PR_SET_SECCOMP", 24: "PR_CAPBSET_DROP", 26: "PR_SET_TSC", 28: "PR_SET_SECUREBITS",
        31: "PR_TASK_PERF_EVENTS_DISABLE",
        33: "PR_MCE_KILL", 35: "PR_SET_MM", 41: "PR_SET_THP_DISABLE", 45: "PR_SET_FP_MODE", 47: "PR_CAP_AMBIENT",
        53: "PR_SET_SPECULATION_CTRL", 57: "PR_SET_IO_FLUSHER", 59: "PR_SET_SYSCALL_USER_DISPATCH", 62: "PR_SCHED_CORE",
        65: "PR_SET_MDWE", 67: "PR_SET_MEMORY_MERGE", 0x5356_4d41: "PR_SET_VMA", 0x5961_6d61: "PR_SET_PTRACER",
    ]
    static let advice: Values = [
        12: "MADV_MERGEABLE", 13: "MADV_UNMERGEABLE", 20: "MADV_COLD", 21: "MADV_PAGEOUT", 25: "MADV_COLLAPSE",
        100: "MADV_HWPOISON", 101: "MADV_SOFT_OFFLINE",
    ]
    static let descriptorCommands: Values = [
        10: "F_SETSIG", 11: "F_GETSIG", 15: "F_SETOWN_EX", 16: "F_GETOWN_EX", 36: "F_OFD_GETLK", 37: "F_OFD_SETLK",
        38: "F_OFD_SETLKW", 1024: "F_SETLEASE", 1025: "F_GETLEASE", 1026: "F_NOTIFY", 1027: "F_CREATED_QUERY",
        1035: "F_GET_RW_HINT", 1036: "F_SET_RW_HINT",
    ]
    static let requests: Values = [
        0x5412: "TIOCSTI", 0x541c: "TIOCLINUX", 0x5420: "TIOCPKT", 0x5430: "TIOCGPTN", 0x5431: "TIOCSPTLCK",
        0x5441: "TIOCGPTPEER", 0x8910: "SIOCGIFNAME", 0x8912: "SIOCGIFCONF", 0x8913: "SIOCGIFFLAGS",
        0x8914: "SIOCSIFFLAGS", 0x8915: "SIOCGIFADDR", 0x8916: "SIOCSIFADDR", 0x8927: "SIOCGIFHWADDR",
        0x8933: "SIOCGIFINDEX", 0x890b: "SIOCADDRT", 0x4004_9409: "FICLONE", 0x4020_940d: "FICLONERANGE",
        0x8008_6601: "FS_IOC_GETFLAGS", 0x4008_6602: "FS_IOC_SETFLAGS", 0xc020_660b: "FS_IOC_FIEMAP",
        0x5452: "FIOASYNC", 0x8004_5430: "TIOCGPTN", 0x4004_5431: "TIOCSPTLCK",
    ]
    static let keyOperations: Values = [
        0: "KEYCTL_GET_KEYRING_ID", 1: "KEYCTL_JOIN_SESSION_KEYRING", 2: "KEYCTL_UPDATE", 3: "KEYCTL_REVOKE",
        5: "KEYCTL_SETPERM", 6: "KEYCTL_DESCRIBE", 8: "KEYCTL_LINK", 10: "KEYCTL_SEARCH", 11: "KEYCTL_READ",
    ]
    static let bpfCommands: Values = [0: "BPF_MAP_CREATE", 5: "BPF_PROG_LOAD", 6: "BPF_OBJ_PIN", 8: "BPF_PROG_ATTACH"]
    static let filterOperations: Values = [
        0: "SECCOMP_SET_MODE_STRICT", 1: "SECCOMP_SET_MODE_FILTER", 2: "SECCOMP_GET_ACTION_AVAIL",
        3: "SECCOMP_GET_NOTIF_SIZES",
    ]
    static let resources: Values = [
        0: "RLIMIT_CPU", 1: "RLIMIT_FSIZE", 2: "RLIMIT_DATA", 3: "RLIMIT_STACK", 4: "RLIMIT_CORE", 5: "RLIMIT_RSS",
        6: "RLIMIT_NPROC", 7: "RLIMIT_NOFILE", 8: "RLIMIT_MEMLOCK", 9: "RLIMIT_AS",
    ]
    static let personalities: Flags = [
        (0x4_0000, "ADDR_NO_RANDOMIZE"), (0x10_0000, "MMAP_PAGE_ZERO"), (0x40_0000, "READ_IMPLIES_EXEC"),
        (0x80_0000, "ADDR_LIMIT_32BIT"),
    ]
    static let mapFlags: Flags = [
        (1, "MAP_SHARED"), (2, "MAP_PRIVATE"), (0x10, "MAP_FIXED"), (0x20, "MAP_ANONYMOUS"), (0x4_0000, "MAP_HUGETLB"),
    ]
    static let memoryFileFlags: Flags = [
        (1, "MFD_CLOEXEC"), (2, "MFD_ALLOW_SEALING"), (4, "MFD_HUGETLB"), (8, "MFD_NOEXEC_SEAL"), (16, "MFD_EXEC"),
    ]
    static let pipeFlags: Flags = [
        (0x80, "O_NOTIFICATION_PIPE"), (0x800, "O_NONBLOCK"), (0x4000, "O_DIRECT"), (0x80000, "O_CLOEXEC"),
    ]
    static let messageFlags: Flags = [
        (1, "MSG_OOB"), (2, "MSG_PEEK"), (0x40, "MSG_DONTWAIT"), (0x4000, "MSG_NOSIGNAL"),
    ]
    static let readFlags: Flags = [
        (8, "RWF_NOWAIT"), (1, "RWF_HIPRI"), (2, "RWF_DSYNC"), (4, "RWF_SYNC"), (0x10, "RWF_APPEND"),
        (0x40, "RWF_ATOMIC"), (0x80, "RWF_DONTCACHE"),
    ]
    static let sharedMemoryFlags: Flags = [(0x200, "IPC_CREAT"), (0x400, "IPC_EXCL"), (0x800, "SHM_HUGETLB")]
}
