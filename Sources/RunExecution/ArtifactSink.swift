internal import Glibc
package import LinuxSystem
package import SandboxSpec

/// Where the files go that one run exports.
///
/// Called on a thread beside the run's, for one file at a time; it may block.
package protocol ArtifactSink: Sendable {
    /// Takes at most `limit` bytes of an open regular file.
    ///
    /// - Returns: how many bytes it had.
    /// - Throws: `ArtifactRefusal`, with a reason that fits into one line. Nothing is kept of the file then.
    func write(
        _ path: BoxPath, from source: borrowing OwnedDescriptor, limit: Int64
    ) throws(ArtifactRefusal) -> Int64
}

/// Why an artifact was not written.
package struct ArtifactRefusal: Error, Sendable, Equatable {
    package let reason: String

    /// - Parameter reason: fits into one line.
    package init(reason: String) {
        self.reason = reason
    }

    package init(_ error: SystemCallError) {
        reason =
            switch error.errno {
            case EEXIST: "a file of that name is there already"
            case ELOOP, ENOTDIR: "leads through something that is not a directory"
            default: errnoDescription(error.errno)
            }
    }
}
