internal import CgroupDiscovery
internal import Glibc
package import LinuxSystem
package import SandboxSpec

extension CgroupParent {
    /// Makes the group of one sandbox in every hierarchy, with all its limits in force before anything can be in it.
    ///
    /// - Parameters:
    ///   - id: unique among the leaves that have not been removed; it is the directory's name.
    ///   - limits: `cpus`, `memory` and `processes` are enforced here.
    ///   - initProcesses: how many tasks of Nestbox's own live in the sandbox, on top of the process limit.
    ///   - network: what the sandbox may reach; with sockets, the buffers of its connections are bounded, too.
    /// - Throws: stage `cgroup_create` or `cgroup_limit` with the file and value; nothing is left behind then.
    package func makeLeaf(
        id: UInt64, limits: Limits, initProcesses: Int64 = 1, network: NetworkAccess = .none
    ) throws(StageFailure) -> CgroupLeaf {
        try makeDirectories(of: id)
        return try applyLimits(id, limits: limits, initProcesses: initProcesses, network: network)
    }

    /// The first half of `makeLeaf`: a group without limits, for a process of our own that waits for the second half
    /// before it goes on. What takes time to be born can be born meanwhile.
    package func makeDirectories(of id: UInt64) throws(StageFailure) {
        let name = String(id)
        var made: [GroupDirectory] = []
        do throws(StageFailure) {
            for (index, group) in groups.enumerated() {
                try Self.stage("cgroup_create", index, "\(group.path)/\(name)") { () throws(SystemCallError) in
                    try operations.make(name, group.descriptor.number)
                }
                made.append(group)
            }
            if let unified {
                // For the zygote, which is not root, to clone into it.
                try Self.stage("cgroup_create", groups.count, "cgroup.procs") { () throws(SystemCallError) in
                    try Files.changeOwner("\(name)/cgroup.procs", at: unified.descriptor.number, user: zygoteUser)
                }
            }
        } catch {
            // Only what is ours: it may have failed because a leaf of that name lives.
            remove(name, from: made)
            throw error
        }
    }

    /// The second half of `makeLeaf`: the limits, and what the leaf is watched by.
    package func applyLimits(
        _ id: UInt64, limits: Limits, initProcesses: Int64 = 1, network: NetworkAccess = .none
    ) throws(StageFailure) -> CgroupLeaf {
        do throws(StageFailure) {
            try writeLimits(name: String(id), limits: limits, initProcesses: initProcesses, network: network)
            do throws(SystemCallError) {
                return try CgroupLeaf(
                    parent: self, id: id, limits: limits, initProcesses: initProcesses, network: network)
            } catch {
                throw StageFailure(
                    stage: "cgroup_create", index: Int64(groups.count + 1), errno: error.errno, object: error.object)
            }
        } catch {
            removeDirectories(of: id)
            throw error
        }
    }

    /// The v1 `tasks` files of a leaf, open, for the sandbox's first process to put itself in before anything else.
    package func openAttachDescriptors(of id: UInt64) throws(SystemCallError) -> AttachDescriptors {
        try AttachDescriptors(
            groups.filter { $0.hierarchy.version == .v1 }.map { ("\(id)/tasks", $0.descriptor.number) })
    }

    /// The v2 directory of a leaf, for CLONE_INTO_CGROUP; nil on a host without v2 tree.
    package func openUnified(of id: UInt64) throws(SystemCallError) -> OwnedDescriptor? {
        guard let unified else { return nil }
        return try Files.openDirectory(String(id), at: unified.descriptor.number)
    }

    /// Both, for as long as the value lives.
    package func openEntrance(of id: UInt64) throws(SystemCallError) -> LeafEntrance {
        LeafEntrance(attach: try openAttachDescriptors(of: id), unified: try openUnified(of: id))
    }

    /// Undoes `makeDirectories`. What stays all the same goes with the warden's group, or in a sweep.
    package func removeDirectories(of id: UInt64) {
        remove(String(id), from: groups)
    }

    private func remove(_ name: String, from groups: [GroupDirectory]) {
        for group in groups.reversed() {
            do throws(SystemCallError) { try operations.remove(name, group.descriptor.number) } catch {}
        }
    }

    private func writeLimits(
        name: String, limits: Limits, initProcesses: Int64, network: NetworkAccess
    ) throws(StageFailure) {
        let settings = LeafSetting.settings(for: limits, initProcesses: initProcesses, network: network) {
            group(of: $0)?.hierarchy.version
        }
        for (index, setting) in settings.enumerated() {
            let shown = "\(setting.file)=\(setting.value)"
            guard let group = group(of: setting.controller) else {
                throw StageFailure(stage: "cgroup_limit", index: Int64(index), errno: ENODEV, object: shown)
            }
            let path = "\(name)/\(setting.file)"
            do throws(SystemCallError) {
                let kept = try Files.exchange(setting.value, with: path, at: group.descriptor.number)
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
