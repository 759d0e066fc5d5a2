internal import LinuxSystem
internal import SandboxSpec
internal import WardenProtocol

/// A message that waits for room in the socket's buffer.
struct OutgoingPacket: Sendable {
    let bytes: [UInt8]
    let descriptor: SharedDescriptor?
}

/// What the warden handed over with `created`.
struct CreatedSandbox: Sendable {
    let queue: SandboxEventQueue
    let streams: ProgramStreams
    let channel: ProgramChannel?
    let meter: SandboxMeter?
    let listener: SharedDescriptor?
    let observation: SandboxObservation?
}

/// What decides which descriptors come with `created`.
struct SandboxShape: Sendable {
    let hasTerminal: Bool
    let hasChannel: Bool
    /// Of a sandbox with a channel or with processes.
    let hasMeter: Bool
    let hasListener: Bool
    let isObserved: Bool
}

/// What a connection knows of one sandbox.
enum SandboxSlot: Sendable {
    /// `create` was sent.
    case creating(CheckedContinuation<CreatedSandbox, any Error>, SandboxShape)
    /// Whoever asked for it was cancelled meanwhile; what still comes about it is thrown away.
    case abandoned
    /// A handle to it was given out.
    case living(SandboxEventQueue)
}

/// How far a connection has come.
enum ConnectionPhase: Sendable {
    /// `hello` was sent.
    case greeting
    case ready
    /// No more requests; the warden has been told and is given until `deadline` to end by itself.
    case closing(deadline: ContinuousClock.Instant)
    /// Nothing is read or sent any more.
    case ended(WardenError)
}

/// The mutable part of a connection, behind its lock.
struct WardenState: Sendable {
    var phase = ConnectionPhase.greeting
    var sandboxes: [SandboxID: SandboxSlot] = [:]
    var nextSandbox: SandboxID = 1
    var coder = RequestCoder()
    var outgoing: [OutgoingPacket] = []
    /// What the warden last said of itself, and when.
    var status: (value: WardenStatus, at: ContinuousClock.Instant)?
    /// Since when the first of `outgoing` has been waiting.
    var blockedSince: ContinuousClock.Instant?
}
