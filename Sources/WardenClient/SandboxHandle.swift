package import LinuxSystem
package import SandboxSpec
package import WardenProtocol

/// One sandbox, from parked to gone.
///
/// Its methods return immediately; their effects are reported by `events`. A handle that is dropped before the sandbox has
/// finished ends the sandbox. Safe to use from any task.
package final class SandboxHandle: Sandbox {
    package let id: SandboxID
    /// Everything that happens to the sandbox, `finished` last. For one consumer; two would share the events. Ends early
    /// only for a consumer whose task is cancelled, which can still wait for `finished()`. Keeps the handle alive.
    package var events: AsyncStream<SandboxEvent> {
        // Not stored: it would be a cycle. Without it, the optimizer could drop the handle, and so end the sandbox,
        // after the last mention of it, which is often the head of the loop over its events.
        AsyncStream { await self.nextEvent() }
    }

    /// The next of `events`; nil after `finished`, and when the task is cancelled.
    package func nextEvent() async -> SandboxEvent? {
        await queue.next()
    }

    /// This side's ends of the program's standard streams. Whoever uses them closes them; the others are closed with the
    /// handle.
    package let streams: ProgramStreams
    /// This side's ends of the channel, if there is one. Closed like the streams.
    package let channel: ProgramChannel?
    /// With a channel, the kernel's account of it.
    package let meter: SandboxMeter?
    /// The listening socket in the sandbox's network, with `egress`. Closed like the streams.
    package let listener: SharedDescriptor?
    /// Of an observed sandbox. Closed like the streams.
    package let observation: SandboxObservation?
    private let queue: SandboxEventQueue
    private let warden: WardenChannel
    /// Keeps the connection open while it has sandboxes.
    private let connection: WardenConnection

    init(id: SandboxID, created: CreatedSandbox, connection: WardenConnection, channel: WardenChannel) {
        self.id = id
        self.connection = connection
        warden = channel
        queue = created.queue
        streams = created.streams
        self.channel = created.channel
        meter = created.meter
        listener = created.listener
        observation = created.observation
    }

    deinit {
        if queue.outcome.value == nil { warden.kill(id) }
    }

    /// Has a file written below /box. Before `start` only; a failure ends the sandbox.
    ///
    /// - Parameter descriptor: a memfd with all seals set.
    /// - Throws: `WardenError` when the connection has ended.
    package func upload(
        _ path: BoxPath, executable: Bool, descriptor: consuming sending OwnedDescriptor
    ) throws {
        try warden.send(
            .upload(id, path, executable: executable), about: id, descriptor: SharedDescriptor(descriptor))
    }

    /// Has a file of these bytes written below /box. Before `start` only; a failure ends the sandbox.
    ///
    /// - Throws: `SystemCallError` when there is no memory for a copy, `WardenError` when the connection has ended.
    package func upload(_ path: BoxPath, executable: Bool, bytes: [UInt8]) throws {
        try upload(path, executable: executable, descriptor: try MemoryFile.sealed(bytes, name: "upload"))
    }

    /// Lets the parked program go.
    ///
    /// - Parameter times: the limits of this job where they differ from those of the sandbox's spec.
    /// - Throws: `ProtocolError` when the job is out of bounds, `WardenError` when the connection has ended.
    package func start(_ job: Job, times: TimeLimits? = nil) throws {
        try warden.send(.start(id, job, times: times), about: id)
    }

    /// Whether the sandbox was there when the warden last sent something about it.
    package var isAlive: Bool { queue.outcome.value == nil }

    /// Ends the sandbox, whatever it does; `finished` follows. Does nothing when it is over.
    package func kill(_ reason: KillReason) {
        try? warden.send(.kill(id, reason), about: id)
    }

    /// Waits for it no longer: its events end with this failure now. The warden is asked to end it, and what it
    /// sends about the sandbox from here on is dropped.
    package func giveUp(_ failure: StageFailure) {
        warden.giveUp(id, failure)
    }

    /// Sends a signal, 1 to 64, to the program's process group.
    ///
    /// - Throws: `ProtocolError` for any other number, `WardenError` when the connection has ended.
    package func signal(_ number: UInt8) throws {
        try warden.send(.signal(id, number), about: id)
    }

    /// Changes the size of the program's terminal.
    package func resize(_ size: TerminalSize) {
        try? warden.send(.resize(id, size), about: id)
    }

    /// Says that the program has produced output, so that it does not count as idle.
    package func activity() {
        try? warden.send(.activity(id), about: id)
    }

    /// Asks whether the program waits for input; `inputAwaited` is the answer. There is none when it does not run.
    package func probe() {
        try? warden.send(.probe(id), about: id)
    }

    package func files(_ order: FilesOrder, archive: SharedDescriptor?) throws {
        try warden.send(.files(id, order), about: id, descriptor: archive)
    }

    package func spawn(_ process: ProcessNumber, _ job: Job, _ options: SpawnOptions) throws {
        try warden.send(.spawn(id, process, job, options), about: id)
    }

    package func signal(_ number: UInt8, process: ProcessNumber) throws {
        try warden.send(.signalProcess(id, process, number), about: id)
    }

    package func dial(_ dial: DialNumber, port: UInt16) throws {
        try warden.send(.dial(id, dial, port: port), about: id)
    }

    /// Waits for the sandbox to be gone, and says how it ended. Does not end early when the task is cancelled, and does
    /// not need `events` to be read.
    package func finished() async -> SandboxOutcome {
        await queue.outcome.wait()
    }
}
