internal import Foundation
internal import Glibc

/// The file of API keys: a JSON document that only its owner may write.
package struct KeyFile: Sendable {
    /// Why the file cannot be used.
    package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    private struct Document: Codable {
        var version = 1
        var keys: [AccessKey] = []
    }

    package static let maximumKeys = 10_000
    private static let maximumBytes = 8_388_608

    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// All keys; none when there is no file.
    ///
    /// - Throws: a file that others may write, that belongs to somebody else, or that is no key file.
    package func load() throws(Problem) -> [AccessKey] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return [] }
            throw problem(String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw problem("is not a regular file") }
        guard status.st_mode & 0o022 == 0 else { throw problem("may be written by its group or by others: chmod 0640") }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw problem("belongs to uid \(status.st_uid), expected is root or uid \(geteuid())")
        }
        guard status.st_size <= Self.maximumBytes else { throw problem("is larger than \(Self.maximumBytes) bytes") }
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw problem("cannot be read as keys: \(error)")
        }
        guard document.version == 1 else { throw problem("has version \(document.version), known is 1") }
        guard document.keys.count <= Self.maximumKeys else { throw problem("has more than \(Self.maximumKeys) keys") }
        var seen: Set<String> = []
        for key in document.keys where !seen.insert(key.id).inserted { throw problem("has key \(key.id) twice") }
        return document.keys
    }

    /// Adds a key.
    ///
    /// - Returns: its text, which is nowhere else.
    package func create(
        name: String, now: Int64, expires: Int64? = nil, rate: Int? = nil, concurrent: Int? = nil
    ) throws(Problem) -> (key: AccessKey, text: String) {
        guard !name.isEmpty, name.utf8.count <= 64,
            name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f })
        else {
            throw Problem(description: "key name: found \(name.utf8.count) bytes, allowed are 1 to 64 without controls")
        }
        let made = AccessKey.make(name: name, now: now, expires: expires, rate: rate, concurrent: concurrent)
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
        // Whoever may read the old one may read the new one.
        var status = stat()
        if stat(path, &status) == 0 { _ = fchown(file, status.st_uid, status.st_gid) }
        let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count, fsync(file) == 0, rename(fresh, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(fresh)
            throw problem("cannot be written: \(reason)")
        }
    }

    private func problem(_ what: String) -> Problem {
        Problem(description: "key file \(path) \(what)")
    }
}
