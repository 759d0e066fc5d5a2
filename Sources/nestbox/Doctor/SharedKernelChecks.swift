internal import Glibc

/// What of the kernel all sandboxes share, and how the machine's owner has set it.
enum SharedKernelChecks {
    static func findings() -> [Finding] {
        [
            filterMemory(
                limit: number("/proc/sys/net/core/bpf_jit_limit"), sandboxes: maximumSandboxes(),
                isCompiled: number("/proc/sys/net/core/bpf_jit_enable") ?? 0 > 0),
            coreDumps(pattern: KernelChecks.text("/proc/sys/kernel/core_pattern")),
            hugePages(KernelChecks.text("/proc/sys/vm/nr_hugepages")),
            kernelMemory(commandLine: KernelChecks.text("/proc/cmdline")),
            fileLocks(isCounted: access("/sys/kernel/slab/file_lock_cache/objects", R_OK) == 0),
        ]
    }

    private static func number(_ path: String) -> Int64? { Int64(KernelChecks.text(path)) }

    /// What a filter takes once the kernel has made machine code of it, rounded up: some ten bytes for each of its 600 to
    /// 800 instructions.
    static let filterBytes: Int64 = 12_288

    private static func maximumSandboxes() -> Int64 {
        for line in KernelChecks.text("/etc/nestbox/warden.conf").split(separator: "\n") {
            let words = line.split(separator: "=").map { $0.filter { !$0.isWhitespace } }
            if words.count == 2, words[0] == "max_sandboxes", let number = Int64(words[1]) { return number }
        }
        return 900
    }

    static func filterMemory(limit: Int64?, sandboxes: Int64, isCompiled: Bool) -> Finding {
        let name = "filter memory"
        guard isCompiled, let limit else {
            return Finding(
                name, isCompiled, found: isCompiled ? "no limit" : "net.core.bpf_jit_enable is 0", otherwise: .degraded,
                consequence: "system calls are filtered more slowly", remedy: "sysctl net.core.bpf_jit_enable=1")
        }
        let filters = limit / filterBytes
        return Finding(
            name, filters >= 2 * sandboxes,
            found: "net.core.bpf_jit_limit is \(Summary.bytes(limit)): about \(filters) filters, "
                + "for at most \(sandboxes) sandboxes",
            otherwise: .degraded,
            consequence: "when it is used up, by whomever on this machine, no sandbox can be made (errno 524)",
            remedy: "sysctl net.core.bpf_jit_limit=\(4 * sandboxes * filterBytes)")
    }

    static func coreDumps(pattern: String) -> Finding {
        let kind =
            switch pattern.first {
            case "|": "a helper of the host, which sandboxes do not start: their RLIMIT_CORE is 1"
            case "@": "a socket of the host"
            default: "files, which sandboxes do not write"
            }
        return Finding(
            "core dumps", pattern.first != "@", found: "kernel.core_pattern \"\(pattern)\": \(kind)",
            otherwise: .degraded,
            consequence: "the program that listens there may be sent data of every program that crashes in a sandbox",
            remedy: "sysctl kernel.core_pattern=core")
    }

    private static func hugePages(_ count: String) -> Finding {
        Finding(
            "huge pages", true, found: "vm.nr_hugepages is \(count.isEmpty ? "not there" : count); sandboxes get none",
            consequence: "", remedy: "")
    }

    static func kernelMemory(commandLine: String) -> Finding {
        let options = commandLine.split(separator: " ").filter { $0.hasPrefix("cgroup.memory=") }
            .flatMap { $0.dropFirst("cgroup.memory=".count).split(separator: ",") }
        let isCharged = !options.contains("nokmem") && !options.contains("nosocket")
        return Finding(
            "kernel memory", isCharged,
            found: isCharged ? "charged to sandboxes" : "not charged: cgroup.memory=\(options.joined(separator: ","))",
            otherwise: .degraded,
            consequence: "files, sockets, pipes and page tables of a program are not part of its memory limit",
            remedy: "boot without cgroup.memory=nokmem and nosocket")
    }

    static func fileLocks(isCounted: Bool) -> Finding {
        Finding(
            "file locks", isCounted, found: isCounted ? "counted by the kernel" : "not counted", otherwise: .degraded,
            consequence: "no cgroup is charged for locks: a program could take hundreds of megabytes with them",
            remedy: "a kernel with CONFIG_SLUB_DEBUG")
    }
}
