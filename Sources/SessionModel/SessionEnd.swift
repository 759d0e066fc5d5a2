package import RunModel

/// How a session ended.
package struct SessionEnd: Sendable, Equatable {
    /// A word of `Verdict` when its sandbox decided, or one of these.
    package enum Verdict {
        /// A client ended it, or the service as it stopped.
        package static let closed = "closed"
        /// Nobody used it for as long as its limit `idle` says.
        package static let idle = "idle"
        /// It lived as long as its limit `life` says.
        package static let life = "life"
        /// A cell came up against a limit of its own, and `on_limit` was `kill`, or the interrupt had no effect.
        package static let cellLimit = "cell_limit"
        /// A cell was interrupted and went on.
        package static let interruptIgnored = "interrupt_ignored"
        /// The interpreter ended by itself, with exit status 0.
        package static let exited = "exited"
        /// A fault of Nestbox, of the image's driver, or of code that spoke for the driver.
        package static let internalError = "internal_error"
    }

    package let verdict: String
    /// One line for people.
    package let reason: String
    /// Of an interpreter that ended by itself, such as by `exit` in a cell; nil when something else ended it.
    package let exitCode: Int32?
    package let limit: SessionLimitReport?
    /// Of the last interpreter process.
    package let usage: UsageReport
    /// The last cell that ran.
    package let executionID: String?
    /// Whether a new session may well do better.
    package let isRetryable: Bool

    package init(
        verdict: String, reason: String, exitCode: Int32? = nil, limit: SessionLimitReport? = nil,
        usage: UsageReport = UsageReport(),
        executionID: String? = nil, isRetryable: Bool = false
    ) {
        self.verdict = verdict
        self.reason = reason
        self.exitCode = exitCode
        self.limit = limit
        self.usage = usage
        self.executionID = executionID
        self.isRetryable = isRetryable
    }
}
