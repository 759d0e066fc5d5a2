/// A line of /proc/self/cgroup: the group this process is in, in one hierarchy.
struct OwnCgroup: Equatable {
    /// Empty for v2; `name=…` for a v1 hierarchy without controllers.
    let controllers: [String]
    let path: String

    /// The most lines that are parsed; a kernel has about a dozen controllers.
    static let maximumLines = 256

    static func parse(_ text: [UInt8]) -> [OwnCgroup] {
        text.split(separator: UInt8(ascii: "\n")).prefix(maximumLines).compactMap(OwnCgroup.init)
    }

    init?(_ line: ArraySlice<UInt8>) {
        // A path may contain colons, the first two fields may not.
        let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, fields[2].first == UInt8(ascii: "/") else { return nil }
        controllers = String(decoding: fields[1], as: UTF8.self).split(separator: ",").map(String.init)
        path = String(decoding: fields[2], as: UTF8.self)
    }

    var isUnified: Bool { controllers.isEmpty }

    /// Where this group is in the file system through a mount, or nil when the mount does not show it.
    func directory(through mount: MountInfo) -> String? {
        func isOutside(_ path: String) -> Bool { path == "/.." || path.hasPrefix("/../") }
        guard !isOutside(path), !isOutside(mount.root) else { return nil }
        let base = mount.mountPoint == "/" ? "" : mount.mountPoint
        if mount.root == "/" { return path == "/" ? mount.mountPoint : base + path }
        if path == mount.root { return mount.mountPoint }
        guard path.hasPrefix(mount.root + "/") else { return nil }
        return base + path.dropFirst(mount.root.count)
    }
}
