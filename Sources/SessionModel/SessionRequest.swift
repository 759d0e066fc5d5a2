/// A session as a client asks for it: nothing in it has been checked yet; the planner does that.
package struct SessionRequest: Sendable, Equatable {
    /// A language by its name or an alias.
    package var language: String
    /// A policy by name; the one named like the language's image when absent.
    package var policy: String?
    /// What the client calls it.
    package var name: String?
    package var tags: [String]
    package var environment: [String: String]
    /// Wanted limits of the sandbox, with units: `["memory": "256MiB"]`.
    package var limits: [String: String]
    /// Wanted limits of the session, with units, never above the policy's: keys are `idle`, `life`, `cpu`, `cells`, `history`,
    /// `cell_cpu`, `cell_wall`, `cell_output`, `on_limit`.
    package var session: [String: String]

    package init(
        language: String, policy: String? = nil, name: String? = nil, tags: [String] = [],
        environment: [String: String] = [:], limits: [String: String] = [:], session: [String: String] = [:]
    ) {
        self.language = language
        self.policy = policy
        self.name = name
        self.tags = tags
        self.environment = environment
        self.limits = limits
        self.session = session
    }

    /// The longest name, and the longest tag, in bytes.
    package static let maximumNameBytes = 128
    package static let maximumTags = 16
}
