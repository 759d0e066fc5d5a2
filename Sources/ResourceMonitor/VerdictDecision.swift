package import SandboxSpec

/// A verdict with what belongs to it.
package struct VerdictDecision: Sendable, Equatable {
    package let verdict: Verdict
    /// The limit that decided, or that the program came up against.
    package let limit: LimitHit?
    /// Set exactly when the verdict is `internalError`.
    package let failure: StageFailure?

    init(_ verdict: Verdict, limit: LimitHit? = nil, failure: StageFailure? = nil) {
        self.verdict = verdict
        self.limit = limit
        self.failure = failure
    }
}
