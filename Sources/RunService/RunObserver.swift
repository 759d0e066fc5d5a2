package import RunExecution
package import RunModel

/// Is called with what becomes of runs, to count and to log it. Called on the thread where it happens; must not block.
package protocol RunObserver: Sendable {
    func accepted(_ run: RunRecord)
    func finished(_ run: RunRecord)
    func refused(_ error: APIError)
    /// A run was in this state for too long; it is being ended.
    func overdue(_ run: RunRecord, stage: RunDeadlines.Stage)
    /// Runs do not work any more, and why; or they do again (nil).
    func health(_ lastError: String?)
}

/// Observers implement what they need.
extension RunObserver {
    package func overdue(_ run: RunRecord, stage: RunDeadlines.Stage) {}
    package func health(_ lastError: String?) {}
}
