internal import Glibc
internal import LinuxSystem
package import SandboxSpec

extension CgroupParent {
    /// Makes the group of one sandbox in every hierarchy, with all its limits in force before anything can be in it.
    ///
    /// - Parameters:
    ///   - id: unique among the leaves that have not been removed; it is the directory's name.
    ///   - limits: `cpus`, `memory` and `processes` are enforced here.
    ///   - initProcesses: how many tasks of Nestbox's own live in the sandbox, on top of the process limit.
    /// - Throws: stage `cgroup_create` or `cgroup_limit` with the file and value; nothing is left behind then.
    package func makeLeaf(
        id: UInt64, limits: Limits, initProcesses: Int64 = 1
    ) throws(StageFailure) -> CgroupLeaf {
        let name = String(id)
        var made: [GroupDirectory] = []
        do throws(StageFailure) {
            for (index, group) in groups.enumerated() {
                try Self.stage("cgroup_create", index, "\(group.path)/\(name)") { () throws(SystemCallError) in
                    try operations.make(name, group.descriptor.number)
                }
                made.append(group)
            }
            try writeLimits(name: name, limits: limits, initProcesses: initProcesses)
            if let unified {
                // For the zygote, which is not root, to clone into it.
                try Self.stage("cgroup_create", groups.count, "cgroup.procs") { () throws(SystemCallError) in
                    try Files.changeOwner("\(name)/cgroup.procs", at: unified.descriptor.number, user: zygoteUser)
                }
            }
            do throws(SystemCallError) {
                return try CgroupLeaf(parent: self, id: id, limits: limits, initProcesses: initProcesses)
            } catch {
                throw StageFailure(
                    stage: "cgroup_create", index: Int64(groups.count + 1), errno: error.errno, object: error.object)
            }
        } catch {
            for group in made.reversed() {
                // Nothing was ever in it. What stays all the same goes with the warden's group, or in a sweep.
                do throws(SystemCallError) { try operations.remove(name, group.descriptor.number) } catch {}
            }
            throw error
        }
    }

    private func writeLimits(name: String, limits: Limits, initProcesses: Int64) throws(StageFailure) {
        let settings = LeafSetting.settings(for: limits, initProcesses: initProcesses) {
            group(of: $0)?.hierarchy.version
        }
        for (index, setting) in settings.enumerated() {
            let shown = "\(setting.file)=\(setting.value)"
            guard let group = group(of: setting.controller) else {
                throw StageFailure(stage: "cgroup_limit", index: Int64(index), errno: ENODEV, object: shown)
            }
            let path = "\(name)/\(setting.file)"
            do throws(SystemCallError) {
                try Files.write(setting.value, to: path, at: group.descriptor.number)
                let kept = try Files.read(path, at: group.descriptor.number, limit: 256)
                guard setting.isKept(kept) else {
                    let text = String(decoding: kept.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
                    throw SystemCallError("read", errno: ERANGE, object: "\(shown), the kernel kept \(text)")
                }
            } catch {
                if setting.mayBeAbsent && error.errno == ENOENT { continue }
                let object = error.errno == ERANGE ? error.object : shown
                throw StageFailure(stage: "cgroup_limit", index: Int64(index), errno: error.errno, object: object)
            }
        }
    }

    private static func stage(
        _ stage: String, _ index: Int, _ object: String, _ body: () throws(SystemCallError) -> Void
    ) throws(StageFailure) {
        do throws(SystemCallError) {
            try body()
        } catch {
            throw StageFailure(stage: stage, index: Int64(index), errno: error.errno, object: object)
        }
    }
}
