internal import CgroupDiscovery
internal import Glibc
internal import LinuxSystem

/// Making groups delegate controllers to their children.
extension Delegation {
    /// Makes a group delegate controllers to its children.
    ///
    /// - Throws: EBUSY when processes live in it.
    static func enable(_ names: Set<String>, at directory: String) throws(SystemCallError) {
        let file = directory + "/cgroup.subtree_control"
        let present = KernelText.words(try Files.read(file)[...])
        let wanted = names.subtracting(present).sorted()
        if wanted.isEmpty { return }
        try Files.write(wanted.map { "+\($0)" }.joined(separator: " "), to: file)
    }

    /// The group to make children in: the own one, else the nearest above it that already delegates everything.
    ///
    /// Only the own group is ever changed: what lies above belongs to another owner.
    static func base(for hierarchy: CgroupHierarchy) throws(SystemCallError) -> String {
        let names = hierarchy.delegated
        if names.isEmpty { return hierarchy.ownDirectory }
        var obstacle = SystemCallError(
            "write", errno: EBUSY, object: hierarchy.ownDirectory + "/cgroup.subtree_control")
        do {
            try enable(names, at: hierarchy.ownDirectory)
            return hierarchy.ownDirectory
        } catch {
            obstacle = error
        }
        for directory in hierarchy.chain.dropFirst()
        where words(directory + "/cgroup.subtree_control").isSuperset(of: names) {
            return directory
        }
        throw SystemCallError(obstacle.call, errno: obstacle.errno, object: "\(obstacle.object): \(remedy)")
    }
}
