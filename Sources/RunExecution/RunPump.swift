internal import Glibc
internal import LinuxSystem
package import Reactor
package import RunModel
internal import SandboxSpec
internal import Synchronization
internal import WardenClient

/// Moves bytes between the program of a run and the sink of the run, and puts all events in one order: a member of a reactor, whose
/// thread is the run's thread.
///
/// Everything a sink sees passes through here, so no sink needs a lock. A service has one reactor for all its runs and the warden's
/// messages, so that nothing changes threads between them; nothing that blocks may be done there. A run with a reactor of its own may
/// have a sink that blocks, which holds up that run only. The task that carries out the run prefers the same thread (SE-0417).
///
/// The mailbox stays small: a sample of usage that has not been taken yet is replaced by the next one, and everything
/// else happens a bounded number of times in a run.
package final class RunPump: TaskExecutor {
    /// Above so many bytes, what takes a time for each byte is done on a thread beside, which costs two changes of threads.
    static let quickBytes = 262_144

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
        case replay([OutputRecorder.Chunk], CheckedContinuation<Void, Never>)
        case call(@Sendable () -> Void)
        case job(UnownedJob)
        case close
    }

    private struct Mailbox {
        var commands: [Command] = []
        /// The member has a turn and takes what comes without being woken.
        var isAttended = false
        var isClosed = false
    }

    private let mailbox = Mutex(Mailbox())
    private let reactor: Reactor
    private let id: Reactor.MemberID

    /// Joins the reactor. The caller has to `close` it.
    ///
    /// - Parameters:
    ///   - log: where the run's events stand so far, and who gets the next ones.
    ///   - reactor: on whose thread it lives; nil for one of its own.
    ///   - now: nanoseconds of a monotonic clock.
    /// - Throws: `APIError` when the process is out of descriptors or threads.
    package init(
        log: RunEventEmitter, on reactor: Reactor?, now: @escaping @Sendable () -> Int64
    ) throws(APIError) {
        do throws(SystemCallError) {
            if let reactor { self.reactor = reactor } else { self.reactor = try Reactor() }
        } catch {
            throw APIError(.internalError, error.description, retryable: true)
        }
        id = self.reactor.newID()
        self.reactor.add(id) { [self] in RunPumpLoop(pump: self, log: log, now: now) }
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

    /// Has the member look at its sources.
    func wake() {
        reactor.wake(id)
    }

    /// Waits until both streams of the step have ended and all of it has been passed on; then lets go of the step.
    ///
    /// Call it when the sandbox is gone: the end of its streams is then certain, and a stream that neither ends nor
    /// says anything for two seconds is given up.
    package func drain() async -> Drained {
        await withCheckedContinuation { post(.drain($0)) }
    }

    /// Does something that blocks, or takes long, on a thread beside.
    package func perform<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Self.aside { continuation.resume(returning: work()) }
        }
    }

    /// Does something that may block, on a thread beside.
    static func aside(_ work: @escaping @Sendable () -> Void) {
        do throws(SystemCallError) {
            try DetachedThread.start(work)
        } catch {
            // Without a thread to be had, all others on this one have to wait.
            work()
        }
    }

    /// Passes on what a step has written at an earlier time, as fast as the sink takes it. No step is attached meanwhile.
    func replay(_ output: [OutputRecorder.Chunk]) async {
        await withCheckedContinuation { post(.replay(output, $0)) }
    }

    /// Does something that does not block on the run's thread, after everything posted so far.
    package func call(_ work: @escaping @Sendable () -> Void) {
        post(.call(work))
    }

    /// Leaves the reactor after everything posted so far. What is posted afterwards is lost.
    package func close() {
        post(.close)
    }

    /// Part of a task that prefers this thread.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // A late one, of a task that goes on after the run, is nothing that may be lost.
        if !post(.job(job)) { globalConcurrentExecutor.enqueue(job) }
    }

    /// What has come. When that is nothing, the turn is over: the next command wakes the member.
    func takeCommands() -> [Command] {
        mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            mailbox.isAttended = !mailbox.commands.isEmpty
            return mailbox.commands
        }
    }

    @discardableResult
    private func post(_ command: Command) -> Bool {
        let (isOpen, wakes) = mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return (false, false) }
            if case .close = command { mailbox.isClosed = true }
            if case .emit(.resource) = command, case .emit(.resource)? = mailbox.commands.last {
                mailbox.commands.removeLast()
            }
            mailbox.commands.append(command)
            // Whoever put the first one there has woken the member.
            return (true, mailbox.commands.count == 1 && !mailbox.isAttended)
        }
        if wakes { wake() }
        return isOpen
    }
}
