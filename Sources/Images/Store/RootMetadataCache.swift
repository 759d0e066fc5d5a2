internal import Glibc
internal import Synchronization

/// Metadata of roots that has been read before, as long as its file is the same: a list of languages asks for all of it.
///
/// Safe from any thread.
final class RootMetadataCache: Sendable {
    /// What tells a file from the one that took its place.
    private struct Stamp: Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    /// More roots than this are not kept in mind; all are read again then.
    private static let maximumEntries = 256

    private let entries = Mutex<[String: (stamp: Stamp, metadata: RootMetadata)]>([:])

    /// The metadata in a file of the store; nil if it is absent or damaged.
    func read(_ path: String) -> RootMetadata? {
        // Looked at before it is read: a file that is replaced in between is read again the next time.
        guard let stamp = Stamp(path) else { return nil }
        if let known = entries.withLock({ $0[path] }), known.stamp == stamp { return known.metadata }
        guard let metadata = RootMetadata.read(path) else { return nil }
        entries.withLock { entries in
            if entries.count >= Self.maximumEntries { entries = [:] }
            entries[path] = (stamp, metadata)
        }
        return metadata
    }
}
