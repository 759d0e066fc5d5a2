import Glibc
import LinuxSystem

/// A directory of one test; it and all below it are gone with its owner.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/nestbox-warden-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", errno: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        if let directory = try? Files.openDirectory(path) {
            for name in (try? Files.entries(of: directory)) ?? [] { remove("\(path)/\(name)") }
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    /// Makes a directory, whatever the umask.
    func directory(_ name: String, mode: UInt32 = 0o755) throws {
        try Files.makeDirectory("\(path)/\(name)")
        guard chmod("\(path)/\(name)", mode) == 0 else { throw SystemCallError("chmod", errno: errno, object: name) }
    }

    func file(_ name: String) throws {
        _ = try Files.open("\(path)/\(name)", flags: O_WRONLY | O_CREAT, mode: 0o644)
    }

    func link(_ name: String, to value: String) throws {
        guard symlink(value, "\(path)/\(name)") == 0 else {
            throw SystemCallError("symlink", errno: errno, object: name)
        }
    }
}
