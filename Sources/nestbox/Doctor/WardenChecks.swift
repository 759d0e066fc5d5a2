internal import Glibc

/// What keeps the warden alive, and the machine with it.
enum WardenChecks {
    static func findings() -> [Finding] { [memoryKiller(), overcommit(), tcpBuffers(), livingSandboxes()] }

    /// CAP_SYS_RESOURCE, by number (linux/capability.h).
    private static let resource: UInt64 = 24

    private static func memoryKiller() -> Finding {
        let line = KernelChecks.text("/proc/self/status").split(separator: "\n").first { $0.hasPrefix("CapBnd:") }
        let mask = line.flatMap { $0.split(separator: "\t").last }.flatMap { UInt64($0, radix: 16) } ?? 0
        let mayLower = mask & (1 << resource) != 0
        let score = Int(KernelChecks.text("/proc/self/oom_score_adj")) ?? 0
        return Finding(
            "memory killer", mayLower,
            found: mayLower
                ? "service, keeper, wardens and zygotes are spared, programs go first"
                : "oom_score_adj stays at \(score), CAP_SYS_RESOURCE is missing; programs still go first (1000)",
            otherwise: .degraded,
            consequence: "when the whole machine is out of memory, the kernel may end a warden after the programs",
            remedy: "start it with CAP_SYS_RESOURCE, as systemd and a plain root shell do")
    }

    private static func overcommit() -> Finding {
        let mode = KernelChecks.text("/proc/sys/vm/overcommit_memory")
        return Finding(
            "memory overcommit", mode != "2", found: "vm.overcommit_memory is \(mode.isEmpty ? "not there" : mode)",
            otherwise: .degraded,
            consequence:
                "runtimes that reserve much more than they use (java, node, go) may not start, however high the limit",
            remedy: "sysctl vm.overcommit_memory=0")
    }

    /// v1 counts them apart, in a file that not every kernel has.
    private static func tcpBuffers() -> Finding {
        let v1 = "/sys/fs/cgroup/memory"
        let isBounded = access(v1, F_OK) != 0 || access(v1 + "/memory.kmem.tcp.limit_in_bytes", F_OK) == 0
        return Finding(
            "TCP buffers", isBounded,
            found: isBounded ? "bounded for each sandbox" : "not counted by this kernel's cgroup v1",
            otherwise: .degraded,
            consequence: "a program with 'network: loopback' can hold kernel memory beyond its memory limit",
            remedy: "boot with systemd.unified_cgroup_hierarchy=1, or leave policies at 'network: none'")
    }

    /// The kernel frees a filter for each sandbox that ends, 1,024 at a time at most: with more it waits for itself.
    private static func livingSandboxes() -> Finding {
        let lines = KernelChecks.text("/etc/nestbox/warden.conf").split(separator: "\n")
        let setting = lines.last { $0.split(separator: "=").first?.filter { $0 != " " } == "max_sandboxes" }
        let number = setting?.split(separator: "=").last.flatMap { Int($0.filter(\.isNumber)) } ?? 900
        return Finding(
            "max_sandboxes", number <= 900, found: "\(number)", otherwise: .degraded,
            consequence:
                "when more than a thousand programs end by themselves at the same moment, a kernel with the BPF "
                + "compiler may never give out a system-call filter again, until it is rebooted",
            remedy: "at most 900 in /etc/nestbox/warden.conf, for all wardens of the machine together")
    }
}
