extension APIError {
    /// The HTTP status (RFC 9110, section 15) this error is answered with.
    package var httpStatus: Int {
        switch code {
        case .invalidJSON, .invalidRequest, .invalidLimit, .invalidFileName, .sourceTooLarge,
            .unknownLanguage, .unknownPolicy:
            400
        case .unauthenticated: 401
        case .originNotAllowed, .notAllowed: 403
        case .notFound, .runNotFound, .artifactNotFound, .policyNotFound, .sessionNotFound, .checkpointNotFound,
            .fileNotFound, .workspaceNotFound, .processNotFound:
            404
        case .methodNotAllowed: 405
        case .runFinished, .stdinClosed, .inputTokenStale, .readOnly, .sessionEnded, .sessionBusy, .sessionControlled,
            .notSupported, .checkpointExists, .tooManyCheckpoints, .queryFailed, .filesFailed,
            .sessionUnreadable, .tooManyStored, .workspaceStopped, .workspaceBusy, .workspaceUnreadable,
            .tooManyStoredWorkspaces, .processNotRunning, .processExists:
            409
        case .preconditionFailed: 412
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .rangeNotSatisfiable: 416
        case .hostNotAllowed: 421
        case .upgradeRequired: 426
        case .rateLimited, .quotaExceeded, .tooManyRuns, .inputBufferFull, .tooManySessions, .tooManyCells,
            .tooManyQueries, .tooManyWorkspaces, .tooManyProcesses:
            429
        case .queueFull, .queueTimeout, .overloaded, .auditUnavailable, .shuttingDown, .wardenUnavailable,
            .imageNotBuilt, .invalidImage,
            .invalidPolicy, .invalidTenant:
            503
        case .driverTimeout: 504
        default: 500
        }
    }
}
