/// Fills an empty directory with a root file system.
///
/// A builder runs on a thread of its own and may block. What it leaves is tidied (`TreeTidying`) and only then given
/// its final name, so it may stop at any point.
package protocol RootBuilder: Sendable {
    /// - Returns: the packages that were installed, as far as they are known.
    /// - Throws: anything that went wrong; the directory is then removed.
    func build(_ task: BuildTask) throws(ImageError) -> [PackageVersion]
}

/// One build: where to, and whom to tell.
package struct BuildTask: Sendable {
    /// An existing empty directory, 0700, that is the builder's alone.
    package let directory: String
    /// A directory for what other builds can use too, if the builder has any. It may not be there yet.
    package let cache: String
    /// Whether the network must not be used.
    package let isOffline: Bool
    package let cancellation: BuildCancellation
    package let progress: @Sendable (BuildProgress) -> Void
}

/// A package in a root and which version of it.
package struct PackageVersion: Sendable, Equatable, Codable {
    package let name: String
    package let version: String

    package init(name: String, version: String) {
        self.name = name
        self.version = version
    }
}
