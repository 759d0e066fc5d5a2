internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// The life of one sandbox as a value, from the request to its last message: events come in, actions come out.
///
/// It knows no descriptor, no clock and no kernel. The warden measures, calls `handle(_:at:)`, and carries the actions out in
/// their order; an action that has an answer becomes the next event. Times are nanoseconds of the monotonic clock.
/// `docs/architecture.md` has the table of transitions.
struct SandboxLifecycle {
    /// Where in its life the sandbox is. It only ever moves forward.
    enum State {
        /// The zygote has been asked.
        case forking
        /// pid 1 is at work; `deadline` says when it must be done.
        case preparing(deadline: Int64)
        /// Complete and locked down, waiting for its job. The orders are those pid 1 has had no room for yet.
        case parked(OrderQueue)
        case running(Running)
        /// The program has ended; pid 1 collects artifacts until `deadline`.
        case collecting(deadline: Int64)
        /// To be ended, or killed and waiting for pid 1 to be reaped. Without a deadline it has not been its turn yet.
        case ending(deadline: Int64?)
        /// pid 1 is gone; the cgroup is still being emptied, next try at `retry`.
        case removing(retry: Int64, since: Int64)
        /// It could not be ended in time. Its run is over; nothing of it is used again before the kernel lets go of it, which
        /// is looked for at `retry`.
        case quarantined(retry: Int64)
    }

    /// A program that runs.
    struct Running {
        var tracker: LimitTracker
        /// When it must be looked at next.
        var checkAt: Int64
        /// When its usage was last sent to the client.
        var reportedAt: Int64
        /// Whether pid 1 has been asked to look for a wait for input and has not answered yet.
        var isProbed = false
    }

    /// What is known of the one job that was let go, until its end has been reported. A second execution would be a second
    /// value of this type.
    struct Execution {
        let startedAt: Int64
        /// Whether the job wants files that have not all been collected yet.
        var isCollectionDue: Bool
        /// Whether something of the program was left when its end was reported; pid 1 says when it is gone.
        var isRemainderDue = false
    }

    /// What the owner of the machine has set, the same for every sandbox.
    struct Rules {
        /// How long pid 1 may take to be ready, and to take an order.
        var preparation: Int64
        /// How long a zygote may take to boot and to answer.
        var birth: Int64
        /// No limit of a job may be above these.
        var ceiling: Limits
        var processors: Int
    }

    let id: SandboxID
    let rules: Rules
    /// Percent of a limit at which the client is warned.
    let warnAt: UInt8
    /// Whether it goes on when the kernel has killed one of its processes for lack of memory.
    let survivesShortage: Bool
    private(set) var state = State.forking
    /// Since when it has been in this state.
    private(set) var since: Int64
    var evidence: Evidence
    var execution: Execution?
    /// CPU time used before the program was let go.
    var baseline: Int64 = 0
    /// When it was killed.
    var killedAt: Int64?
    /// The most memory that its processes were seen to use themselves.
    var ownMemory: Int64 = 0
    /// Why files may be missing from what was collected, when that is no fault: the client has given them up, or it took
    /// too long.
    var collectionWaiver: String?
    /// Whether the client has been sent `created`; failures before are `refused`, later ones `finished`.
    var isCreated = false
    /// Whether the final account has been taken.
    var isAccounted = false
    /// Whether the client has been sent how it ended, and expects nothing more.
    var isReported = false

    /// - Parameter now: when the zygote was asked.
    init(
        id: SandboxID, limits: Limits, warnAt: UInt8, survivesShortage: Bool = false, rules: Rules, at now: Int64
    ) {
        self.survivesShortage = survivesShortage
        self.id = id
        self.rules = rules
        self.warnAt = warnAt
        since = now
        evidence = Evidence(limits: limits)
    }

    mutating func enter(_ next: State, at now: Int64) {
        state = next
        since = now
    }

    /// The same state with another payload.
    mutating func update(_ running: Running) { state = .running(running) }
    mutating func update(_ orders: OrderQueue) { state = .parked(orders) }

    // MARK: - Questions

    var isPreparing: Bool { if case .preparing = state { true } else { false } }
    var isParked: Bool { if case .parked = state { true } else { false } }
    var isRunning: Bool { if case .running = state { true } else { false } }
    var isQuarantined: Bool { if case .quarantined = state { true } else { false } }

    /// What pid 1 has to be sent, the oldest first.
    var orders: [OrderQueue.Order] { if case .parked(let queue) = state { queue.orders } else { [] } }

    /// Whether it must be looked at by time.
    var isTimed: Bool { deadline(at: 0) != nil }

    /// When `deadlinePassed` is due; nil when only an event can move it on.
    func deadline(at now: Int64) -> Int64? {
        switch state {
        case .forking: nil
        case .ending(let deadline): deadline
        // pid 1 says nothing when it has room again; it is asked every millisecond.
        case .parked(let queue): queue.orders.isEmpty ? nil : now + 1_000_000
        case .preparing(let deadline), .collecting(let deadline): deadline
        case .running(let running): running.checkAt
        case .removing(let retry, _), .quarantined(let retry): retry
        }
    }

    /// How long the change that it is in has taken so far; nil while it may stay as it is.
    func changeAge(at now: Int64) -> Int64? {
        switch state {
        case .parked, .running: nil
        // Each try to remove it begins the state again.
        case .removing(_, let since): now - since
        case .forking, .preparing, .collecting, .ending, .quarantined: now - since
        }
    }
}
