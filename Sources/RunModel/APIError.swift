/// An error as every front end shows it: `{"code", "message", "retryable", "details"}`.
///
/// The message is one line for people; the code is for programs and never changes its meaning.
package struct APIError: Error, Sendable, Equatable, Codable, CustomStringConvertible {
    /// A machine-readable reason, in capitals.
    package struct Code: RawRepresentable, Sendable, Hashable, Codable {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        package static let invalidRequest = Code(rawValue: "INVALID_REQUEST")
        package static let invalidLimit = Code(rawValue: "INVALID_LIMIT")
        package static let invalidFileName = Code(rawValue: "INVALID_FILE_NAME")
        package static let fileUnreadable = Code(rawValue: "FILE_UNREADABLE")
        package static let sourceTooLarge = Code(rawValue: "SOURCE_TOO_LARGE")
        package static let unknownLanguage = Code(rawValue: "UNKNOWN_LANGUAGE")
        package static let unknownPolicy = Code(rawValue: "UNKNOWN_POLICY")
        package static let invalidPolicy = Code(rawValue: "INVALID_POLICY")
        package static let invalidImage = Code(rawValue: "INVALID_IMAGE")
        package static let imageNotBuilt = Code(rawValue: "IMAGE_NOT_BUILT")
        package static let programNotFound = Code(rawValue: "PROGRAM_NOT_FOUND")
        package static let permissionDenied = Code(rawValue: "PERMISSION_DENIED")
        package static let wardenUnavailable = Code(rawValue: "WARDEN_UNAVAILABLE")
        package static let sandboxFailed = Code(rawValue: "SANDBOX_FAILED")
        package static let artifactFailed = Code(rawValue: "ARTIFACT_FAILED")
        package static let internalError = Code(rawValue: "INTERNAL_ERROR")
        package static let invalidJSON = Code(rawValue: "INVALID_JSON")
        package static let unauthenticated = Code(rawValue: "UNAUTHENTICATED")
        package static let originNotAllowed = Code(rawValue: "ORIGIN_NOT_ALLOWED")
        package static let hostNotAllowed = Code(rawValue: "HOST_NOT_ALLOWED")
        package static let notFound = Code(rawValue: "NOT_FOUND")
        package static let runNotFound = Code(rawValue: "RUN_NOT_FOUND")
        package static let artifactNotFound = Code(rawValue: "ARTIFACT_NOT_FOUND")
        package static let policyNotFound = Code(rawValue: "POLICY_NOT_FOUND")
        package static let methodNotAllowed = Code(rawValue: "METHOD_NOT_ALLOWED")
        package static let runFinished = Code(rawValue: "RUN_FINISHED")
        package static let stdinClosed = Code(rawValue: "STDIN_CLOSED")
        package static let inputTokenStale = Code(rawValue: "INPUT_TOKEN_STALE")
        package static let readOnly = Code(rawValue: "READ_ONLY")
        package static let bodyTooLarge = Code(rawValue: "BODY_TOO_LARGE")
        package static let unsupportedMediaType = Code(rawValue: "UNSUPPORTED_MEDIA_TYPE")
        package static let upgradeRequired = Code(rawValue: "UPGRADE_REQUIRED")
        package static let rateLimited = Code(rawValue: "RATE_LIMITED")
        package static let tooManyRuns = Code(rawValue: "TOO_MANY_RUNS")
        package static let inputBufferFull = Code(rawValue: "INPUT_BUFFER_FULL")
        package static let overloaded = Code(rawValue: "OVERLOADED")
        package static let auditUnavailable = Code(rawValue: "AUDIT_UNAVAILABLE")
        /// What a tenant may not use.
        package static let notAllowed = Code(rawValue: "NOT_ALLOWED")
        /// A tenant has used what it may in a day.
        package static let quotaExceeded = Code(rawValue: "QUOTA_EXCEEDED")
        /// The files of tenants are wrong.
        package static let invalidTenant = Code(rawValue: "INVALID_TENANT")
        package static let queueTimeout = Code(rawValue: "QUEUE_TIMEOUT")
        package static let queueFull = Code(rawValue: "QUEUE_FULL")
        package static let shuttingDown = Code(rawValue: "SHUTTING_DOWN")
        package static let sessionNotFound = Code(rawValue: "SESSION_NOT_FOUND")
        package static let sessionEnded = Code(rawValue: "SESSION_ENDED")
        package static let sessionBusy = Code(rawValue: "SESSION_BUSY")
        package static let sessionControlled = Code(rawValue: "SESSION_CONTROLLED")
        package static let tooManySessions = Code(rawValue: "TOO_MANY_SESSIONS")
        package static let tooManyCells = Code(rawValue: "TOO_MANY_CELLS")
        package static let tooManyQueries = Code(rawValue: "TOO_MANY_QUERIES")
        package static let notSupported = Code(rawValue: "NOT_SUPPORTED")
        package static let checkpointNotFound = Code(rawValue: "CHECKPOINT_NOT_FOUND")
        package static let checkpointExists = Code(rawValue: "CHECKPOINT_EXISTS")
        package static let tooManyCheckpoints = Code(rawValue: "TOO_MANY_CHECKPOINTS")
        package static let fileNotFound = Code(rawValue: "FILE_NOT_FOUND")
        package static let filesFailed = Code(rawValue: "FILES_FAILED")
        package static let sessionUnreadable = Code(rawValue: "SESSION_UNREADABLE")
        package static let tooManyStored = Code(rawValue: "TOO_MANY_STORED_SESSIONS")
        package static let queryFailed = Code(rawValue: "QUERY_FAILED")
        package static let driverTimeout = Code(rawValue: "DRIVER_TIMEOUT")
        package static let workspaceNotFound = Code(rawValue: "WORKSPACE_NOT_FOUND")
        /// It has no sandbox.
        package static let workspaceStopped = Code(rawValue: "WORKSPACE_STOPPED")
        package static let workspaceBusy = Code(rawValue: "WORKSPACE_BUSY")
        package static let workspaceUnreadable = Code(rawValue: "WORKSPACE_UNREADABLE")
        package static let tooManyWorkspaces = Code(rawValue: "TOO_MANY_WORKSPACES")
        package static let tooManyStoredWorkspaces = Code(rawValue: "TOO_MANY_STORED_WORKSPACES")
        package static let processNotFound = Code(rawValue: "PROCESS_NOT_FOUND")
        package static let processNotRunning = Code(rawValue: "PROCESS_NOT_RUNNING")
        /// Another process that lives has the name.
        package static let processExists = Code(rawValue: "PROCESS_EXISTS")
        package static let tooManyProcesses = Code(rawValue: "TOO_MANY_PROCESSES")
        /// A file is not as the request expects it.
        package static let preconditionFailed = Code(rawValue: "PRECONDITION_FAILED")
        /// The file is shorter than what is asked for.
        package static let rangeNotSatisfiable = Code(rawValue: "RANGE_NOT_SATISFIABLE")
    }

    package var code: Code
    package var message: String
    /// Whether the same request may succeed later without a change.
    package var retryable: Bool
    package var details: [String: String]

    package init(_ code: Code, _ message: String, retryable: Bool = false, details: [String: String] = [:]) {
        self.code = code
        self.message = message
        self.retryable = retryable
        self.details = details
    }

    package var description: String { message }
}

/// The body of an answer that is an error: `{"error": {…}}`.
package struct APIErrorBody: Sendable, Equatable, Codable {
    package let error: APIError

    package init(_ error: APIError) {
        self.error = error
    }
}
