internal import Glibc

extension ArgumentRule {
    /// What memory is made of, and what is asked of it.
    static let memoryRules: [String: ArgumentRule] = [
        // MAP_HUGETLB, MFD_HUGETLB, SHM_HUGETLB: pages out of the host's pool (vm.nr_hugepages), which the limit "memory"
        // does not count. Each answers as on a host that has none to give.
        "mmap": only(3, .without(0x4_0000), otherwise: .errno(ENOMEM)),
        "memfd_create": only(1, .without(4), otherwise: .errno(EINVAL)),
        "shmget": only(2, .without(0x800), otherwise: .errno(EPERM)),
        "madvise": only(2, .oneOf(advice), otherwise: .errno(EINVAL)),
    ]

    /// Left out: MADV_COLD and MADV_PAGEOUT, which reach pages of the image in the shared cache; MADV_MERGEABLE, by whose
    /// timing one tenant learns what another has in memory; MADV_COLLAPSE, which makes the image's pages over.
    private static let advice: [UInt32] = [
        4, 8, 14, 15,  // MADV_DONTNEED MADV_FREE MADV_HUGEPAGE MADV_NOHUGEPAGE
        0, 1, 2, 3,  // MADV_NORMAL MADV_RANDOM MADV_SEQUENTIAL MADV_WILLNEED
        9, 10, 11,  // MADV_REMOVE MADV_DONTFORK MADV_DOFORK
        16, 17, 18, 19,  // MADV_DONTDUMP MADV_DODUMP MADV_WIPEONFORK MADV_KEEPONFORK
        22, 23, 102, 103,  // MADV_POPULATE_READ MADV_POPULATE_WRITE MADV_GUARD_INSTALL MADV_GUARD_REMOVE
    ]
}
