internal import RunModel
internal import SandboxSpec
internal import WebSockets

/// A change in the life of a run.
public enum NestboxEvent: Sendable, Equatable {
    /// The service has accepted the run, with this id.
    case accepted(id: String)
    /// The run waits; 1 is next.
    case queued(position: Int)
    /// A step begins: `compile` or `run`.
    case started(step: String)
    /// Bytes the program wrote, to stdout or to stderr.
    case output([UInt8], isError: Bool)
    /// The program waits for input; the prompt is what it wrote since its last newline.
    case inputRequest(prompt: String)
    /// Why the service failed.
    case failed(NestboxError)

    init?(_ event: RunEvent) {
        switch event.kind {
        case .accepted: self = .accepted(id: event.runID.description)
        case .queued(let position, _): self = .queued(position: position)
        case .started(let step, _, _): self = .started(step: step.rawValue)
        case .output(let stream, let text): self = .output(text.bytes, isError: stream == .stderr)
        case .inputRequest(_, let prompt): self = .inputRequest(prompt: prompt.lossyText)
        case .error(let error): self = .failed(NestboxError(error))
        case .resource, .warning, .finished: return nil
        }
    }
}

/// How a run ended.
public struct NestboxOutcome: Sendable, Equatable {
    /// `ok`, `nonzero_exit`, `cpu_limit`, …
    public let verdict: String
    /// Nil when a signal ended it, or nothing ran.
    public let exitCode: Int?
    /// Nil when it ended by itself, or nothing ran.
    public let signal: Int?
    /// CPU time of all its processes.
    public let cpuMilliseconds: Double
    /// From start to end.
    public let wallMilliseconds: Double
    /// The most memory its processes used themselves.
    public let memoryPeakBytes: Int64
    /// The output was cut off at its limit.
    public let isTruncated: Bool
    /// How ready the sandbox of the last step was: `fork`, `boot`, `parked`, `cold` or `cached`; nil when no step began.
    public let warm: String?

    init(_ outcome: RunOutcome) {
        verdict = outcome.verdict.rawValue
        switch outcome.status {
        case .exited(let code)?: (exitCode, signal) = (Int(code), nil)
        case .signaled(let number)?: (exitCode, signal) = (nil, Int(number))
        case nil: (exitCode, signal) = (nil, nil)
        }
        cpuMilliseconds = outcome.usage.cpuMilliseconds
        wallMilliseconds = outcome.usage.wallMilliseconds
        memoryPeakBytes = outcome.usage.memoryPeakBytes
        isTruncated = outcome.truncated
        warm = outcome.warm?.rawValue
    }
}

/// Why the service did not carry out a request.
public struct NestboxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A reason for programs, such as `UNKNOWN_LANGUAGE`.
    public let code: String
    /// One line for people.
    public let message: String
    /// Whether the same request may succeed later.
    public let retryable: Bool
    /// For wrong fields: their paths, and what is allowed.
    public let details: [String: String]

    /// The message.
    public var description: String { message }

    init(code: String, message: String, retryable: Bool, details: [String: String]) {
        self.code = code
        self.message = message
        self.retryable = retryable
        self.details = details
    }

    init(_ error: APIError) {
        self.init(code: error.code.rawValue, message: error.message, retryable: error.retryable, details: error.details)
    }

    init(refused error: WebSocketClient.Failure) {
        guard case .refused(let status) = error else {
            self.init(code: "CONNECTION_LOST", message: "\(error)", retryable: true, details: [:])
            return
        }
        let reason =
            switch status {
            case 401: "the service asks for an API key"
            case 429: "too many requests"
            case 503: "the service cannot take runs now"
            default: "the service answered \(status)"
            }
        self.init(
            code: status == 401 ? "UNAUTHENTICATED" : "HTTP_\(status)", message: reason,
            retryable: status == 429 || status == 503, details: [:])
    }
}
