package import CgroupDiscovery
internal import Glibc
package import LinuxSystem
package import SandboxSpec

/// A warden's own group, in every hierarchy of the host: all its sandboxes are children of it.
///
/// Holds one descriptor per hierarchy (five on a hybrid host) and an advisory lock on each, which is how a sweep by
/// another warden knows that this one lives. For one thread.
package final class CgroupParent {
    package let host: CgroupHost
    package let name: WardenName
    /// The user zygotes run as; may clone into the v2 leaves.
    package let zygoteUser: UInt32
    let groups: [GroupDirectory]
    let operations: any DirectoryOperations
    /// Where control files are read to; shared by all leaves, as everything here runs on one thread.
    var buffer = [UInt8](repeating: 0, count: 4096)
    /// Leaves that wait for another sandbox, the longest first.
    var recycled: [CgroupLeaf] = []

    /// How many files of leaves may stay open from one sandbox to the next, all leaves together, beside those that each
    /// has for its life. More than that are opened each time they are needed.
    package var maximumKeptFiles = 0
    /// How many do.
    package internal(set) var keptFiles = 0

    private static let zygotes = "zygotes"

    /// Makes the group.
    ///
    /// - Parameters:
    ///   - host: what `CgroupReport.inspect` found.
    ///   - name: whose it is.
    ///   - zygoteUser: the unprivileged user of the zygotes.
    ///   - configured: a path below each mount point, such as `/nestbox`, to make the group in instead of the cgroup
    ///     this process is in. It must exist in every hierarchy.
    ///   - operations: how directories are made and removed.
    /// - Throws: stage `cgroup_parent`, with the file or directory and what to do; nothing is left behind then.
    package init(
        host: CgroupHost, name: WardenName, zygoteUser: UInt32, configured: String? = nil,
        operations: any DirectoryOperations = KernelDirectories()
    ) throws(StageFailure) {
        self.host = host
        self.name = name
        self.zygoteUser = zygoteUser
        self.operations = operations
        var made: [(base: String, group: GroupDirectory)] = []
        do throws(SystemCallError) {
            for hierarchy in host.hierarchies {
                let base = try Self.base(of: hierarchy, configured: configured)
                let group = try Self.claim(name.description, in: base, hierarchy, operations: operations)
                made.append((base, group))
                try Self.prepare(group, zygoteUser: zygoteUser, operations: operations)
            }
        } catch {
            for (base, group) in made.reversed() {
                Self.undo(base: base, name: name.description, group: group, operations: operations)
            }
            throw StageFailure(stage: "cgroup_parent", errno: error.errno, object: error.object)
        }
        groups = made.compactMap(\.group)
    }

    private static func base(of hierarchy: CgroupHierarchy, configured: String?) throws(SystemCallError) -> String {
        guard let configured else { return try Delegation.base(for: hierarchy) }
        let trimmed = configured.split(separator: "/").joined(separator: "/")
        let path = trimmed.isEmpty ? hierarchy.mountPoint : "\(hierarchy.mountPoint)/\(trimmed)"
        if !hierarchy.delegated.isEmpty { try Delegation.enable(hierarchy.delegated, at: path) }
        return path
    }

    /// Makes the directory and locks it.
    ///
    /// Between the two, a sweep by another process may take it for the group of a dead warden, lock it, and remove it.
    /// A sweep keeps its lock until the directory is gone, so one that we hold and that is still there stays.
    private static func claim(
        _ name: String, in base: String, _ hierarchy: CgroupHierarchy, operations: any DirectoryOperations
    ) throws(SystemCallError) -> GroupDirectory {
        let directory = try Files.openDirectory(base)
        try operations.make(name, directory.number)
        // A sweep takes about a second at most.
        for _ in 0..<200 {
            do throws(SystemCallError) {
                let group = try GroupDirectory(hierarchy: hierarchy, basePath: base, name: name)
                if try group.descriptor.tryLock() {
                    if try Files.status(group.path) == Files.status(of: group.descriptor.number) { return group }
                } else {
                    ListedProcesses.pause(milliseconds: 10)
                }
            } catch {
                guard error.errno == ENOENT else {
                    do { try operations.remove(name, directory.number) } catch {}
                    throw error
                }
                try operations.make(name, directory.number)
            }
        }
        throw SystemCallError("flock", errno: EBUSY, object: "\(base)/\(name)")
    }

    private static func prepare(
        _ group: GroupDirectory, zygoteUser: UInt32, operations: any DirectoryOperations
    ) throws(SystemCallError) {
        guard group.hierarchy.version == .v2 else { return }
        if !group.hierarchy.delegated.isEmpty {
            try Delegation.enable(group.hierarchy.delegated, at: group.path)
        }
        try operations.make(zygotes, group.descriptor.number)
        // Cloning from `zygotes` into a leaf needs the right to write the nearest common group's list, which is ours.
        try Files.changeOwner("cgroup.procs", at: group.descriptor.number, user: zygoteUser)
    }

    private static func undo(base: String, name: String, group: GroupDirectory, operations: any DirectoryOperations) {
        // Whatever cannot be undone here is found by the next sweep, by its name.
        do {
            if group.hierarchy.version == .v2 {
                do { try operations.remove(zygotes, group.descriptor.number) } catch {}
            }
            let directory = try Files.openDirectory(base)
            try operations.remove(name, directory.number)
        } catch {}
    }

    // MARK: - Zygotes

    /// Puts a zygote into `zygotes` of the v2 tree, from where it may clone into leaves. In v1 it stays where it is.
    ///
    /// Writing a pid stalls for 5 to 15 ms after a pause: for start-up only. `openZygoteGroup` avoids that.
    package func attachZygote(pid: Int32) throws(SystemCallError) {
        guard let group = unified else { return }
        try Files.write("\(pid)", to: "\(Self.zygotes)/cgroup.procs", at: group.descriptor.number)
    }

    /// The group to clone a zygote into (CLONE_INTO_CGROUP), open; nil on a host without v2 tree.
    package func openZygoteGroup() throws(SystemCallError) -> OwnedDescriptor? {
        guard let group = unified else { return nil }
        return try Files.openDirectory(Self.zygotes, at: group.descriptor.number)
    }

    // MARK: - End

    /// Kills whatever is in the group, leaves and zygotes, and removes it. Blocks, for about a second at most.
    ///
    /// - Returns: what could not be removed, and why; call again to retry.
    package func remove() -> [CgroupLeftover] {
        recycled = []
        return GroupRemoval(operations: operations).run(groups.map(\.path))
    }

    var unified: GroupDirectory? { groups.last { $0.hierarchy.version == .v2 } }

    func group(of controller: Controller) -> GroupDirectory? {
        groups.first { $0.hierarchy.controllers.contains(controller) }
    }
}
