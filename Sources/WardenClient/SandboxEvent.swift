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
    /// The answer to an order about files, with the file that was to be opened.
    case files(FilesResult, SharedDescriptor?)
    /// A sandbox with processes takes them from now on. The kernel's tables of the TCP sockets of its network, which can be read again
    /// and again from their start.
    case listening([SharedDescriptor])
    /// A process executes; its streams are the reader's.
    case spawned(ProcessNumber, ProgramStreams)
    case spawnFailed(ProcessNumber, StageFailure)
    case exited(ProcessNumber, ProcessEnd)
    /// A socket: connected when `errno` is 0, still connecting when it is EINPROGRESS, none otherwise.
    case dialed(DialNumber, errno: Int32, SharedDescriptor?)
    /// A file of the finished run, at most `bytes` long; the descriptor is open for reading at its start.
    case artifact(BoxPath, bytes: Int64, SharedDescriptor)
    /// A file that was asked for and not exported: its name in printable ASCII, and why.
    case artifactSkipped(name: String, reason: String)
    /// The sandbox is gone. Always the last event, and always there: a warden that dies, refuses a message or talks
    /// nonsense makes it an outcome of verdict `internalError` with the failure set.
    case finished(SandboxOutcome)
}
