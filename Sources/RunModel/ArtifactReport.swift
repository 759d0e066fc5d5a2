/// A file that a run exported.
package struct ArtifactReport: Sendable, Equatable, Codable {
    /// Relative to /box.
    package let path: String
    package let bytes: Int64
    /// By its content.
    package let contentType: ContentType

    private enum CodingKeys: String, CodingKey {
        case path, bytes
        case contentType = "content_type"
    }

    package init(path: String, bytes: Int64, contentType: ContentType = .other) {
        self.path = path
        self.bytes = bytes
        self.contentType = contentType
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            path: try container.decode(String.self, forKey: .path),
            bytes: try container.decode(Int64.self, forKey: .bytes),
            contentType: try container.decodeIfPresent(ContentType.self, forKey: .contentType) ?? .other)
    }
}

/// A file that was asked for and not exported, and why.
package struct SkippedArtifact: Sendable, Equatable, Codable {
    package let name: String
    package let reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}

/// All files that a run exported, and all that it did not.
package struct ArtifactList: Sendable, Equatable {
    package var files: [ArtifactReport] = []
    package var skipped: [SkippedArtifact] = []

    /// The most entries either list keeps; a sandbox cannot make its result grow beyond that.
    package static let maximumEntries = 1_024

    package init() {}

    /// Notes a file; `false` when the list is full.
    @discardableResult
    package mutating func add(_ file: ArtifactReport) -> Bool {
        guard files.count < Self.maximumEntries else { return false }
        files.append(file)
        return true
    }

    /// Notes a skipped file, as long as there is room.
    package mutating func skip(_ name: String, because reason: String) {
        guard skipped.count < Self.maximumEntries else { return }
        skipped.append(SkippedArtifact(name: name, reason: reason))
    }
}
