internal import LinuxSystem

/// An inspection of a host's cgroups: every requirement of Nestbox, found or not, and the host if nothing is missing.
package struct CgroupReport: Sendable {
    package let findings: [CgroupFinding]
    /// nil when a finding is `missing`: no sandbox without all of its limits.
    package let host: CgroupHost?

    /// Inspects this process's cgroups. Changes nothing and needs no privilege.
    ///
    /// - Parameters:
    ///   - mountInfo: the path of a mountinfo file.
    ///   - ownCgroups: the path of a file in the format of /proc/self/cgroup.
    package static func inspect(
        mountInfo: String = "/proc/self/mountinfo", ownCgroups: String = "/proc/self/cgroup"
    ) -> CgroupReport {
        do {
            let mounts = try Files.read(mountInfo, limit: 4_194_304)
            let own = try Files.read(ownCgroups)
            var inspection = CgroupInspection(mounts: MountInfo.cgroupMounts(in: mounts), own: OwnCgroup.parse(own))
            return inspection.report()
        } catch {
            let finding = CgroupFinding(
                subject: "cgroups", state: .missing, detail: "cannot be inspected: \(error)",
                remedy: "mount /proc in the environment nestbox-warden is started in")
            return CgroupReport(findings: [finding], host: nil)
        }
    }
}
