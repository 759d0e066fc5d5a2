internal import Foundation
internal import Glibc

/// The file of API keys: a JSON document that only its owner may write.
package struct KeyFile: Sendable {
    /// Why the file cannot be used.
    package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    private struct Document: Encodable {
        let version = 1
        let keys: [AccessKey]
    }

    private struct Found: Decodable {
        let version: Int
        let keys: [KeyEntry]
    }

    package static let maximumKeys = 10_000
    private static let maximumBytes = 8_388_608

    package let path: String
    private let group: UInt32?

    /// - Parameter group: the group that may read a newly created file, besides its owner; the group of this process if nil. A file
    ///   that exists keeps its own.
    package init(path: String, group: UInt32? = nil) {
        self.path = path
        self.group = group
    }

    /// All keys; none when there is no file.
    ///
    /// - Throws: a file that others may write, that belongs to another user, or that is no key file.
    package func load() throws(Problem) -> [AccessKey] {
        // Opened first, so that the checked file is the one that is read; without blocking, in case it is a pipe.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return [] }
            throw problem("cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw problem(String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw problem("is not a regular file") }
        guard status.st_mode & 0o022 == 0 else { throw problem("may be written by its group or by others: chmod 0640") }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw problem("belongs to uid \(status.st_uid), expected is root or uid \(geteuid())")
        }
        return try parse(try read(file))
    }

    private func read(_ file: Int32) throws(Problem) -> Data {
        var bytes = Data()
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw problem("cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { return bytes }
            bytes.append(contentsOf: piece.prefix(count))
            guard bytes.count <= Self.maximumBytes else { throw problem("is larger than \(Self.maximumBytes) bytes") }
        }
    }

    private func parse(_ bytes: Data) throws(Problem) -> [AccessKey] {
        let found: Found
        do {
            found = try JSONDecoder().decode(Found.self, from: bytes)
        } catch {
            throw problem("is no JSON object with version and keys")
        }
        guard found.version == 1 else { throw problem("has version \(found.version), known is 1") }
        guard found.keys.count <= Self.maximumKeys else { throw problem("has more than \(Self.maximumKeys) keys") }
        var diagnostics: [String] = []
        var seen: Set<String> = []
        for (number, entry) in found.keys.enumerated() {
            diagnostics += entry.diagnostics.map { "key \(number + 1): \($0)" }
            guard let key = entry.key, !seen.insert(key.id).inserted else { continue }
            diagnostics.append("key \(number + 1): id \(KeyName.printable(key.id)) is there twice")
        }
        guard diagnostics.isEmpty else {
            let more = diagnostics.count > 20 ? "; and \(diagnostics.count - 20) more" : ""
            throw problem("has errors: \(diagnostics.prefix(20).joined(separator: "; "))\(more)")
        }
        return found.keys.compactMap(\.key)
    }

    /// Adds a key.
    ///
    /// - Returns: its text, which is stored nowhere.
    package func create(
        name: String, now: Int64, expires: Int64? = nil, rate: Int? = nil, concurrent: Int? = nil,
        role: KeyRole? = nil
    ) throws(Problem) -> (key: AccessKey, text: String) {
        guard KeyName.isAllowed(name) else {
            throw Problem(description: "key name: found \(name.utf8.count) bytes, allowed are \(KeyName.allowed)")
        }
        let made = AccessKey.make(
            name: name, now: now, expires: expires, rate: rate, concurrent: concurrent, role: role)
        // Checked before it is written: from then on a file with an error would be refused as a whole.
        if let diagnostic = made.key.diagnostics.first { throw Problem(description: diagnostic) }
        try change { keys throws(Problem) in
            guard keys.count < Self.maximumKeys else { throw problem("is full: \(Self.maximumKeys) keys") }
            keys.append(made.key)
        }
        return made
    }

    /// Ends a key. It stays in the list.
    package func revoke(id: String, now: Int64) throws(Problem) {
        try change { keys throws(Problem) in
            guard let index = keys.firstIndex(where: { $0.id == id }) else {
                throw Problem(description: "there is no key \(id.prefix(32)); see 'nestbox key list'")
            }
            if keys[index].revoked == nil { keys[index].revoked = now }
        }
    }

    /// Reads, changes and replaces the file, one at a time.
    private func change(_ body: (inout [AccessKey]) throws(Problem) -> Void) throws(Problem) {
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw problem("cannot be locked: \(String(cString: strerror(errno)))") }
        defer { close(lock) }
        guard flock(lock, LOCK_EX) == 0 else { throw problem("cannot be locked: \(String(cString: strerror(errno)))") }
        var keys = try load()
        try body(&keys)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let bytes: Data
        do { bytes = try encoder.encode(Document(keys: keys)) } catch { throw problem("\(error)") }
        try replace(with: Array(bytes) + [UInt8(ascii: "\n")])
    }

    private func replace(with bytes: [UInt8]) throws(Problem) {
        let fresh = path + ".new"
        unlink(fresh)
        let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw problem("cannot be written: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        // The users that may read the old file may read the new one: a service that could not read it would lose all keys.
        var status = stat()
        let owners =
            stat(path, &status) == 0
            ? fchown(file, status.st_uid, status.st_gid) : group.map { fchown(file, uid_t.max, $0) } ?? 0
        // After fchown, and whatever the umask says.
        guard owners == 0, fchmod(file, 0o640) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(fresh)
            throw problem("cannot be given its owner and mode: \(reason)")
        }
        let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count, fsync(file) == 0, rename(fresh, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(fresh)
            throw problem("cannot be written: \(reason)")
        }
        // The new name, too, must survive a power failure: a revoked key must not become valid again.
        let directory = open(
            URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        _ = fsync(directory)
        close(directory)
    }

    private func problem(_ what: String) -> Problem {
        Problem(description: "key file \(path) \(what)")
    }
}
