package import SandboxSpec

/// A sandbox, as the client of a warden calls it. Chosen by the client, unique among its living sandboxes.
package typealias SandboxID = UInt64

/// What a client tells the warden. One message is one SOCK_SEQPACKET packet; descriptors ride along by SCM_RIGHTS.
package enum Request: Sendable, Equatable {
    /// First message of a connection.
    case hello(version: UInt32)
    /// Make a sandbox and park it. Answered by `created` or `refused`.
    case create(SandboxID, SandboxSpec)
    /// Write one file under /box, from inside. Carries one descriptor: a sealed memfd. Before `start` only.
    case upload(SandboxID, BoxPath, executable: Bool)
    /// Let the parked program go. Answered by `started`, later by `finished`; or by `finished` alone.
    ///
    /// `times` are the limits of the job where they differ from those of the spec.
    case start(SandboxID, Job, times: TimeLimits?)
    /// End a sandbox, whatever it does. Answered by `finished`. Also how a parked sandbox is given up.
    case kill(SandboxID, KillReason)
    /// Send a signal to the program's process group.
    case signal(SandboxID, UInt8)
    case resize(SandboxID, TerminalSize)
    /// The program has produced output; the idle clock starts again.
    case activity(SandboxID)
    /// Look whether the program waits for input. Answered by `input`, or not at all when nothing runs.
    case probe(SandboxID)
    /// Do something with the files of a running program. Answered by `files`, in order; carries a descriptor unless it removes.
    case files(SandboxID, FilesOrder)
    /// Start a process in a sandbox that has processes. Answered by `spawned`, later by `exited`; or by `spawnFailed` alone.
    case spawn(SandboxID, ProcessNumber, Job, SpawnOptions)
    /// Send a signal to the process group of such a process, if it lives.
    case signalProcess(SandboxID, ProcessNumber, UInt8)
    /// Connect to a port of such a sandbox's own network, from inside it. Answered by `dialed`.
    case dial(SandboxID, DialNumber, port: UInt16)
    /// How is it going? Answered by `status`, soon: a warden that does not answer stands still.
    case inquire
}

/// A process of a sandbox, as its client calls it: chosen by the client, never used again in that sandbox.
package typealias ProcessNumber = UInt32

/// An attempt to connect to a port of a sandbox; the same.
package typealias DialNumber = UInt32

/// How a process of a sandbox is started, besides its job.
package struct SpawnOptions: Sendable, Equatable {
    /// Where it begins: an absolute path in the sandbox.
    package var directory: String
    /// A terminal of its own instead of three pipes.
    package var terminal: TerminalSize?

    package init(directory: String = "/box", terminal: TerminalSize? = nil) {
        self.directory = directory
        self.terminal = terminal
    }

    /// The longest path.
    package static let maximumDirectoryBytes = 1024
}

/// Why a client ends a sandbox.
package enum KillReason: Sendable, Equatable {
    case cancelled
    /// The reader of the output counted this many bytes, which is over the limit.
    case output(bytes: Int64)
}

/// What the warden tells its client.
package enum Event: Sendable, Equatable {
    case welcome(version: UInt32, pid: Int32)
    /// The answer to `inquire`.
    case status(WardenStatus)
    /// The sandbox is parked. Carries descriptors: stdin (write end), stdout, stderr (read ends); or one terminal. Then, with a
    /// channel, the end that commands are written to and the end that records are read from, and two files of the kernel that tell how
    /// much processor time and memory the sandbox has used, for reading only. Then, with egress, the listening socket in the sandbox's
    /// network. Then, where it is observed, the end by which its calls are answered and the filter that ordinary sandboxes have.
    case created(SandboxID)
    /// The sandbox could not be made, or a message about it could not be followed; it no longer exists.
    case refused(SandboxID, StageFailure)
    case started(SandboxID)
    /// A sample, a few times a second while a program runs.
    case usage(SandboxID, Usage)
    case warning(SandboxID, LimitHit)
    /// What a probe saw: some thread waits in a call that more input would end.
    case input(SandboxID, isAwaited: Bool)
    /// What became of an order about files. Carries the file that was to be opened.
    case files(SandboxID, FilesResult)
    /// A sandbox with processes can have them from now on. Carries the kernel's tables of the TCP sockets of its network (in the form of
    /// /proc/net/tcp), to be read again and again: one for each of IPv4 and IPv6 that it has.
    case listening(SandboxID)
    /// A process executes. Carries its stdin (write end), stdout and stderr (read ends); or its terminal.
    case spawned(SandboxID, ProcessNumber)
    case spawnFailed(SandboxID, ProcessNumber, StageFailure)
    /// A process has ended; what it started may go on.
    case exited(SandboxID, ProcessNumber, ProcessEnd)
    /// Carries a connected socket when `errno` is 0, one that is still connecting when it is EINPROGRESS.
    case dialed(SandboxID, DialNumber, errno: Int32)
    /// A file of the finished run. Carries one descriptor, a regular file open for reading. Precedes `finished`.
    case artifact(SandboxID, BoxPath, bytes: Int64)
    /// A file that was asked for and not collected: a name (bytes outside printable ASCII escaped) and the reason.
    case artifactSkipped(SandboxID, name: String, reason: String)
    /// The sandbox is gone: init reaped, cgroup empty; or it could not be ended in time, and its failure says so, unless the
    /// reason why it was to end is known and counts. The last message about this id.
    case finished(SandboxID, SandboxOutcome)
}

/// How a process of a sandbox ended.
package struct ProcessEnd: Sendable, Equatable {
    package var status: ExitStatus
    /// Nanoseconds of processor time, of the process and of those it has waited for.
    package var cpu: Int64
    /// The most memory, in bytes, that was resident at once of it, or of one that it has waited for.
    package var memoryPeak: Int64

    package init(status: ExitStatus, cpu: Int64, memoryPeak: Int64) {
        self.status = status
        self.cpu = cpu
        self.memoryPeak = memoryPeak
    }
}

/// How a sandbox ended, with the evidence.
package struct SandboxOutcome: Sendable, Equatable {
    package var verdict: Verdict
    package var status: ExitStatus?
    /// The limit that decided the verdict, or that the program came up against (processes, for one).
    package var limit: LimitHit?
    package var usage: Usage
    /// Set when the verdict is `internalError`.
    package var failure: StageFailure?

    package init(
        verdict: Verdict, status: ExitStatus? = nil, limit: LimitHit? = nil, usage: Usage, failure: StageFailure? = nil
    ) {
        self.verdict = verdict
        self.status = status
        self.limit = limit
        self.usage = usage
        self.failure = failure
    }
}

/// Bounds of the protocol.
package enum WardenProtocolLimits {
    package static let version: UInt32 = 8
    /// The largest message. SOCK_SEQPACKET keeps boundaries; a longer packet is an error, never truncated silently.
    package static let maximumMessageBytes = 65_536
    package static let maximumDescriptors = 8
    package static let maximumSyscalls = 512
}
