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
        let limit = YAMLReader.maximumBytes
        let data: Data
        guard FileManager.default.fileExists(atPath: path) else {
            throw failure(name, "there is no such file")
        }
        do {
            // Asked before it is opened: opening a pipe would wait for a writer.
            let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            let attributes = try FileManager.default.attributesOfItem(atPath: real)
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw failure(name, "this is no regular file")
            }
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: real))
            defer { try? file.close() }
            data = try file.read(upToCount: limit + 1) ?? Data()
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw failure(name, "this file cannot be read: \(reason(error))")
        }
        guard data.count <= limit else {
            throw failure(name, "this file is larger than \(limit) bytes, which is the most")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw failure(name, "this file is not UTF-8 text")
        }
        return text
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
