internal import Glibc
internal import LinuxSystem

/// The implementation of `CgroupReport.inspect`.
struct CgroupInspection {
    let mounts: [MountInfo]
    let own: [OwnCgroup]
    private var findings: [CgroupFinding] = []
    private var v1: [CgroupHierarchy] = []
    private var unified: CgroupHierarchy?

    init(mounts: [MountInfo], own: [OwnCgroup]) {
        self.mounts = mounts
        self.own = own
    }

    mutating func report() -> CgroupReport {
        unified = findUnified()
        var inV2: Set<Controller> = []
        for controller in Controller.allCases {
            if own.contains(where: { $0.controllers.contains(controller.rawValue) }) {
                findV1(controller)
            } else if let unified, findV2(controller, in: unified) {
                inV2.insert(controller)
            }
        }
        if !v1.isEmpty { explainUnified() }
        let isComplete = !findings.contains { $0.state == .missing }
        let v2 = unified.map {
            CgroupHierarchy(
                version: .v2, controllers: inV2, mountPoint: $0.mountPoint, ownDirectory: $0.ownDirectory)
        }
        return CgroupReport(findings: findings, host: isComplete ? CgroupHost(v1: v1, v2: v2) : nil)
    }

    // MARK: - v1

    private mutating func findV1(_ controller: Controller) {
        let name = controller.rawValue
        guard let group = own.first(where: { $0.controllers.contains(name) }) else { return }
        let candidates = mounts.filter { $0.type == "cgroup" && $0.options.contains(name) }
        guard !candidates.isEmpty else {
            add(
                controller, .missing, "the kernel keeps it in a cgroup v1 hierarchy that is not mounted",
                "mount -t cgroup -o \(name) cgroup /sys/fs/cgroup/\(name), or boot with systemd.unified_cgroup_hierarchy=1"
            )
            return
        }
        guard let (directory, mount) = place(of: group, in: candidates) else {
            add(
                controller, .missing, "the own cgroup \(group.path) is not visible at \(candidates[0].mountPoint)",
                "start nestbox-warden in a cgroup namespace of its own, or mount the whole hierarchy")
            return
        }
        guard isWritable(directory, mount, subject: "\(name) controller") else { return }
        add(controller, .found, "cgroup v1, \(directory)")
        // Co-mounted controllers (cpu,cpuacct) are one hierarchy and get one directory.
        if let index = v1.firstIndex(where: { $0.ownDirectory == directory }) {
            v1[index] = CgroupHierarchy(
                version: .v1, controllers: v1[index].controllers.union([controller]), mountPoint: mount.mountPoint,
                ownDirectory: directory)
        } else {
            v1.append(
                CgroupHierarchy(
                    version: .v1, controllers: [controller], mountPoint: mount.mountPoint, ownDirectory: directory))
        }
    }

    // MARK: - v2

    private func findUnified() -> CgroupHierarchy? {
        guard let group = own.first(where: \.isUnified),
            let (directory, mount) = place(of: group, in: mounts.filter { $0.type == "cgroup2" })
        else { return nil }
        return CgroupHierarchy(version: .v2, controllers: [], mountPoint: mount.mountPoint, ownDirectory: directory)
    }

    private mutating func findV2(_ controller: Controller, in unified: CgroupHierarchy) -> Bool {
        let name = controller.rawValue
        if controller == .cpuacct {
            add(controller, .found, "part of every cgroup v2 group (cpu.stat)")
            return true
        }
        let offered = Delegation.controllers(at: unified.mountPoint)
        let delegated = Delegation.reaches(unified, name)
        guard offered.contains(name) || delegated else {
            add(
                controller, .missing,
                "neither a cgroup v1 hierarchy nor the v2 tree at \(unified.mountPoint) offers it",
                name == "memory" ? "boot with cgroup_enable=memory" : "use a kernel built with this controller")
            return false
        }
        guard delegated else {
            add(controller, .missing, "not delegated to \(unified.ownDirectory)", Delegation.remedy)
            return false
        }
        let mount = mounts.last { $0.type == "cgroup2" && $0.mountPoint == unified.mountPoint }
        if let mount, !isWritable(unified.ownDirectory, mount, subject: "\(name) controller") { return false }
        add(controller, .found, "cgroup v2, \(unified.ownDirectory)")
        return true
    }

    /// On a host with v1 controllers the v2 tree is only needed for `cgroup.kill`.
    private mutating func explainUnified() {
        let remedy = "mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified"
        guard let found = unified else {
            let finding = CgroupFinding(
                subject: "cgroup v2 tree", state: .degraded,
                detail: "not mounted: no cgroup.kill, sandboxes are killed through their init alone", remedy: remedy)
            findings.append(finding)
            return
        }
        if let errno = Files.writeObstacle(found.ownDirectory) {
            let finding = CgroupFinding(
                subject: "cgroup v2 tree", state: .degraded,
                detail: "\(found.ownDirectory) is not writable (\(errnoDescription(errno))): no cgroup.kill",
                remedy: "mount it read-write, and start nestbox-warden as root")
            findings.append(finding)
            unified = nil
            return
        }
        findings.append(
            CgroupFinding(subject: "cgroup v2 tree", state: .found, detail: "\(found.ownDirectory), for cgroup.kill"))
    }

    // MARK: - Shared

    /// The directory of a group, through the last mount that shows it; a writable mount is preferred.
    private func place(of group: OwnCgroup, in candidates: [MountInfo]) -> (String, MountInfo)? {
        let places = candidates.compactMap { mount in group.directory(through: mount).map { ($0, mount) } }
        return places.last { !$0.1.isReadOnly } ?? places.last
    }

    private mutating func isWritable(_ directory: String, _ mount: MountInfo, subject: String) -> Bool {
        if mount.isReadOnly {
            findings.append(
                CgroupFinding(
                    subject: subject, state: .missing, detail: "\(mount.mountPoint) is mounted read-only",
                    remedy: "mount -o remount,rw \(mount.mountPoint); in a container, give it a writable cgroup mount"))
            return false
        }
        guard let errno = Files.writeObstacle(directory) else { return true }
        findings.append(
            CgroupFinding(
                subject: subject, state: .missing, detail: "\(directory) is not writable: \(errnoDescription(errno))",
                remedy: errno == ENOENT ? "mount the hierarchy the own cgroup is in" : "start nestbox-warden as root"))
        return false
    }

    private mutating func add(
        _ controller: Controller, _ state: CgroupFinding.State, _ detail: String, _ remedy: String = ""
    ) {
        findings.append(
            CgroupFinding(subject: "\(controller.rawValue) controller", state: state, detail: detail, remedy: remedy))
    }
}
