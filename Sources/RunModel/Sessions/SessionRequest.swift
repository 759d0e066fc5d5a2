/// A session as a client asks for it, whichever way: nothing in it has been checked yet; the planner does that.
package struct SessionRequest: Sendable, Equatable {
    /// A language by its name or an alias.
    package var language: String
    /// A policy by name; the one named like the language's image when absent.
    package var policy: String?
    /// What the client calls it.
    package var name: String?
    package var tags: [String]
    package var environment: [String: String]
    /// Wanted limits of its sandbox, with units, as those of a run: `["memory": "1GiB"]`. Times are in `session`.
    package var limits: [String: String]
    /// The wanted network; the policy's own when absent.
    package var network: NetworkRequest?
    /// Wanted limits of the session by `SessionLimitName`, with units: `["idle": "5m", "cell.wall": "10s"]`.
    package var session: [String: String]
    /// What becomes of a cell that reaches a limit; as the policy says when absent.
    package var onLimit: CellLimitAction?
    /// What becomes of a session that nobody uses; as the policy says when absent.
    package var onIdle: OnSessionIdle?

    package init(
        language: String, policy: String? = nil, name: String? = nil, tags: [String] = [],
        environment: [String: String] = [:], limits: [String: String] = [:], network: NetworkRequest? = nil,
        session: [String: String] = [:], onLimit: CellLimitAction? = nil, onIdle: OnSessionIdle? = nil
    ) {
        self.onIdle = onIdle
        self.language = language
        self.policy = policy
        self.name = name
        self.tags = tags
        self.environment = environment
        self.limits = limits
        self.network = network
        self.session = session
        self.onLimit = onLimit
    }

    /// Bounds of what a client calls it: bytes of a name or a tag, and how many tags.
    package static let maximumNameBytes = 128
    package static let maximumTags = 16
}
