internal import Foundation
internal import Glibc

/// Reads configuration files from disk without ever reading more than one may be large.
package enum ConfigurationFile {
    /// The YAML document in the regular file at `path`; symbolic links are followed.
    ///
    /// - Parameters:
    ///   - name: what errors call the file; `path` itself if nil.
    ///   - allowsEmpty: takes a document with nothing in it, or comments alone, as an empty mapping.
    /// - Throws: `ConfigurationError` if it cannot be read, is no regular file, is too large, is not UTF-8 or not a
    ///   document `YAMLReader` takes.
    package static func document(
        atPath path: String, name: String? = nil, allowsEmpty: Bool = false
    ) throws(ConfigurationError) -> YAMLNode {
        let name = name ?? path
        return try YAMLReader.parse(try text(atPath: path, name: name), file: name, allowsEmpty: allowsEmpty)
    }

    /// Whether there is nothing of this name. What lies in a directory that is closed to this process is not absent: it would be
    /// left out in silence, and weaker rules would be in force.
    package static func isAbsent(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR)
    }

    /// Those of these directories and files that this process may not read, however many there are. What is not there is readable.
    package static func unreadable(among paths: [String]) -> [String] {
        paths.filter { !isAbsent($0) && !FileManager.default.isReadableFile(atPath: $0) }
    }

    /// The names of the entries of a directory that end in `suffix`, sorted; hidden ones are left out.
    package static func names(inDirectory path: String, suffix: String) throws(ConfigurationError) -> [String] {
        guard !isAbsent(path) else {
            throw failure(path, "there is no such directory")
        }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }.sorted()
        } catch {
            throw failure(path, "this directory cannot be read: \(reason(error))")
        }
    }

    private static func text(atPath path: String, name: String) throws(ConfigurationError) -> String {
        let bytes: [UInt8]
        switch content(atPath: path) {
        case .success(let content): bytes = content
        case .failure(.isIrregular): throw failure(name, "this is no regular file")
        case .failure(.system(ENOENT)), .failure(.system(ENOTDIR)): throw failure(name, "there is no such file")
        case .failure(.system(let number)):
            throw failure(name, "this file cannot be read: \(String(cString: strerror(number)).lowercased())")
        }
        guard bytes.count <= YAMLReader.maximumBytes else {
            throw failure(name, "this file is larger than \(YAMLReader.maximumBytes) bytes, which is the most")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure(name, "this file is not UTF-8 text")
        }
        return text
    }

    private enum ReadFailure: Error {
        case isIrregular
        case system(Int32)
    }

    /// The bytes of a regular file, one more than may be at most.
    private static func content(atPath path: String) -> Result<[UInt8], ReadFailure> {
        var status = stat()
        // Asked before it is opened: opening a device may do something.
        guard stat(path, &status) == 0 else { return .failure(.system(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failure(.isIrregular) }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return .failure(.system(errno)) }
        defer { close(file) }
        guard fstat(file, &status) == 0 else { return .failure(.system(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failure(.isIrregular) }
        let limit = YAMLReader.maximumBytes + 1
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(max(Int(status.st_size), 4096), limit))
        while content.count < limit {
            let count = read(file, &buffer, min(buffer.count, limit - content.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(.system(errno)) }
            guard count > 0 else { break }
            content.append(contentsOf: buffer.prefix(count))
        }
        return .success(content)
    }

    private static func failure(_ name: String, _ words: String) -> ConfigurationError {
        ConfigurationError(ConfigurationDiagnostic(of: name, words))
    }

    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
        guard underlying.domain == NSPOSIXErrorDomain else { return underlying.localizedDescription }
        return String(cString: strerror(Int32(truncatingIfNeeded: underlying.code))).lowercased()
    }
}
