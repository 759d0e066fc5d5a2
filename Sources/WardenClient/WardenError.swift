package import LinuxSystem
package import SandboxSpec

/// Why there is no warden to talk to, or no longer one.
///
/// Every request of a connection throws the first of these that happened to it; none of them is the user's fault.
package enum WardenError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The executable could not be started at all.
    case cannotStart(executable: String, errno: Int32)
    /// A system call this side needs for the connection failed.
    case system(SystemCallError)
    /// The warden ended by itself. `standardError` holds the last lines it wrote, at most 4 KiB of them.
    case exited(ExitStatus, standardError: String)
    /// The other end of the connection was closed, and there is no process to ask why.
    case disconnected
    /// No `welcome` arrived in time.
    case noWelcome(after: Duration)
    case versionMismatch(ours: UInt32, theirs: UInt32)
    /// The warden sent what the protocol does not allow.
    case protocolViolation(String)
    /// The warden did not read its messages for too long, or too many of them are waiting.
    case unresponsive(queued: Int)
    /// The warden was asked how it is going, and has not said a word since.
    case silent(after: Duration)
    /// `close()` was called.
    case closed

    package var description: String {
        switch self {
        case .cannotStart(let executable, let errno):
            "cannot start the warden \(executable): \(errnoDescription(errno))"
        case .system(let error):
            "connection to the warden failed: \(error)"
        case .exited(let status, let standardError):
            "the warden " + Self.describe(status)
                + (standardError.isEmpty ? "" : ", its last words: " + standardError)
        case .disconnected:
            "the warden closed the connection"
        case .noWelcome(let duration):
            "the warden did not answer within \(duration)"
        case .versionMismatch(let ours, let theirs):
            "the warden speaks protocol version \(theirs), this program version \(ours)"
        case .protocolViolation(let what):
            "the warden broke the protocol: \(what)"
        case .unresponsive(let queued):
            "the warden does not read its messages, \(queued) are waiting"
        case .silent(let duration):
            "the warden stands still: it has not answered for \(duration)"
        case .closed:
            "the connection to the warden was closed"
        }
    }

    /// As the failure of a sandbox whose warden is gone.
    package var stageFailure: StageFailure {
        let number: Int32
        switch self {
        case .cannotStart(_, let errno): number = errno
        case .system(let error): number = error.errno
        default: number = 0
        }
        return StageFailure(stage: "warden", errno: number, object: description)
    }

    private static func describe(_ status: ExitStatus) -> String {
        switch status {
        case .exited(let code): "exited with status \(code)"
        case .signaled(let signal): "was killed by signal \(signal)"
        }
    }
}
