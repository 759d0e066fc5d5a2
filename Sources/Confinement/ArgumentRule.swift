internal import Glibc

/// A system call that is let through only for some values of one argument.
///
/// The kernel takes every argument named here as 32 bits, so only the low half is compared: a value with high bits set
/// must not slip past a test of all 64 (CVE-2019-10063).
struct ArgumentRule: Sendable {
    /// Which argument, from 0.
    let argument: UInt32
    let test: Test
    /// The answer to what is not let through.
    let errno: Int32

    enum Test: Sendable {
        /// Lets through these values only.
        case oneOf([UInt32])
        /// Lets through all but these values.
        case noneOf([UInt32])
        /// Lets through values without any of these bits.
        case without(bits: UInt32)
    }
}

extension ArgumentRule {
    /// Every namespace flag clone(2) takes: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. CLONE_NEWTIME is
    /// inside its signal byte, where only clone3 and unshare read it as a flag.
    private static let namespaceFlags: UInt32 = 0x7e02_0000

    /// The rules for a network access, by system call. A call that is not here is judged by its name alone.
    static func rules(loopback: Bool) -> [String: ArgumentRule] {
        var families: [UInt32] = [1]  // AF_UNIX
        if loopback { families += [2, 10] }  // AF_INET, AF_INET6
        let family = ArgumentRule(argument: 0, test: .oneOf(families), errno: EAFNOSUPPORT)
        return [
            "clone": ArgumentRule(argument: 0, test: .without(bits: namespaceFlags), errno: EPERM),
            "socket": family,
            "socketpair": family,
            // TIOCSTI and TIOCLINUX type into terminals, TIOCCONS and TIOCSETD redirect them, the rest reach into file
            // systems and block layers through any descriptor.
            "ioctl": ArgumentRule(
                argument: 1,
                test: .noneOf(
                    [
                        0x5412, 0x541c, 0x541d, 0x5423, 0x5437,  // TIOCSTI TIOCLINUX TIOCCONS TIOCSETD TIOCVHANGUP
                        0x4004_6602, 0x4008_6602,  // FS_IOC_SETFLAGS (32 and 64 bit)
                        0x401c_5820,  // FS_IOC_FSSETXATTR
                        0x4004_9409, 0x4020_940d,  // FICLONE FICLONERANGE
                        0xc018_9436,  // FIDEDUPERANGE
                    ]), errno: EPERM),
            // Only what programs and their runtimes use; PR_SET_NO_NEW_PRIVS is there because it can only add.
            "prctl": ArgumentRule(
                argument: 0,
                test: .oneOf(
                    [
                        1, 2,  // PR_SET_PDEATHSIG PR_GET_PDEATHSIG
                        3,  // PR_GET_DUMPABLE
                        4,  // PR_SET_DUMPABLE
                        15, 16,  // PR_SET_NAME PR_GET_NAME
                        21,  // PR_GET_SECCOMP
                        23,  // PR_CAPBSET_READ
                        27,  // PR_GET_SECUREBITS
                        29, 30,  // PR_SET_TIMERSLACK PR_GET_TIMERSLACK
                        36, 37,  // PR_SET_CHILD_SUBREAPER PR_GET_CHILD_SUBREAPER
                        38, 39,  // PR_SET_NO_NEW_PRIVS PR_GET_NO_NEW_PRIVS
                        42,  // PR_GET_THP_DISABLE
                        52,  // PR_GET_SPECULATION_CTRL
                        0x5356_4d41,  // PR_SET_VMA, names of mappings
                    ]), errno: EPERM),
            // Asking (0xffffffff) and the default (0). ADDR_NO_RANDOMIZE and READ_IMPLIES_EXEC weaken the process.
            "personality": ArgumentRule(argument: 0, test: .oneOf([0, 0xffff_ffff]), errno: EPERM),
        ]
    }
}
