internal import Glibc
package import LinuxSystem
package import SandboxSpec
package import WardenProtocol

/// A sandbox, from parked to gone, as the step of a run uses it: `SandboxHandle`, or a script in tests.
///
/// Safe to call from any thread; nothing here waits for the sandbox. A sandbox that is gone ignores what is sent to it:
/// its events say how it ended.
package protocol Sandbox: Sendable {
    /// This side's ends of the program's standard streams.
    var streams: ProgramStreams { get }

    /// This side's ends of the program's channel; nil when the sandbox was made without one.
    var channel: ProgramChannel? { get }

    /// What it uses, at any moment; nil when the sandbox was made without a channel.
    var meter: SandboxMeter? { get }

    /// The listening socket in the sandbox's network; nil when that is not `egress`. Whoever uses it closes it.
    var listener: SharedDescriptor? { get }

    /// Of an observed sandbox: by what its calls are answered; nil of all others.
    var observation: SandboxObservation? { get }

    /// Whether the sandbox was there when the warden last sent something about it.
    var isAlive: Bool { get }

    /// The next event, for one reader; `finished` is always the last one. Nil after that, and when the task is cancelled.
    func nextEvent() async -> SandboxEvent?

    /// Has a file of these bytes written under /box. Before `start` only; a failure ends the sandbox.
    ///
    /// - Throws: `SystemCallError` when there is no memory for a copy, `WardenError` when the connection has ended.
    func upload(_ path: BoxPath, executable: Bool, bytes: [UInt8]) throws

    /// Starts the parked program.
    ///
    /// - Parameter times: the limits of this job where they differ from those of the sandbox's spec.
    /// - Throws: `ProtocolError` when the job is out of bounds, `WardenError` when the connection has ended.
    func start(_ job: Job, times: TimeLimits?) throws

    /// Ends the sandbox, whatever it does; `finished` follows. Does nothing when it is over.
    func kill(_ reason: KillReason)

    /// Stops waiting for the sandbox: its events end with this failure now, and the warden is asked to end it.
    func giveUp(_ failure: StageFailure)

    /// Sends a signal, 1 to 64, to the program's process group.
    ///
    /// - Throws: `ProtocolError` for any other number, `WardenError` when the connection has ended.
    func signal(_ number: UInt8) throws

    /// Changes the size of the program's terminal.
    func resize(_ size: TerminalSize)

    /// Reports that the program has produced output, so that it does not count as idle.
    func activity()

    /// Asks whether the program waits for input; `inputAwaited` is the answer. There is none when it does not run.
    func probe()

    /// Has something done with the files of the running program; the event `files` is the answer, in the order of the orders.
    ///
    /// - Parameter archive: to be written or read; nil for an order without one.
    /// - Throws: `WardenError` when the connection has ended.
    func files(_ order: FilesOrder, archive: SharedDescriptor?) throws

    /// Starts a process in a sandbox with processes; `spawned` or `spawnFailed` is the answer.
    ///
    /// - Throws: `ProtocolError` when the job or the options are out of bounds, `WardenError` when the connection has ended.
    func spawn(_ process: ProcessNumber, _ job: Job, _ options: SpawnOptions) throws

    /// Sends a signal, 1 to 64, to the group of such a process.
    func signal(_ number: UInt8, process: ProcessNumber) throws

    /// Connects to a port of such a sandbox's network; `dialed` is the answer.
    ///
    /// - Parameter port: 1 to 65535.
    func dial(_ dial: DialNumber, port: UInt16) throws
}

extension Sandbox {
    /// Sandboxes are not observed unless they say so.
    package var observation: SandboxObservation? { nil }

    // Nor do they have processes.
    package func spawn(_ process: ProcessNumber, _ job: Job, _ options: SpawnOptions) throws {
        throw StageFailure(stage: "request", errno: ENOSYS)
    }

    package func signal(_ number: UInt8, process: ProcessNumber) throws {
        throw StageFailure(stage: "request", errno: ENOSYS)
    }

    package func dial(_ dial: DialNumber, port: UInt16) throws { throw StageFailure(stage: "request", errno: ENOSYS) }
}
