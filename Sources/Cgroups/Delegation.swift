internal import Glibc
internal import LinuxSystem

/// Which v2 groups may have children with controllers, and making it so.
enum Delegation {
    static let remedy =
        "use the service, whose unit has Delegate=yes (deploy/up installs it; systemctl start nestbox, nestbox run "
        + "--server URL), or start this in a group whose parent delegates cpu, memory and pids (cgroup.subtree_control)"

    /// The controllers a group may use or hand on; none when that cannot be read.
    static func controllers(at directory: String) -> Set<String> {
        words(directory + "/cgroup.controllers")
    }

    /// Whether a group delegates controllers to its children, or could be told to.
    ///
    /// A group that holds processes cannot (the "no internal processes" rule), unless it is the root of all: the only
    /// one without `cgroup.type`.
    static func canHaveChildren(at directory: String, with names: Set<String>) -> Bool {
        if words(directory + "/cgroup.subtree_control").isSuperset(of: names) { return true }
        guard controllers(at: directory).isSuperset(of: names) else { return false }
        return !exists(directory + "/cgroup.type") || isWithoutProcesses(directory)
    }

    /// Whether the own group, as it is or as it could be told to be, or one above it, as it is, delegates a controller:
    /// what `base` will look for.
    static func reaches(_ hierarchy: CgroupHierarchy, _ name: String) -> Bool {
        canHaveChildren(at: hierarchy.ownDirectory, with: [name])
            || hierarchy.chain.dropFirst().contains { words($0 + "/cgroup.subtree_control").contains(name) }
    }

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
    /// Only the own group is ever changed: what lies above belongs to somebody else.
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

    private static func words(_ path: String) -> Set<String> {
        do {
            return KernelText.words(try Files.read(path)[...])
        } catch {
            return []
        }
    }

    private static func exists(_ path: String) -> Bool {
        do {
            _ = try Files.open(path, flags: O_RDONLY | O_NOCTTY)
            return true
        } catch {
            return false
        }
    }

    private static func isWithoutProcesses(_ directory: String) -> Bool {
        do {
            return try Files.read(directory + "/cgroup.procs", limit: 1).isEmpty
        } catch {
            return false
        }
    }
}

extension CgroupHierarchy {
    /// The names to write to `cgroup.subtree_control`; cpuacct is not one of them.
    var delegated: Set<String> {
        version == .v2 ? Set(controllers.subtracting([.cpuacct]).map(\.rawValue)) : []
    }
}
