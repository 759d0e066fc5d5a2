internal import CgroupDiscovery
internal import Glibc
internal import LinuxSystem

/// A warden's own group in one hierarchy, open: leaves are made, read and removed relative to it.
final class GroupDirectory {
    let hierarchy: CgroupHierarchy
    /// The directory the group was made in.
    let basePath: String
    let name: String
    let descriptor: OwnedDescriptor

    var path: String { "\(basePath)/\(name)" }

    init(hierarchy: CgroupHierarchy, basePath: String, name: String) throws(SystemCallError) {
        self.hierarchy = hierarchy
        self.basePath = basePath
        self.name = name
        descriptor = try Files.openDirectory("\(basePath)/\(name)")
    }
}
