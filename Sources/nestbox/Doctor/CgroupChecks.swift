internal import Glibc
internal import LinuxSystem

/// How this machine limits resources: which cgroup trees are mounted, with which controllers.
enum CgroupChecks {
    struct Mount {
        let path: String
        let type: String
        /// Of a v1 tree, from its options; of the v2 tree, from cgroup.controllers.
        let controllers: [String]
        let isWritable: Bool
    }

    static func findings() -> [Finding] {
        let mounts = mounts(in: KernelChecks.text("/proc/self/mountinfo"))
        let v1 = mounts.filter { $0.type == "cgroup" }
        let v2 = mounts.first { $0.type == "cgroup2" }
        var findings = [layout(v1, v2)]
        for (name, consequence) in [
            ("cpu", "a program could take all processors"), ("memory", "a program could take all memory"),
            ("pids", "a fork bomb could take all process ids"),
        ] {
            findings.append(controller(name, v1, v2, consequence))
        }
        if !v1.isEmpty { findings.append(controller("cpuacct", v1, v2, "CPU time cannot be measured")) }
        findings.append(kill(v2))
        findings.append(swap(v1))
        return findings
    }

    /// The cgroup mounts of a mountinfo text (proc_pid_mountinfo(5)).
    static func mounts(in text: String) -> [Mount] {
        text.split(separator: "\n").compactMap { line in
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2 else { return nil }
            let before = halves[0].split(separator: " ")
            let after = halves[1].split(separator: " ")
            guard before.count >= 6, after.count >= 3, after[0] == "cgroup" || after[0] == "cgroup2" else { return nil }
            let path = String(before[4])
            let controllers =
                after[0] == "cgroup2"
                ? KernelChecks.text(path + "/cgroup.controllers").split(separator: " ").map(String.init)
                : after[2].split(separator: ",").map(String.init)
            return Mount(
                path: path, type: String(after[0]), controllers: controllers,
                isWritable: before[5].split(separator: ",").contains("rw") && access(path, W_OK) == 0)
        }
    }

    private static func layout(_ v1: [Mount], _ v2: Mount?) -> Finding {
        let words =
            switch (v1.isEmpty, v2) {
            case (true, nil): "no cgroup tree is mounted"
            case (true, let v2?): "v2 at \(v2.path)"
            case (false, nil): "v1 in \(v1.count) trees"
            case (false, let v2?): "hybrid: v1 in \(v1.count) trees, v2 at \(v2.path)"
            }
        return Finding(
            "cgroups", !v1.isEmpty || v2 != nil, found: words, consequence: "no limit can be enforced",
            remedy: "mount -t cgroup2 cgroup2 /sys/fs/cgroup")
    }

    private static func controller(_ name: String, _ v1: [Mount], _ v2: Mount?, _ consequence: String) -> Finding {
        let tree = v1.first { $0.controllers.contains(name) } ?? v2.flatMap { $0.controllers.contains(name) ? $0 : nil }
        let words: String
        switch tree {
        case nil: words = "in no tree"
        case let tree? where tree.isWritable || geteuid() != 0: words = "in \(tree.path)"
        case let tree?: words = "in \(tree.path), which is read-only"
        }
        return Finding(
            "\(name) controller", tree.map { $0.isWritable || geteuid() != 0 } ?? false, found: words,
            consequence: consequence,
            remedy: tree == nil
                ? "boot without cgroup_disable=\(name)" : "give this container a writable cgroup tree")
    }

    private static func kill(_ v2: Mount?) -> Finding {
        // The root of a tree has no cgroup.kill; its presence goes by the kernel, 5.14.
        let release = KernelChecks.text("/proc/sys/kernel/osrelease").split(separator: ".").prefix(2)
        let version = release.map { Int($0.prefix { $0.isNumber }) ?? 0 }
        let isThere = v2 != nil && version.count == 2 && (version[0], version[1]) >= (5, 14)
        return Finding(
            "cgroup.kill", isThere, found: isThere ? "there" : v2 == nil ? "no v2 tree" : "not there",
            otherwise: .degraded,
            consequence: "sandboxes are ended through their init alone, which the kernel makes sure of as well",
            remedy: "mount a cgroup v2 tree, on Linux 5.14 or newer")
    }

    private static func swap(_ v1: [Mount]) -> Finding {
        let areas = KernelChecks.text("/proc/swaps").split(separator: "\n").count - 1
        let memory = v1.first { $0.controllers.contains("memory") }
        let isAccounted =
            memory.map { access($0.path + "/memory.memsw.limit_in_bytes", F_OK) == 0 } ?? true
        return Finding(
            "swap", areas <= 0 || isAccounted,
            found: areas <= 0
                ? "none"
                : "\(areas) areas, "
                    + (isAccounted ? "accounted" : "not accounted"), otherwise: .degraded,
            consequence: "a program could go on in swap beyond its memory limit",
            remedy: "boot with swapaccount=1, or swapoff -a")
    }
}
