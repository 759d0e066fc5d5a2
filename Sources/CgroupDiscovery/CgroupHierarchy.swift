/// One mounted cgroup tree and this process's cgroup in it.
package struct CgroupHierarchy: Sendable, Equatable {
    package enum Version: Sendable, Equatable {
        case v1, v2
    }

    package let version: Version
    /// The controllers Nestbox uses here; empty for the v2 tree of a hybrid host, which is there for `cgroup.kill`.
    package let controllers: Set<Controller>
    package let mountPoint: String
    /// This process's own cgroup: a directory at or below `mountPoint`.
    package let ownDirectory: String

    package init(version: Version, controllers: Set<Controller>, mountPoint: String, ownDirectory: String) {
        self.version = version
        self.controllers = controllers
        self.mountPoint = mountPoint
        self.ownDirectory = ownDirectory
    }

    /// The directories from the own cgroup up to the mount point, both included.
    package var chain: [String] {
        var result = [ownDirectory]
        var path = ownDirectory[...]
        while path.utf8.count > mountPoint.utf8.count, let slash = path.lastIndex(of: "/") {
            path = path[..<slash]
            guard path.utf8.count >= mountPoint.utf8.count else { break }
            result.append(String(path))
        }
        return result
    }
}
