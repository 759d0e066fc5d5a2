/// A requirement on the host: whether it was found, and the consequence.
package struct CgroupFinding: Sendable, Equatable {
    package enum State: String, Sendable {
        case found
        /// Nestbox runs without it, with weaker guarantees.
        case degraded
        /// Nestbox does not run without it.
        case missing
    }

    /// What was looked for, such as `memory controller`.
    package let subject: String
    package let state: State
    /// Where it is, or why it cannot be used.
    package let detail: String
    /// How to fix it; empty when found.
    package let remedy: String

    package init(subject: String, state: State, detail: String, remedy: String = "") {
        self.subject = subject
        self.state = state
        self.detail = detail
        self.remedy = remedy
    }
}
