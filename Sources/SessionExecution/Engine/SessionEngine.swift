package import RunModel
package import SandboxSpec
package import SessionModel
internal import WardenProtocol

/// What a session does, as a value: what happens comes in with its time, what is to be done goes out. It knows no sandbox, no thread
/// and no clock.
///
/// After each call the caller carries out `takeActions`, in their order. Times are nanoseconds of one monotonic clock.
package struct SessionEngine: Sendable {
    package enum Action: Sendable, Equatable {
        case emit(SessionEvent)
        /// A sandbox is wanted for the interpreter of this number; all that comes of earlier ones is to be ignored.
        case lease(process: Int, isCold: Bool)
        /// The sandbox is to be ended and forgotten; its end is of no interest.
        case discard
        /// The sandbox is to be ended; its end is waited for.
        case kill
        /// It was to end, and has not: it is waited for no longer.
        case giveUp
        case send(DriverCommand)
        /// SIGINT to the interpreter's process group.
        case interrupt
        /// To the standard input.
        case write([UInt8])
        /// The standard input ends: whoever reads finds the end of file.
        case endInput
        /// The files of /box are to be kept for the next interpreter, and no process is to go on; then `filesKept`.
        case keepFiles
        /// An archive of /box is to be written: that of a session that is saved, or that of a checkpoint of this name. This and the
        /// next two are answered by `filesDone` with their first part.
        case pack(String, checkpoint: String?)
        /// /box is to be what the archive of a checkpoint has. `replacing`: and nothing else.
        case unpack(String, checkpoint: String, replacing: Bool)
        /// A file of /box is to be removed.
        case tidy(String, file: String)
        /// The archive of a checkpoint is not needed any more.
        case forget(String)
        /// Nobody has used the session, and it is to be saved before it ends; then `close`.
        case wantStore
        /// The archive of a checkpoint is what the next interpreter is given.
        case handOn(String)
        /// The kept files are to be put into /box; then `filesFilled`. `replacing`: and nothing else is to be there.
        case fillFiles(replacing: Bool)
        /// They are not needed any more.
        case releaseFiles
        /// Both outputs are to be read until they are empty, then `drained` is to be called.
        case drain
        /// The answer to a question or to a command about a checkpoint.
        case answer(Int, Result<DriverAnswer?, APIError>)
    }

    /// What every session of a service has in common; times are nanoseconds.
    package struct Bounds: Sendable, Equatable {
        package var starting: Int64 = 30_000_000_000
        package var queue = 16
        /// After the first signal: the second one, and the end.
        package var secondSignal: Int64 = 2_000_000_000
        package var interrupting: Int64 = 5_000_000_000
        package var query: Int64 = 5_000_000_000
        package var queries = 16
        package var checkpointing: Int64 = 10_000_000_000
        package var checkpoints = 16
        /// Content of the files of all checkpoints of a session together: what its sandbox may have.
        package var checkpointBytes = Int64.max
        /// For the driver to save, or to load, its state.
        package var saving: Int64 = 30_000_000_000
        /// For all cells that are executed again.
        package var replaying: Int64 = 120_000_000_000
        /// For an unused session to be saved, before it ends all the same.
        package var storing: Int64 = 60_000_000_000
        /// For a killed sandbox to be gone.
        package var ending: Int64 = 10_000_000_000
        /// For files to be kept, or brought back; pid 1 gives up after half of it.
        package var files: Int64 = 10_000_000_000
        /// Between the end of the channel and the end of the sandbox.
        package var channelLost: Int64 = 1_000_000_000
        /// How long before a session ends for its age, or for not being used, that is announced.
        package var announcement: Int64 = 60_000_000_000
        /// The longest answer to a request for input, in bytes.
        package var inputBytes = 65_536

        package init() {}
    }

    /// What the interpreter is at. Each but `idle` and `ended` has a deadline of its own; `idle` has the session's.
    enum Phase: Sendable {
        case starting(until: Int64)
        /// The interpreter has stopped for good; its files are being kept for the next one.
        case keeping(until: Int64)
        /// The interpreter is ready, and is given the files of the one before.
        case filling(until: Int64)
        case idle
        case running(RunningCell)
        case checkpointing(CheckpointStep)
        /// The end is decided, the sandbox not gone yet.
        case ending(SessionEnd, until: Int64)
        case ended
    }

    struct QueuedCell: Sendable {
        let id: String
        let request: CellRequest
        let limits: CellLimits
    }

    package let limits: SessionLimits
    let bounds: Bounds
    private let startedAt: Int64
    private let startedOn: Int64
    /// What the tokens of requests for input have besides their number.
    let tokenStem: String

    var phase: Phase
    package private(set) var state = SessionState.starting
    package internal(set) var epoch = 1
    /// Counts sandboxes.
    var process = 1
    private var sequence: Int64 = 0
    private var actions: [Action] = []

    package internal(set) var features: Set<String> = []
    var queue: [QueuedCell] = []
    var queries = PendingQueries()
    var checkpoints: [String: Checkpoint] = [:]
    /// A checkpoint to which a new interpreter is on its way.
    var restoring: Restoring?
    /// Numbers of cells, of requests for input, and of commands about checkpoints.
    var cellCount = 0
    var tokenCount = 0
    var commandCount = 0
    /// The last cell that began.
    package internal(set) var lastCell: String?

    /// Of the interpreter that runs, and of those before it.
    package internal(set) var usage = Usage()
    var cpuBefore: Int64 = 0
    /// What of it the last interpreter was known to have used when the next one was decided on.
    var cpuSampled: Int64 = 0
    /// The next interpreter is to have the files of the one before it.
    var carriesFiles = false
    /// What there is of them.
    var carried = FilesResult()
    /// From where the session goes on, until it has.
    var resumption: SessionResumption?
    /// What was saved last.
    var lastSaved: SavedState?
    /// What is executed again where the state of the interpreter cannot be saved.
    var replay = ReplayLog()
    var replaying: Replaying?
    /// Cells have been executed again, and their files are being put back once more.
    var refilling: Refilling?
    /// Until when the saving of a session that is to end has time.
    var storeUntil: Int64?

    /// A client or a cell was there last.
    var usedAt: Int64
    var isIdleAnnounced = false
    var isLifeAnnounced = false
    /// The session ends then because its client has left.
    var leaveAt: Int64?
    var channelLostAt: Int64?
    /// It ends because the channel has; that the sandbox had ended by itself, and how, may only not have been heard yet.
    var isGuess = false
    var backgroundBytes = 0
    var hasWarned = false
    /// A prepared sandbox was dead; the next one is made from nothing.
    var hasRetried = false

    /// - Parameters:
    ///   - tokenStem: tells its tokens from those of other sessions.
    ///   - now: the session exists from here on.
    ///   - date: the same moment in milliseconds since 1970.
    package init(
        limits: SessionLimits, created: SessionEvent.Created, bounds: Bounds = Bounds(), tokenStem: String = "",
        resumption: SessionResumption? = nil, now: Int64, date: Int64
    ) {
        self.resumption = resumption
        self.tokenStem = tokenStem
        self.limits = limits
        self.bounds = bounds
        startedAt = now
        startedOn = date
        usedAt = now
        phase = .starting(until: now &+ bounds.starting)
        if let resumption {
            epoch = resumption.epoch + 1
            sequence = resumption.nextSequence - 1
            cellCount = resumption.cells
            carriesFiles = true
            carried = FilesResult(files: Int64(resumption.state.files))
        }
        emit(.created(created), now)
        act(.lease(process: 1, isCold: false))
    }

    /// What there is to do, in order.
    package mutating func takeActions() -> [Action] {
        defer { actions = [] }
        return actions
    }

    /// Whether a sandbox is on its way.
    package var awaitsSandbox: Bool { if case .starting = phase { true } else { false } }

    /// How checkpoints of this language are restored; nil while that is unknown.
    package var checkpointMethod: CheckpointMethod? {
        guard hasInterpreter else { return nil }
        return features.contains("checkpoint") ? .fork : isRemembering ? .replay : .saved
    }

    package var isOver: Bool { if case .ended = phase { true } else { false } }

    /// The checkpoints that can be restored, by name.
    package var checkpointNames: [String] { checkpoints.keys.filter { !Self.isInternal($0) }.sorted() }
    package var queuedCells: Int { queue.count }
    package var executedCells: Int { cellCount - queue.count }

    /// Whether somebody would want to know that the interpreter waits for input.
    package var wantsInputWatch: Bool {
        if case .running(let cell) = phase, case .busy = cell.stage { true } else { false }
    }

    /// Whether what the interpreter writes can wait in its pipes: nobody wants more of it before the next cell.
    package var holdsOutputBack: Bool {
        switch phase {
        case .running, .starting, .filling, .ending, .ended: false
        case .keeping: true
        case .idle, .checkpointing: backgroundBytes >= limits.cell.outputBytes
        }
    }

    /// Whether more has come than may: from the running cell, or from what cells have left behind. The rest is read slowly, and forgotten.
    package var isFlooded: Bool {
        switch phase {
        case .running(let cell): cell.outputBytes > cell.limits.outputBytes
        case .idle, .checkpointing: backgroundBytes > limits.cell.outputBytes
        case .starting, .keeping, .filling, .ending, .ended: false
        }
    }

    mutating func act(_ action: Action) { actions.append(action) }

    mutating func emit(_ kind: SessionEvent.Kind, _ now: Int64) {
        if replaying != nil {
            // Nobody is told again what cells did that are only repeated; how a session ends, and is about to, always.
            switch kind {
            case .ended, .closing, .warning: break
            default: return
            }
        }
        sequence += 1
        act(
            .emit(
                SessionEvent(
                    sequence: sequence, epoch: epoch, time: startedOn + (now - startedAt) / 1_000_000, kind: kind)))
    }

    /// Tells of a new state, once.
    mutating func enter(_ new: SessionState, _ now: Int64) {
        guard state != new, replaying == nil || new == .ended else { return }
        state = new
        emit(.state(new), now)
    }

    /// Somebody uses the session.
    mutating func use(_ now: Int64) {
        usedAt = now
        isIdleAnnounced = false
        storeUntil = nil
    }

    var lifeEnd: Int64 { startedAt &+ limits.life }

    static func isInternal(_ checkpoint: String) -> Bool { checkpoint.hasPrefix("tx:") }

    static func over() -> APIError { APIError(.sessionEnded, "the session has ended") }
}
