internal import Foundation
internal import Glibc

/// The layout of a store below the state directory.
///
/// - `roots/<digest>/`: a finished root
/// - `roots/<digest>.json`: what is known about it
/// - `roots/.building-<digest>-<pid>-<random>/`: a build; `.removing-…` likewise
/// - `roots/.lock-<digest>`: held while a root is built or removed
/// - `cache/debian/`, `cache/wheels/`: what builds fetched
struct StorePaths: Sendable {
    let state: String

    var roots: String { state + "/roots" }
    func root(_ digest: ContentDigest) -> String { "\(roots)/\(digest)" }
    func metadata(_ digest: ContentDigest) -> String { "\(roots)/\(digest).json" }
    func lock(_ digest: ContentDigest) -> String { "\(roots)/.lock-\(digest)" }
    var cache: String { state + "/cache" }

    /// A fresh name for a tree that comes (`building`) or goes (`removing`).
    func temporary(_ purpose: String, _ digest: ContentDigest) -> String {
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(roots)/.\(purpose)-\(digest)-\(getpid())-\(random)"
    }

    /// The digest in the name of an unfinished tree.
    static func unfinished(_ name: String) -> ContentDigest? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == ".building" || parts[0] == ".removing" else { return nil }
        return ContentDigest(hex: parts[1])
    }

    /// Makes the directories of the store, which all users may enter and only root may change.
    func prepare() throws(ImageError) {
        for path in [state, roots, cache] { try Self.makeDirectory(path) }
        guard chmod(roots, 0o755) == 0 else { throw systemFailure("cannot set the mode of \(roots)") }
    }

    /// Makes a directory and those on the way to it; one that is there is fine.
    static func makeDirectory(_ path: String) throws(ImageError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        } catch {
            throw ImageError(.storage, "cannot make \(path): \(error.localizedDescription)")
        }
    }

    /// The names in `roots`; none when there is no store yet.
    func names() throws(ImageError) -> [String] {
        guard access(roots, F_OK) == 0 else { return [] }
        return try TreeDirectory(roots).entries().map { String(decoding: $0, as: UTF8.self) }
    }
}
