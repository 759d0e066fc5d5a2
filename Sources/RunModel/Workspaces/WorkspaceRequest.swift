/// A workspace as a client asks for it, whichever way: nothing in it has been checked yet; the planner does that.
package struct WorkspaceRequest: Sendable, Equatable {
    /// An image or a language, by its name or an alias.
    package var image: String
    package var policy: String
    /// What the client calls it.
    package var name: String?
    package var tags: [String] = []
    package var environment: [String: String] = [:]
    /// Wanted limits of its sandbox, with units: `["memory": "1GiB"]`. Times are in `ttl` and `idle`.
    package var limits: [String: String] = [:]
    /// The wanted network; the policy's own when absent.
    package var network: NetworkRequest?
    /// With units; as the policy says when absent.
    package var ttl: String?
    package var idle: String?
    /// Written when it is created, not when it is started again.
    package var files: [RunRequest.File] = []

    package init(image: String, policy: String = "workspace") {
        self.image = image
        self.policy = policy
    }

    /// Bounds of what a client calls it: bytes of a name or a tag, and how many tags.
    package static let maximumNameBytes = 128
    package static let maximumTags = 16
    /// Files that it is created with; more come as an archive.
    package static let maximumFiles = 64
}
