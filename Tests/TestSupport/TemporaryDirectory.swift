package import Foundation
internal import Glibc

/// A directory of one test. It and everything in it is removed with its owner.
package final class TemporaryDirectory: Sendable {
    /// Absolute; the mode is 0755, whatever the umask.
    package let path: String

    package init() throws {
        path = FileManager.default.temporaryDirectory.path + "/nestbox-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        chmod(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Where a file of this name is, or would be.
    package func url(_ name: String) -> URL { URL(fileURLWithPath: path + "/" + name) }

    /// - Returns: the path of the file.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    /// Writes a file, and makes the directories it is in.
    ///
    /// - Returns: the path of the file.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = url(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return path + "/" + name
    }

    /// Makes a directory and those it is in.
    ///
    /// - Parameter mode: of the innermost, whatever the umask.
    package func makeDirectory(_ name: String, mode: mode_t = 0o755) throws {
        try FileManager.default.createDirectory(at: url(name), withIntermediateDirectories: true)
        chmod(path + "/" + name, mode)
    }

    /// Makes a symbolic link.
    package func makeLink(_ name: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: destination)
    }
}

extension TemporaryDirectory {
    package func text(_ name: String) throws -> String { try String(contentsOf: url(name), encoding: .utf8) }

    package func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name))) }

    /// Whether something has this name; links are not followed.
    package func has(_ name: String) -> Bool { mode(name) != nil }

    /// The permission bits; nil when there is no such file.
    package func mode(_ name: String) -> mode_t? {
        var status = stat()
        guard lstat(path + "/" + name, &status) == 0 else { return nil }
        return status.st_mode & 0o7777
    }

    /// Where a symbolic link leads; nil when it is none.
    package func link(_ name: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path + "/" + name)
    }

    /// The names in the directory itself, sorted.
    package var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}
