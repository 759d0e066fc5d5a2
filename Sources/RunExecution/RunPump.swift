internal import Glibc
internal import LinuxSystem
package import RunModel
internal import SandboxSpec
internal import Synchronization
internal import WardenClient

/// The thread of a run: moves bytes between the program and the sink of the run, and puts all events in one order.
///
/// Everything a sink sees passes through here, so no sink needs a lock and a blocking one holds up its own run only.
/// The task that carries out the run prefers this thread, too (SE-0417): the warden's messages are handled on the thread that receives them,
/// and a run costs two changes of threads instead of a dozen.
///
/// The mailbox stays small: a sample of usage that has not been taken yet is replaced by the next one, and everything
/// else happens a bounded number of times in a run.
package final class RunPump: TaskExecutor {
    /// What was seen of a step's output when both streams had ended.
    package struct Drained: Sendable, Equatable {
        /// All bytes the program wrote that were read, passed on or not.
        package var bytes: Int64 = 0
        /// More was written than was passed on.
        package var truncated = false
        /// The last bytes of stderr, or of the terminal.
        package var tail: [UInt8] = []
    }

    /// What the pump needs to know of a step.
    package struct Step: Sendable {
        let streams: ProgramStreams
        let input: RunInput
        /// Says how much of the output may be passed on.
        let meter: OutputMeter
        /// Nanoseconds without output after which a program counts as idle.
        let idleLimit: Int64
        /// Ends the program that wrote more than is allowed. Without it the program goes on, what is beyond is forgotten, and
        /// a line says so in the end.
        let onOverflow: (@Sendable (_ bytes: Int64) -> Void)?
        let onActivity: @Sendable () -> Void
        /// The program is known to run, by what it has written or by what is said of it; called once.
        var onStart: @Sendable () -> Void = {}
        /// Asks whether the program waits for input; `inputAwaited` takes the answer.
        let onLook: @Sendable () -> Void
        /// Knows in which order the program writes to its two pipes.
        let writes: WriteWatch?
        /// Its output is read and forgotten.
        var isSilent = false
        /// Keeps what the step writes, if that is wanted.
        var recorder: OutputRecorder?
        /// Comes before the first output, at the latest with `announce`. The program gets no input before it.
        var announcement: RunEvent.Kind?
    }

    enum Command: Sendable {
        case emit(RunEvent.Kind)
        case attach(Step)
        case announce
        case inputAwaited(Bool)
        case drain(CheckedContinuation<Drained, Never>)
        case perform(@Sendable () -> Void)
        case job(UnownedJob)
        case close
    }

    private struct Mailbox {
        var commands: [Command] = []
        var isClosed = false
    }

    private let mailbox = Mutex(Mailbox())
    private let wakeup: EventCounter
    /// The thread that reads the mailbox without being woken.
    private let thread = Atomic<UInt>(0)

    /// Starts the thread. The caller has to `close` it.
    ///
    /// - Parameters:
    ///   - log: where the run's events stand so far, and who gets the next ones.
    ///   - now: nanoseconds of a monotonic clock.
    /// - Throws: `APIError` when the process is out of descriptors or threads.
    package init(log: RunEventEmitter, now: @escaping @Sendable () -> Int64) throws(APIError) {
        do throws(SystemCallError) {
            wakeup = try EventCounter()
            try DetachedThread.start { [self] in
                thread.store(UInt(pthread_self()), ordering: .relaxed)
                RunPumpLoop(pump: self, log: log, now: now).run()
            }
        } catch {
            throw APIError(.internalError, error.description, retryable: true)
        }
    }

    /// Puts an event into the run's order.
    package func emit(_ kind: RunEvent.Kind) {
        post(.emit(kind))
    }

    /// Begins to move a step's bytes. One step at a time.
    package func attach(_ step: Step) {
        post(.attach(step))
    }

    /// The program is known to run.
    package func announce() {
        post(.announce)
    }

    /// What was seen of a program that was looked at.
    package func inputAwaited(_ isWaiting: Bool) {
        post(.inputAwaited(isWaiting))
    }

    /// Has the thread look at its sources.
    func wake() {
        guard UInt(pthread_self()) != thread.load(ordering: .relaxed) else { return }
        var one: UInt64 = 1
        _ = write(wakeup.number, &one, MemoryLayout<UInt64>.size)
    }

    /// Waits until both streams of the step have ended and all of it has been passed on; then lets go of the step.
    ///
    /// Call it when the sandbox is gone: the end of its streams is then certain, and a stream that neither ends nor
    /// says anything for two seconds is given up.
    package func drain() async -> Drained {
        await withCheckedContinuation { post(.drain($0)) }
    }

    /// Does something that blocks (files) on the run's thread, after everything posted so far.
    package func perform<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            post(.perform { continuation.resume(returning: work()) })
        }
    }

    /// Ends the thread after everything posted so far; what is posted afterwards is lost.
    package func close() {
        post(.close)
    }

    /// Part of a task that prefers this thread.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // A late one, of a task that goes on after the run, is nothing that may be lost.
        if !post(.job(job)) { globalConcurrentExecutor.enqueue(job) }
    }

    func takeCommands() -> [Command] {
        mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
    }

    /// To be called after a wakeup, before the commands are taken.
    func clearWakeup() {
        // A counter that cannot be read leaves the thread awake, not deaf.
        do { _ = try wakeup.drain() } catch {}
    }

    var wakeupNumber: Int32 { wakeup.number }

    @discardableResult
    private func post(_ command: Command) -> Bool {
        let (isOpen, wakes) = mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return (false, false) }
            if case .close = command { mailbox.isClosed = true }
            if case .emit(.resource) = command, case .emit(.resource)? = mailbox.commands.last {
                mailbox.commands.removeLast()
            }
            mailbox.commands.append(command)
            // Whoever put the first one there has woken the thread, or is the thread itself.
            return (true, mailbox.commands.count == 1)
        }
        if wakes { wake() }
        return isOpen
    }
}
