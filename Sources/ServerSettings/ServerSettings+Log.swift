extension ServerSettings {
    /// What is logged, in which format and where.
    package struct Log: Sendable {
        package enum Level: String, Sendable, CaseIterable {
            case trace, debug, info, notice, warning, error
        }

        package enum Format: String, Sendable, CaseIterable {
            /// One JSON object per line.
            case json
            case text
        }

        /// The destination of request records.
        package enum Requests: Sendable, Equatable {
            case standardError, off
            /// An absolute path.
            case file(String)
        }

        /// The lowest level that is logged.
        package internal(set) var level = Level.info
        package internal(set) var format = Format.json
        package internal(set) var requests = Requests.standardError
    }
}
