package import SandboxSpec

/// A file beside `image.yaml` that becomes part of the image's root.
package struct RootFile: Sendable, Equatable {
    /// Where it is put, below `/`.
    package let path: BoxPath
    /// Where it comes from: an absolute path.
    package let source: String
    /// What it held when the description was read. A build takes nothing else.
    package let digest: ContentDigest

    package init(path: BoxPath, source: String, digest: ContentDigest) {
        self.path = path
        self.source = source
        self.digest = digest
    }

    /// The most files one root may add, and the most bytes of one and of all of them.
    static let maximumCount = 64
    static let maximumBytes = 4_194_304
    static let maximumTotalBytes = 16_777_216

    /// Directories that sandboxes cover with their own, and those a build empties in the end.
    static let reserved = (TreeTidying.mountPoints + ["box"] + TreeTidying.emptied).sorted()

    /// The reserved directory that `path` is or lies in.
    static func reservation(of path: BoxPath) -> String? {
        reserved.first { path.description == $0 || path.description.hasPrefix($0 + "/") }
    }
}
