package import LinuxSystem
package import SandboxSpec
package import WardenProtocol

/// What happens to one sandbox, in the order in which the warden reported it.
package enum SandboxEvent: Sendable {
    case started
    /// The newest sample. Unread samples are replaced by newer ones.
    case usage(Usage)
    case warning(LimitHit)
    /// The answer to a probe: whether the program waits for input.
    case inputAwaited(Bool)
    /// The answer to an order about files.
    case files(FilesResult)
    /// A file of the finished run, at most `bytes` long; the descriptor is open for reading at its start.
    case artifact(BoxPath, bytes: Int64, SharedDescriptor)
    /// A file that was asked for and not exported: its name in printable ASCII, and why.
    case artifactSkipped(name: String, reason: String)
    /// The sandbox is gone. Always the last event, and always there: a warden that dies, refuses a message or talks
    /// nonsense makes it an outcome of verdict `internalError` with the failure set.
    case finished(SandboxOutcome)
}
