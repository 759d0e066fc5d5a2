internal import Cgroups
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

extension SandboxLifecycle {
    /// What a sandbox has used, as measured once at its end.
    struct Account: Equatable {
        var sample = ResourceSample()
        var detail = CgroupDetail()
        /// Whether the limits that were met have been read: a program that ended well met none to report.
        var hasLimitHits = true
    }

    /// The account, or why it could not be taken.
    typealias Measurement = Result<Account, StageFailure>

    /// A file that the client wants in the sandbox.
    struct Upload {
        let order: OrderQueue.Order
        /// Its size in bytes; or why it is unfit.
        let size: Result<Int64, StageFailure>
    }

    /// What happens to a sandbox.
    ///
    /// A new message of the client about a living sandbox (another process, an interrupt, a connection into it) is a new
    /// case here, handled in `SandboxLifecycle+Requests.swift`, and a new action for the warden.
    enum Event {
        // From the zygote.
        case forked
        /// pid 1 has its ids.
        case prepared
        case forkFailed(StageFailure, hasForked: Bool)
        case zygoteExited(StageFailure, hasForked: Bool)

        // From the client.
        case upload(Upload)
        case start(Job, times: TimeLimits?)
        case killRequested(KillCause)
        case signalRequested(UInt8)
        case probeRequested
        case activity

        // From pid 1.
        case ready
        case failureReported(StageFailure)
        case exited(ExitStatus, ownMemory: Int64, hasFullFile: Bool, leavesRemainder: Bool, Measurement?)
        case inputAnswered(isAwaited: Bool)
        case collected(isStuck: Bool)
        case controlFailed(StageFailure)
        /// Its end, after what it said before. Measured unless `isAccounted`.
        case initExited(Measurement?)

        // Answers to actions.
        case orderTaken
        case orderFailed(StageFailure)
        case probeSent
        case sampled(ResourceSample)
        case sampleFailed(StageFailure)
        case detailRead(ResourceSample, CgroupDetail)
        case ownMemoryRead(Int64)
        /// The limit still counts after what pid 1 had said already.
        case limitConfirmed(LimitHit)
        case removed
        case removalFailed(StageFailure)
        /// It did not end in time; with a description of the processes that are left.
        case killTimedOut(Measurement?, processes: String)

        // From the kernel and the warden.
        case memoryPressure
        case endRequested(KillCause)
        /// It is its turn to be killed.
        case killTurn(isWardenEnding: Bool, hasForked: Bool)
        /// `deadline(at:)` has passed.
        case deadlinePassed
    }

    /// What the warden has to do, in this order.
    enum Action: Equatable {
        /// Write the id maps and let pid 1 go on; then `prepared` or `forkFailed`.
        case prepare
        /// Send the client `created`, with its ends of the streams.
        case announceCreated
        case send(WardenProtocol.Event)
        /// Send pid 1 the orders it has room for; each is `orderTaken` or `orderFailed`.
        case sendOrders
        case sendSignal(UInt8)
        /// Ask pid 1 to look for a wait for input; then `probeSent`, unless there is no room.
        case sendProbe
        /// Measure; then `sampled` or `sampleFailed`.
        case sample
        /// Read the detail that a usage event needs; then `detailRead` or `sampleFailed`.
        case readDetail(ResourceSample)
        /// Read what pid 1 has said; then `limitConfirmed`.
        case confirm(LimitHit)
        /// Read what its processes use themselves, before they are killed; then `ownMemoryRead`.
        case readOwnMemory
        /// Put it into the queue of those to be killed; then `killTurn`.
        case queueKill(isUrgent: Bool)
        case kill
        /// It has ended by itself, which counts for the brake.
        case noteEnd
        /// Treat pid 1 as gone: there is none whose end would be noticed.
        case concludeInit
        /// It was killed and has had its time; then `killTimedOut`.
        case giveUp
        /// Stop watching it and close what is held open for it.
        case closeAll
        /// Remove its cgroup; then `removed` or `removalFailed`.
        case remove
        /// Its ids and number may be used again.
        case returnResources
        /// It is not among the living any more.
        case leave
        /// Keep what it holds until the kernel lets go of it.
        case quarantine(reason: String)
        /// Look whether the kernel has let go of it.
        case tryRelease
    }
}
