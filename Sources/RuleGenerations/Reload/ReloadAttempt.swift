/// One attempt to take over changed files, and what came of it.
package struct ReloadAttempt: Sendable, Equatable, Codable {
    package enum Outcome: String, Sendable, Codable, CaseIterable {
        /// The files are those of the generation in force.
        case unchanged
        /// A new generation is in force.
        case switched
        /// Something is wrong with them: nothing has changed.
        case refused
    }

    /// Milliseconds since 1970.
    package let at: Int64
    /// Why it was made: `start`, `change`, `SIGHUP`, `request`, or the command that made the change.
    package let reason: String
    /// Who asked for it: `key:ID`, `anyone`, `user:NAME`; nil when nobody is known.
    package let by: String?
    package let outcome: Outcome
    /// SHA-256 of the files that were looked at.
    package let digest: String
    /// That of the files in force before; nil at the start.
    package let before: String?
    /// The generation in force afterwards.
    package let generation: Int64
    /// What is wrong, a line each, with file and line; empty unless it was refused.
    package let errors: [String]
    /// Policies that are new, changed or gone.
    package let changed: [String]
    package let milliseconds: Double

    package init(
        at: Int64, reason: String, by: String? = nil, outcome: Outcome, digest: String, before: String? = nil,
        generation: Int64, errors: [String] = [], changed: [String] = [], milliseconds: Double = 0
    ) {
        self.at = at
        self.reason = reason
        self.by = by
        self.outcome = outcome
        self.digest = digest
        self.before = before
        self.generation = generation
        self.errors = errors
        self.changed = changed
        self.milliseconds = milliseconds
    }
}

/// How reloading stands: for status pages, `nestbox policy status` and metrics.
package struct ReloadStatus: Sendable, Equatable, Codable {
    package enum State: String, Sendable, Codable, CaseIterable {
        case idle
        /// Files are being changed, or are being looked at.
        case checking
        /// A sandbox is being built with each changed policy.
        case trying
        /// Sandboxes of the new generation are being parked before it is in force.
        case warming
    }

    package var state: State
    package var generation: Int64
    package var digest: String
    /// When the generation came into force, in milliseconds since 1970.
    package var loadedAt: Int64
    /// The last attempt that was made; nil before the first.
    package var last: ReloadAttempt?
    /// When an attempt last succeeded, the start included.
    package var lastSuccessAt: Int64
    /// Why the history could not be written; nil when all is well.
    package var historyError: String?
    /// Attempts that were refused, and that switched, since the start.
    package var refused: Int
    package var switched: Int
    /// The process of the service.
    package var pid: Int32

    /// Whether the last attempt was not refused.
    package var isWell: Bool { last?.outcome != .refused }

    /// What somebody has to mend, in one line; nil when all is well.
    package var problem: String? {
        guard let last, !isWell, let first = last.errors.first else {
            return historyError.map { "the history is not written: \($0)" }
        }
        let more = last.errors.count > 1 ? " and \(last.errors.count - 1) more" : ""
        return "generation \(generation) stays in force: \(first)\(more)"
    }

    private enum CodingKeys: String, CodingKey {
        case state, generation, digest, last, refused, switched, pid
        case loadedAt = "loaded_at"
        case lastSuccessAt = "last_success_at"
        case historyError = "history_error"
    }
}
