internal import Foundation
internal import Glibc

/// Writes files that are there as a whole or as they were before, also after a power failure.
package enum WrittenFile {
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Writes beside the file, under a hidden name, and renames.
    ///
    /// - Parameter mode: permissions of the new file.
    package static func replace(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o644) throws(Failure) {
        let url = URL(fileURLWithPath: path)
        let directory = url.deletingLastPathComponent().path
        let fresh = "\(directory)/.\(url.lastPathComponent).\(getpid()).new"
        unlink(fresh)
        let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress?.advanced(by: written), $0.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = failure(path)
                unlink(fresh)
                throw reason
            }
            written += count
        }
        // Whatever the umask says.
        guard fchmod(file, mode) == 0, fsync(file) == 0, rename(fresh, path) == 0 else {
            let reason = failure(path)
            unlink(fresh)
            throw reason
        }
        synchronize(directory)
    }

    /// Removes a file; one that is not there is removed.
    package static func remove(_ path: String) throws(Failure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure(path) }
        synchronize(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    private static func synchronize(_ directory: String) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }

    private static func failure(_ path: String) -> Failure {
        Failure(description: "\(path) cannot be written: \(String(cString: strerror(errno)).lowercased())")
    }
}
