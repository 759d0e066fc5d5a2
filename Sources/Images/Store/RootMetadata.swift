internal import Foundation

/// What is known about a finished root: `<digest>.json` beside its tree.
package struct RootMetadata: Sendable, Equatable, Codable {
    /// Version of this file's format.
    package var version = 1
    package let digest: String
    /// `debian` or `oci`.
    package let kind: String
    /// The canonical description the digest was made from.
    package let description: String
    /// Names of the images it was built or asked for, sorted.
    package var images: [String]
    /// When it was finished, as seconds since 1970.
    package let created: Int64
    /// The sizes of all files together.
    package let bytes: Int64
    package let files: Int
    package let packages: [PackageVersion]

    static let maximumBytes = 8_388_608

    /// The metadata in a file of the store; nil if it is absent or damaged, which costs only what it tells.
    static func read(_ path: String) -> RootMetadata? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: maximumBytes) else { return nil }
        return try? JSONDecoder().decode(RootMetadata.self, from: data)
    }

    /// Replaces a file of the store, all or nothing.
    func write(_ path: String) throws(ImageError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ImageError(.storage, "cannot write \(path): \(error.localizedDescription)")
        }
    }
}
