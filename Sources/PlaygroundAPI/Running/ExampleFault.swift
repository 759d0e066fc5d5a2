internal import Examples
internal import RunModel
internal import SandboxSpec

/// Why a run of an example did not succeed, in words for its user.
struct ExampleFault: Sendable, Equatable {
    let message: String
    /// Whether the same request may succeed later.
    let retryable: Bool
    /// What the program or the service said about it; nil when the message says all.
    var details: String?

    /// The most bytes of a program's own words.
    private static let maximumDetails = 2000

    init(_ message: String, retryable: Bool, details: String? = nil) {
        self.message = message
        self.retryable = retryable
        self.details = details
    }

    /// Nil when the run succeeded.
    init?(_ outcome: ExampleOutcome) {
        let end = outcome.result.outcome
        let words = Self.last(outcome.result.stderr.lossyText)
        switch end.verdict {
        case .ok: return nil
        case .cpuLimit, .wallLimit, .idleLimit:
            self.init("Example took too long to execute. Try a simpler example.", retryable: true)
        case .memoryLimit: self.init("Example used more memory than it may.", retryable: false)
        case .outputLimit: self.init("Example wrote more output than it may.", retryable: false)
        case .diskLimit: self.init("Example wrote more files than it may.", retryable: false)
        case .syscallDenied: self.init("Example asked the system for something that it may not do.", retryable: false)
        case .cancelled: self.init("Execution was cancelled.", retryable: true)
        case .internalError:
            self.init("An unexpected error occurred.", retryable: true, details: outcome.result.error?.message)
        case .compileError: self.init("The program did not compile.", retryable: false, details: words)
        case .nonzeroExit, .signaled:
            // Its package, key or network is missing, which the example says itself.
            guard outcome.example.needs == nil else {
                self.init("AI service is temporarily unavailable.", retryable: true, details: words)
                return
            }
            self.init("The program ended with an error.", retryable: false, details: words)
        }
    }

    /// Why there was no run at all.
    init(_ error: APIError) {
        switch error.code {
        case .rateLimited, .tooManyRuns:
            self.init("Rate limit exceeded. Please try again later.", retryable: true, details: error.message)
        case .queueFull, .queueTimeout, .overloaded, .shuttingDown, .wardenUnavailable:
            self.init("The playground is busy. Please try again shortly.", retryable: true, details: error.message)
        case .imageNotBuilt, .invalidImage, .invalidPolicy, .unknownLanguage:
            self.init("The language of this example is not available.", retryable: false, details: error.message)
        case .internalError, .sandboxFailed: self.init("An unexpected error occurred.", retryable: true)
        default: self.init(error.message, retryable: error.retryable)
        }
    }

    /// The end of a text, which has what went wrong.
    private static func last(_ text: String) -> String? {
        guard !text.isEmpty else { return nil }
        return text.utf8.count <= maximumDetails
            ? text : "…" + String(decoding: text.utf8.suffix(maximumDetails), as: UTF8.self)
    }
}
