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

        /// When a record of the audit log is on the disk.
        package enum AuditSync: String, Sendable, CaseIterable {
            /// Before the action that it records.
            case always
            /// Within about a second.
            case second
        }

        /// The lowest level that is logged.
        package internal(set) var level = Level.info
        package internal(set) var format = Format.json
        package internal(set) var requests = Requests.standardError
        /// The file of the audit log; nil when there is none.
        package internal(set) var audit: String?
        package internal(set) var auditSync = AuditSync.always
    }
}
