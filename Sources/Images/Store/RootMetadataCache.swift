internal import ConfigurationFiles
internal import Synchronization

/// Metadata of roots that has been read before, as long as its file is the same: a list of languages asks for all of it.
///
/// Safe from any thread.
final class RootMetadataCache: Sendable {
    /// More roots than this are not kept in mind; all are read again then.
    private static let maximumEntries = 256

    private let entries = Mutex<[String: (stamp: FileStamp, metadata: RootMetadata)]>([:])

    /// The metadata in a file of the store; nil if it is absent or damaged.
    func read(_ path: String) -> RootMetadata? {
        // Looked at before it is read: a file that is replaced in between is read again the next time.
        guard let stamp = FileStamp(path) else { return nil }
        if let known = entries.withLock({ $0[path] }), known.stamp == stamp { return known.metadata }
        guard let metadata = RootMetadata.read(path) else { return nil }
        entries.withLock { entries in
            if entries.count >= Self.maximumEntries { entries = [:] }
            entries[path] = (stamp, metadata)
        }
        return metadata
    }
}
