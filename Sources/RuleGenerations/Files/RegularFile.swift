internal import Glibc

/// Reads small files that others write.
package enum RegularFile {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The whole content.
    ///
    /// - Returns: nil for what is no regular file, or is gone.
    package static func read(_ path: String, maximumBytes: Int) -> Result<[UInt8]?, Failure> {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            return errno == ENOENT || errno == ENOTDIR ? .success(nil) : .failure(failure())
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return .failure(failure()) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .success(nil) }
        guard status.st_size <= maximumBytes else {
            // A change of it shows all the same.
            let time = status.st_mtim
            return .failure(
                Failure(description: "\(status.st_size) bytes, modified \(time.tv_sec).\(time.tv_nsec)"))
        }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while content.count <= maximumBytes {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(failure()) }
            guard count > 0 else { break }
            content.append(contentsOf: buffer.prefix(count))
        }
        guard content.count <= maximumBytes else { return .failure(Failure(description: "it grows while it is read")) }
        return .success(content)
    }

    private static func failure() -> Failure { Failure(description: String(cString: strerror(errno)).lowercased()) }
}
