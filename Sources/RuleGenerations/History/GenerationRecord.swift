package import RunPlanning

/// One generation as it is kept on disk: which files were in force, and what they said.
package struct GenerationRecord: Sendable, Equatable, Codable {
    /// A file by its path, with its text.
    package struct File: Sendable, Equatable, Codable {
        package let path: String
        package let text: String

        package init(path: String, text: String) {
            self.path = path
            self.text = text
        }
    }

    package let version: Int
    package let generation: Int64
    package let digest: String
    /// Milliseconds since 1970 by the clock of that moment.
    package let loadedAt: Int64
    /// Why it was loaded.
    package let reason: String
    /// Digests of the usable policies, by name.
    package let policies: [String: String]
    /// The files of policies in force.
    package let policyFiles: [File]
    /// The files of groups of system calls in force.
    package let groupFiles: [File]
    /// The files of sets of hosts in force.
    package let networkFiles: [File]
    /// The descriptions of images.
    package let imageFiles: [File]

    package static let currentVersion = 1

    private enum CodingKeys: String, CodingKey {
        case version, generation, digest, reason, policies
        case loadedAt = "loaded_at"
        case policyFiles = "policy_files"
        case groupFiles = "group_files"
        case networkFiles = "network_files"
        case imageFiles = "image_files"
    }

    package init(
        _ generation: RuleGeneration, loadedAt: Int64, reason: String, policies: [String: String],
        policyFiles: [File], groupFiles: [File], networkFiles: [File], imageFiles: [File]
    ) {
        version = Self.currentVersion
        self.generation = generation.number
        digest = generation.digest
        self.loadedAt = loadedAt
        self.reason = reason
        self.policies = policies
        self.policyFiles = policyFiles
        self.groupFiles = groupFiles
        self.networkFiles = networkFiles
        self.imageFiles = imageFiles
    }
}
