internal import Glibc
internal import LinuxSystem

/// Which v2 groups may have children with controllers.
package enum Delegation {
    /// The fix for a group that delegates nothing.
    package static let remedy =
        "use the service, whose unit has Delegate=yes (deploy/up installs it; systemctl start nestbox, nestbox run "
        + "--server URL), or start this in a group whose parent delegates cpu, memory and pids (cgroup.subtree_control)"

    /// The controllers that a group may use or delegate; none when they cannot be read.
    static func controllers(at directory: String) -> Set<String> {
        words(directory + "/cgroup.controllers")
    }

    /// Whether a group delegates controllers to its children, or could be configured to.
    ///
    /// A group that holds processes cannot (the "no internal processes" rule), unless it is the root of all: the only
    /// one without `cgroup.type`.
    static func canHaveChildren(at directory: String, with names: Set<String>) -> Bool {
        if words(directory + "/cgroup.subtree_control").isSuperset(of: names) { return true }
        guard controllers(at: directory).isSuperset(of: names) else { return false }
        return !exists(directory + "/cgroup.type") || isWithoutProcesses(directory)
    }

    /// Whether this process's group (as it is, or as it could be configured) or an ancestor (as it is) delegates a controller:
    /// the condition that `base` requires.
    static func reaches(_ hierarchy: CgroupHierarchy, _ name: String) -> Bool {
        canHaveChildren(at: hierarchy.ownDirectory, with: [name])
            || hierarchy.chain.dropFirst().contains { words($0 + "/cgroup.subtree_control").contains(name) }
    }

    /// The words of a kernel file; none when it cannot be read.
    package static func words(_ path: String) -> Set<String> {
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
    package var delegated: Set<String> {
        version == .v2 ? Set(controllers.subtracting([.cpuacct]).map(\.rawValue)) : []
    }
}
