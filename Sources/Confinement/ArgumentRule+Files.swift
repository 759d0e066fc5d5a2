internal import Glibc

extension ArgumentRule {
    /// What is done to descriptors beside reading and writing.
    static func fileRules(loopback: Bool) -> [String: ArgumentRule] {
        // All that a sandbox can write lies in tmpfs, where there is nothing to flush. On a file of the image, though,
        // each of these has the host's disk empty its cache: so they are answered, and never carried out.
        let done = ArgumentRule.always(.errno(0))
        // Flags for reads and writes of one call: RWF_HIPRI, RWF_DSYNC, RWF_SYNC, RWF_APPEND. RWF_NOWAIT tells which pages
        // of a shared file are cached; RWF_DONTCACHE drops them. EOPNOTSUPP is what manuals give for an unknown flag.
        let plainFlags = only(5, .without(~0x17), otherwise: .errno(EOPNOTSUPP))
        return [
            // ENOTTY is the kernel's own word for a request that a file knows nothing of.
            "ioctl": only(
                1, .oneOf(requests + (loopback ? interfaceRequests : [])), otherwise: .errno(ENOTTY)),
            // As on a kernel that does not know the command.
            "fcntl": only(1, .oneOf(commands), otherwise: .errno(EINVAL)),
            "fsync": done,
            "fdatasync": done,
            "sync_file_range": done,
            // MS_SYNC does the same for a shared mapping.
            "msync": only(2, .without(4), otherwise: .errno(0)),
            // POSIX_FADV_DONTNEED throws pages out of the page cache, which sandboxes of one image share. It is a hint:
            // only the clock tells whether it was taken.
            "fadvise64": only(3, .noneOf([4]), otherwise: .errno(0)),
            "preadv2": plainFlags,
            "pwritev2": plainFlags,
            // O_NOTIFICATION_PIPE, which is O_EXCL (CVE-2022-0995).
            "pipe2": only(1, .without(0x80), otherwise: .errno(EINVAL)),
        ]
    }

    /// ioctl(2) on terminals and descriptors. Nothing that reaches into a file system, a block layer or a driver.
    private static let requests: [UInt32] = [
        0x5401, 0x541b, 0x5413, 0x5421,  // TCGETS FIONREAD TIOCGWINSZ FIONBIO
        0x5451, 0x5450,  // FIOCLEX FIONCLEX
        0x5402, 0x5403, 0x5404,  // TCSETS TCSETSW TCSETSF
        0x5405, 0x5406, 0x5407, 0x5408,  // TCGETA TCSETA TCSETAW TCSETAF
        0x802c_542a, 0x402c_542b, 0x402c_542c, 0x402c_542d,  // TCGETS2 TCSETS2 TCSETSW2 TCSETSF2
        0x5409, 0x540a, 0x540b,  // TCSBRK TCXONC TCFLSH
        0x540f, 0x5410, 0x5429,  // TIOCGPGRP TIOCSPGRP TIOCGSID
        0x540e, 0x5422,  // TIOCSCTTY TIOCNOTTY
        0x5411, 0x5414,  // TIOCOUTQ TIOCSWINSZ
    ]

    /// What may be asked about the interfaces of the own network; nothing can be changed there.
    private static let interfaceRequests: [UInt32] = [
        0x8910, 0x8912, 0x8913, 0x8915,  // SIOCGIFNAME SIOCGIFCONF SIOCGIFFLAGS SIOCGIFADDR
        0x8919, 0x891b, 0x8921,  // SIOCGIFBRDADDR SIOCGIFNETMASK SIOCGIFMTU
        0x8927, 0x8933,  // SIOCGIFHWADDR SIOCGIFINDEX
    ]

    /// fcntl(2). Left out: leases and F_NOTIFY, which tell of other tenants' work on the image's files; locks of open file
    /// descriptions, of which /proc/locks names no holder (`LockWatch`); signals of choice; hints to block layers.
    private static let commands: [UInt32] = [
        3, 4, 1, 2,  // F_GETFL F_SETFL F_GETFD F_SETFD
        1030, 0,  // F_DUPFD_CLOEXEC F_DUPFD
        6, 7, 5,  // F_SETLK F_SETLKW F_GETLK
        8, 9,  // F_SETOWN F_GETOWN
        1031, 1032,  // F_SETPIPE_SZ F_GETPIPE_SZ
        1033, 1034,  // F_ADD_SEALS F_GET_SEALS
    ]
}
