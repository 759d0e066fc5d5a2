package import RunModel
package import SandboxSpec
package import WardenClient
package import WardenProtocol

/// Where runs get their sandboxes from.
///
/// One that makes a fresh sandbox per lease is `WardenSandboxes`; a pool that keeps some ready fits in the same place.
package protocol SandboxSource: Sendable {
    /// A parked sandbox of this spec, for one step of one run.
    ///
    /// - Throws: `APIError` when there is none to be had.
    func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease
}

/// A sandbox that belongs to one step of a run, with how ready it was.
package struct SandboxLease: Sendable {
    package let sandbox: any Sandbox
    package let streams: ProgramStreams
    package let warmth: WarmStart

    package init(sandbox: any Sandbox, streams: ProgramStreams, warmth: WarmStart) {
        self.sandbox = sandbox
        self.streams = streams
        self.warmth = warmth
    }
}

/// What a step of a run does with its sandbox. Safe to call from any thread; nothing here waits for the sandbox.
///
/// A sandbox that went away swallows what is sent to it: its events say how it ended.
package protocol Sandbox: Sendable {
    /// Whether it was there when it was last heard of.
    var isAlive: Bool { get }

    /// What becomes of the sandbox next, for one reader; `finished` is always the last one.
    func nextEvent() async -> SandboxEvent?

    /// Hands over a file to be written below /box. Before `start` only.
    func upload(_ path: BoxPath, content: [UInt8], executable: Bool) throws(APIError)
    /// - Parameter times: the limits of the job where they differ from those the sandbox was made with.
    func start(_ job: Job, times: TimeLimits?) throws(APIError)
    func kill(_ reason: KillReason)
    /// Waits for it no longer: its events end with this failure, whatever becomes of it.
    func giveUp(_ failure: StageFailure)
    func signal(_ number: UInt8)
    func resize(_ size: TerminalSize)
    /// The program has written something; its idle clock starts anew.
    func activity()
    /// Asks whether the program waits for input; the answer is an event.
    func probe()
}
