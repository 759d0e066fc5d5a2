package import SandboxSpec

/// How a run ended.
package struct RunOutcome: Sendable, Equatable {
    package var verdict: Verdict
    package var status: ExitStatus?
    package var limit: LimitReport?
    package var usage: UsageReport
    package var steps: [StepReport]
    /// The output was cut off at its limit.
    package var truncated: Bool
    package var artifacts: ArtifactList
    /// How ready the sandbox of the last step was; nil when no step started.
    package var warm: WarmStart?
    /// The program did not parse, as the language's own parser has found. Of interpreted languages; compilers have a verdict.
    package var syntaxError = false
    /// What it did with its way out; nil for a run without egress.
    package var network: NetworkReport?
    /// What may help the user.
    package var hints: [Hint] = []
    /// Which rules held; nil where there are no generations, as in `nestbox run`.
    package var rules: RulesReference?
    /// The trace that the run belongs to, in hexadecimal; nil without one.
    package var traceID: String?

    package init(
        verdict: Verdict, status: ExitStatus? = nil, limit: LimitReport? = nil, usage: UsageReport = .init(),
        steps: [StepReport] = [], truncated: Bool = false, artifacts: ArtifactList = .init(), warm: WarmStart? = nil
    ) {
        self.warm = warm
        self.verdict = verdict
        self.status = status
        self.limit = limit
        self.usage = usage
        self.steps = steps
        self.truncated = truncated
        self.artifacts = artifacts
    }
}
