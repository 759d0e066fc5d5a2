internal import Glibc
package import SandboxSpec

/// Tells one state of an image's root from another.
///
/// A root that was built is never changed, and its directory is named by the digest of its description; building it again
/// puts another directory of the same name into its place. The host's own files and an operator's directory change without a
/// trace that could be read in passing, so nothing compiled there is kept.
package enum RootStamp {
    /// - Returns: changes whenever another root is put into the place; nil for one that may change unnoticed.
    package static func of(_ root: RootSource) -> [UInt8]? {
        guard case .tree(let path) = root, let slash = path.lastIndex(of: "/"),
            ContentDigest(hex: path[path.index(after: slash)...]) != nil
        else { return nil }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        let change = status.st_ctim
        return Array("\(status.st_dev) \(status.st_ino) \(change.tv_sec) \(change.tv_nsec)".utf8)
    }
}
