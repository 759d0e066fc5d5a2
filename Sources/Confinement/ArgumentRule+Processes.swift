internal import Glibc

extension ArgumentRule {
    /// What processes make and change of themselves.
    static let processRules: [String: ArgumentRule] = [
        // CLONE_FILES only together with CLONE_THREAD: locks of a table that two processes share would outlive the one that
        // /proc/locks names (`LockWatch`). No C library and no runtime makes such a process.
        "clone": ArgumentRule(
            lines: [
                .allow(
                    .argument(0, .without(namespaceFlags)),
                    .argument(0, .masked(0x1_0400, oneOf: [0x1_0400, 0, 0x1_0000])))
            ], otherwise: .errno(EPERM)),
        "prctl": ArgumentRule(
            lines: [
                .allow(0, .oneOf(operations)),
                // PR_SET_VMA: names of mappings, memory that no cgroup is charged for. Kernels without it say EINVAL, after
                // which runtimes do not try again.
                Line(conditions: [.argument(0, .oneOf([0x5356_4d41]))], answer: .errno(EINVAL)),
            ], otherwise: .errno(EPERM)),
        // Asking (0xffffffff) and the default (0). ADDR_NO_RANDOMIZE and READ_IMPLIES_EXEC weaken the process.
        "personality": only(0, .oneOf([0, 0xffff_ffff]), otherwise: .errno(EPERM)),
        // RLIMIT_CORE stays at 1, which keeps the kernel from starting the host's core-dump helper; with any other value, 0
        // too, it is started as root. `ulimit -c 0` gets what it wants, a crash without a core file, and so is answered 0.
        "setrlimit": only(0, .noneOf([coreLimit]), otherwise: .errno(0)),
        "prlimit64": ArgumentRule(
            lines: [
                .allow(1, .noneOf([coreLimit])),
                // Asking: no new limit.
                .allow(.isNull(2), .isNull(2, .high)),
                // Setting as setrlimit(3) does: no program waits for the old limit.
                Line(conditions: [.isNull(3), .isNull(3, .high)], answer: .errno(0)),
            ], otherwise: .errno(EPERM)),
    ]

    /// Every namespace flag clone(2) takes: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. CLONE_NEWTIME is
    /// inside its signal byte, where only clone3 and unshare read it as a flag.
    private static let namespaceFlags: UInt32 = 0x7e02_0000

    private static let coreLimit: UInt32 = 4  // RLIMIT_CORE

    /// prctl(2): only what programs and their runtimes use; PR_SET_NO_NEW_PRIVS is there because it can only add.
    private static let operations: [UInt32] = [
        15, 16,  // PR_SET_NAME PR_GET_NAME
        1, 2,  // PR_SET_PDEATHSIG PR_GET_PDEATHSIG
        3, 4,  // PR_GET_DUMPABLE PR_SET_DUMPABLE
        21,  // PR_GET_SECCOMP
        23,  // PR_CAPBSET_READ
        27,  // PR_GET_SECUREBITS
        29, 30,  // PR_SET_TIMERSLACK PR_GET_TIMERSLACK
        36, 37,  // PR_SET_CHILD_SUBREAPER PR_GET_CHILD_SUBREAPER
        38, 39,  // PR_SET_NO_NEW_PRIVS PR_GET_NO_NEW_PRIVS
        42,  // PR_GET_THP_DISABLE
        52,  // PR_GET_SPECULATION_CTRL
    ]
}

extension ArgumentRule.Condition {
    fileprivate static func isNull(_ argument: UInt32, _ half: ArgumentRule.Half = .low) -> ArgumentRule.Condition {
        ArgumentRule.Condition(argument: argument, half: half, test: .oneOf([0]))
    }
}
