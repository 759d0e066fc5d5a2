internal import ConfigurationFiles
internal import Synchronization

/// Digests of root descriptions that have been made before: every run asks for one.
///
/// That of Debian packages follows from the description alone. That of an archive follows from the archive too, so it is kept
/// as long as the archive's file is the same. Safe from any thread.
final class RootDigestCache: Sendable {
    private struct Entry {
        let root: RootDescription
        let stamp: FileStamp?
        let digest: ContentDigest
    }

    /// More images than a library may have: with more, all are made again.
    private static let maximumEntries = ImageLibrary.maximumImages * 2

    private let entries = Mutex<[String: Entry]>([:])

    /// The digest of an image's root.
    ///
    /// - Parameter make: what works it out; called without a lock.
    func digest(
        of image: Image, make: (RootDescription) throws(ImageError) -> ContentDigest
    ) throws(ImageError) -> ContentDigest {
        // Looked at before it is read: a file that is replaced in between is read again the next time.
        let stamp = Self.stamp(of: image.root)
        if let known = entries.withLock({ $0[image.name] }), known.stamp == stamp, known.root == image.root {
            return known.digest
        }
        let digest = try make(image.root)
        if case .oci = image.root, stamp?.isSettled != true { return digest }
        entries.withLock { entries in
            if entries.count >= Self.maximumEntries { entries = [:] }
            entries[image.name] = Entry(root: image.root, stamp: stamp, digest: digest)
        }
        return digest
    }

    /// The stamp of the file that says what an archive contains; nil for other roots, and where there is no such file.
    private static func stamp(of root: RootDescription) -> FileStamp? {
        guard case .oci(let archive) = root else { return nil }
        guard let stamp = FileStamp(archive.path) else { return nil }
        // An index names all else by digests. A saved image that has been unpacked has none.
        return stamp.isDirectory ? FileStamp(archive.path + "/index.json") : stamp
    }
}
