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
        package static let sourceEmpty = Code(rawValue: "SOURCE_EMPTY")
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
