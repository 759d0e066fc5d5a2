internal import CgroupDiscovery
internal import Glibc

/// How this machine limits resources: the warden's own inspection, and what it does not look at.
enum CgroupChecks {
    static func findings() -> [Finding] {
        CgroupReport.inspect().findings.map(Finding.init) + [swap()]
    }

    private static func swap() -> Finding {
        let areas = KernelChecks.text("/proc/swaps").split(separator: "\n").count - 1
        // v2 always accounts swap; v1 when its file is there.
        let v1 = "/sys/fs/cgroup/memory"
        let isAccounted = access(v1, F_OK) != 0 || access(v1 + "/memory.memsw.limit_in_bytes", F_OK) == 0
        return Finding(
            "swap", areas <= 0 || isAccounted,
            found: areas <= 0 ? "none" : "\(areas) areas, " + (isAccounted ? "accounted" : "not accounted"),
            otherwise: .degraded, consequence: "a program could go on in swap beyond its memory limit",
            remedy: "boot with swapaccount=1, or swapoff -a")
    }
}

extension Finding {
    fileprivate init(_ finding: CgroupFinding) {
        self.init(
            finding.subject, finding.state == .found, found: finding.detail,
            otherwise: finding.state == .missing ? .missing : .degraded,
            consequence: finding.state == .missing
                ? "a limit could not be enforced, so no run is started"
                : "sandboxes are ended through their init alone",
            remedy: finding.remedy)
    }
}
