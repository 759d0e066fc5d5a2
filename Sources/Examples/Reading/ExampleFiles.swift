internal import ConfigurationFiles
internal import Glibc

/// Reads the files of an example: regular, bounded, UTF-8. Symbolic links are refused, so that nothing outside of the directory is shown.
enum ExampleFiles {
    /// Bytes of one file, and of all files of an example.
    static let maximumBytes = 65_536
    static let maximumTotalBytes = 262_144

    /// The text of a file, or what is wrong with it.
    static func text(atPath path: String) -> Result<String, Unreadable> {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return .failure(Unreadable(reason: "there is no such file"))
            case ELOOP: return .failure(Unreadable(reason: "this is a symbolic link"))
            default: return .failure(Unreadable(reason: "it cannot be read: \(errorText(errno))"))
            }
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .failure(Unreadable(reason: "this is no regular file"))
        }
        guard status.st_size <= maximumBytes else {
            return .failure(Unreadable(reason: "it has \(status.st_size) bytes, at most \(maximumBytes) may be"))
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= maximumBytes {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                return .failure(Unreadable(reason: "it cannot be read: \(errorText(errno))"))
            }
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer.prefix(count))
        }
        guard bytes.count <= maximumBytes else {
            return .failure(Unreadable(reason: "it has more than \(maximumBytes) bytes"))
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            return .failure(Unreadable(reason: "it is not UTF-8 text"))
        }
        return .success(text)
    }

    struct Unreadable: Error {
        let reason: String
    }

    private static func errorText(_ number: Int32) -> String { String(cString: strerror(number)).lowercased() }
}
