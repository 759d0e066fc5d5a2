/// What an overview says about policies and images.
extension AdminOverview {
    package struct Policies: Sendable, Equatable, Codable {
        /// `idle`, `checking`, `trying` or `warming`.
        package var state: String
        /// The generation in force, its digest, and since when; RFC 3339, in UTC.
        package var generation: Int64
        package var digest: String
        package var loadedAt: String
        /// `switched`, `unchanged` or `refused`; nil before the first attempt.
        package var lastOutcome: String?
        package var lastAt: String?
        package var lastReason: String?
        package var lastBy: String?
        /// What is wrong with the files as they are now; empty when nothing is.
        package var errors: [String]
        /// Why the history is not written; nil when it is.
        package var historyError: String?
        /// Attempts since the start.
        package var switched: Int
        package var refused: Int

        package init(
            state: String, generation: Int64, digest: String, loadedAt: String, lastOutcome: String? = nil,
            lastAt: String? = nil, lastReason: String? = nil, lastBy: String? = nil, errors: [String] = [],
            historyError: String? = nil, switched: Int = 0, refused: Int = 0
        ) {
            self.state = state
            self.generation = generation
            self.digest = digest
            self.loadedAt = loadedAt
            self.lastOutcome = lastOutcome
            self.lastAt = lastAt
            self.lastReason = lastReason
            self.lastBy = lastBy
            self.errors = errors
            self.historyError = historyError
            self.switched = switched
            self.refused = refused
        }

        private enum CodingKeys: String, CodingKey {
            case state, generation, digest, errors, switched, refused
            case loadedAt = "loaded_at"
            case lastOutcome = "last_outcome"
            case lastAt = "last_at"
            case lastReason = "last_reason"
            case lastBy = "last_by"
            case historyError = "history_error"
        }
    }
}
