package import NIOSSL
internal import Synchronization

/// The certificates for new connections; changed files are read again.
///
/// Open connections keep theirs. Safe from any thread.
package final class ReloadingCertificates: Sendable {
    private struct State {
        var context: NIOSSLContext
        /// The state of the files at the last read, successful or not.
        var stamps: [CertificateFiles.Stamp?]
    }

    private let files: CertificateFiles
    private let state: Mutex<State>

    /// Reads both files; blocks on the disk.
    ///
    /// - Parameters:
    ///   - chain: a PEM file with the server's certificate first, then those that lead to the root (RFC 8446, section
    ///     4.4.2).
    ///   - key: a PEM file that only its owner may read.
    package init(chain: String, key: String) throws(CertificateError) {
        files = CertificateFiles(chain: chain, key: key)
        // Before reading: a change during the read must be noticed afterwards.
        let stamps = files.stamps
        state = Mutex(State(context: try files.load(), stamps: stamps))
    }

    /// The configuration for the next connection.
    package var current: NIOSSLContext {
        state.withLock { $0.context }
    }

    /// Reads both files again. If it throws, the previous certificates stay in use. Blocks on the disk.
    package func reload() throws(CertificateError) {
        let stamps = files.stamps
        do throws(CertificateError) {
            let context = try files.load()
            state.withLock { $0 = State(context: context, stamps: stamps) }
        } catch {
            state.withLock { $0.stamps = stamps }
            throw error
        }
    }

    /// Reads both files again if one has changed since the last read; for a timer. Blocks on the disk.
    ///
    /// - Returns: whether there are new certificates now.
    /// - Throws: why the changed files cannot be used, once per change: a file that is half written is tried again when
    ///   it has grown.
    package func reloadIfChanged() throws(CertificateError) -> Bool {
        let known = state.withLock { $0.stamps }
        guard files.stamps != known else { return false }
        try reload()
        return true
    }
}
