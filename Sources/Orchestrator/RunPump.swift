internal import Glibc
internal import LinuxSystem
package import RunModel
internal import SandboxSpec
internal import Synchronization

/// The thread of a run: moves bytes between the program and whoever watches, and puts all events in one order.
///
/// Everything a sink sees passes through here, so no sink needs a lock and a blocking one holds up its own run only.
/// The mailbox stays small: a sample of usage that nobody has taken yet is replaced by the next one, and everything
/// else happens a bounded number of times in a run.
package final class RunPump: Sendable {
    /// What was seen of a step's output when both streams had ended.
    package struct Drained: Sendable, Equatable {
        /// All bytes the program wrote that were read, passed on or not.
        package var bytes: Int64 = 0
        /// More was written than was passed on.
        package var truncated = false
    }

    /// What the pump needs to know of a step.
    package struct Step: Sendable {
        let streams: ProgramStreams
        let input: RunInput
        /// Says how much of the output may be passed on.
        let meter: OutputMeter
        /// Nanoseconds without output after which a program counts as idle.
        let idleLimit: Int64
        let onOverflow: @Sendable (_ bytes: Int64) -> Void
        let onActivity: @Sendable () -> Void
        /// Asks whether the program waits for input; `inputAwaited` takes the answer.
        let onLook: @Sendable () -> Void
        /// Keeps what the step writes, if that is wanted.
        var recorder: OutputRecorder?
    }

    enum Command: Sendable {
        case emit(RunEvent.Kind)
        case attach(Step)
        case inputAwaited(Bool)
        case drain(CheckedContinuation<Drained, Never>)
        case perform(@Sendable () -> Void)
        case stop(CheckedContinuation<Void, Never>)
    }

    private let mailbox = Mutex<[Command]>([])
    private let bell: EventCounter

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - log: where the run's events stand so far, and who gets the next ones.
    ///   - now: nanoseconds of a monotonic clock.
    /// - Throws: `APIError` when the process is out of descriptors or threads.
    package init(log: RunLog, now: @escaping @Sendable () -> Int64) throws(APIError) {
        do {
            bell = try EventCounter()
        } catch {
            throw APIError(.internalError, error.description, retryable: true)
        }
        try DetachedThread.start { [self] in RunPumpLoop(pump: self, log: log, now: now).run() }
    }

    /// Puts an event into the run's order.
    package func emit(_ kind: RunEvent.Kind) {
        post(.emit(kind))
    }

    /// Begins to move a step's bytes. One step at a time.
    package func attach(_ step: Step) {
        post(.attach(step))
    }

    /// What was seen of a program that was looked at.
    package func inputAwaited(_ isWaiting: Bool) {
        post(.inputAwaited(isWaiting))
    }

    /// Has the thread look at its sources.
    func ring() {
        var one: UInt64 = 1
        _ = write(bell.number, &one, MemoryLayout<UInt64>.size)
    }

    /// Waits until both streams of the step have ended and all of it has been passed on; then lets go of the step.
    ///
    /// Call it when the sandbox is gone: the end of its streams is then certain, and a stream that neither ends nor
    /// says anything for two seconds is given up.
    package func drain() async -> Drained {
        await withCheckedContinuation { post(.drain($0)) }
    }

    /// Does something that blocks (files) on the run's thread.
    package func perform<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            post(.perform { continuation.resume(returning: work()) })
        }
    }

    /// Ends the thread after everything posted so far. Nothing may be posted afterwards.
    package func stop() async {
        await withCheckedContinuation { post(.stop($0)) }
    }

    func takeCommands() -> [Command] {
        // A counter that cannot be read leaves the thread awake, not deaf: the mailbox is looked at anyway.
        do { _ = try bell.drain() } catch {}
        return mailbox.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }

    var bellNumber: Int32 { bell.number }

    private func post(_ command: Command) {
        mailbox.withLock { commands in
            if case .emit(.resource) = command, case .emit(.resource)? = commands.last { commands.removeLast() }
            commands.append(command)
        }
        ring()
    }
}
