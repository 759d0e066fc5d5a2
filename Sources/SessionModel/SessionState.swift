/// What a session is doing.
package enum SessionState: String, Sendable, CaseIterable {
    /// Its sandbox and its interpreter are on their way.
    case starting
    /// Ready for a cell.
    case idle
    /// A cell runs.
    case busy
    /// A cell waits for input.
    case waiting
    /// A cell has been asked to stop.
    case interrupting
    /// A checkpoint is being made or restored.
    case checkpointing
    /// Nothing more will happen.
    case ended
    /// It does not live, and can be resumed: it was saved.
    case stored
}

/// How a cell ended.
package enum CellStatus: String, Sendable, CaseIterable {
    case ok
    /// The code raised an error that it did not handle.
    case error
    /// Somebody interrupted it.
    case interrupted
    /// It came up against one of its limits, or its session's.
    case limit
    /// It did not run to its end, by no fault of its own: an earlier cell failed, or the session ended or began anew.
    case aborted
}

/// What becomes of the interpreter's state after a cell.
package enum TransactionPolicy: String, Sendable, CaseIterable {
    /// It stays, however the cell ended.
    case commitAlways = "commit_always"
    /// After a cell that did not end well it is again what it was before.
    case rollbackOnFailure = "rollback_on_failure"
    /// What it was before stays available as a checkpoint named like the cell, until that is restored or dropped.
    case explicit
}
