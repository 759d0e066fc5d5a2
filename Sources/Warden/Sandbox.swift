internal import Cgroups
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// Our ends of what a sandbox is connected by.
struct Streams {
    let control: SharedDescriptor
    /// stdin, stdout, stderr; empty with a terminal.
    let standard: [SharedDescriptor]
}

/// One sandbox as the warden sees it, from the request to its last message.
final class Sandbox {
    /// Where in its life it is. It only ever moves forward.
    enum Phase {
        /// The zygote has been asked.
        case forking
        /// pid 1 is at work; `deadline` says when it must be done.
        case preparing(deadline: Int64)
        /// Complete and locked down, waiting for its job.
        case parked
        case running(LimitTracker)
        /// The program has ended; pid 1 hands out artifacts until `deadline`.
        case collecting(deadline: Int64)
        /// To be ended, or killed and waiting for pid 1 to be reaped. Without a deadline it has not been its turn yet.
        case ending(deadline: Int64?)
        /// pid 1 is gone; the cgroup is still being emptied, next try at `retry`.
        case removing(retry: Int64, since: Int64)
        /// It could not be ended in time. Its run is over; nothing of it is used again before the kernel lets go of it, which
        /// is looked for at `retry`.
        case quarantined(retry: Int64)
    }

    let id: SandboxID
    var spec: SandboxSpec
    let zygote: Zygote
    let leaf: CgroupLeaf
    /// The host id of the sandbox's root; its program has the next one.
    let hostID: UInt32
    /// Its number among the living (`EndSlots`).
    let slot: UInt32
    var phase = Phase.forking {
        didSet { since = monotonicNow() }
    }
    /// Since when it has been in this phase.
    private(set) var since = monotonicNow()
    var evidence: Evidence
    let control: SharedDescriptor
    /// pid 1 of the sandbox.
    var process: OwnedDescriptor?
    var pid: Int32?
    /// Orders that pid 1 has had no room for yet; it copies the first uploads meanwhile.
    var backlog: [Order] = [] {
        didSet {
            if backlog.isEmpty || oldValue.count > backlog.count || oldValue.isEmpty { heededAt = monotonicNow() }
        }
    }
    /// When pid 1 last took an order, or the first of those that wait came.
    private(set) var heededAt: Int64 = 0
    /// How many uploads it has been sent, or will be.
    var uploads = 0
    /// Our ends of the standard streams, until the client has them: stdin, stdout, stderr, or a terminal.
    var streams: [SharedDescriptor]
    /// The writable file system, to ask how full it is.
    var disk: OwnedDescriptor?
    var terminal: OwnedDescriptor?
    /// CPU time used before the program was let go.
    var baseline: Int64 = 0
    var startedAt: Int64?
    /// When it was killed.
    var killedAt: Int64?
    /// When the running program must be looked at next.
    var checkAt: Int64 = 0
    var reportedAt: Int64 = 0
    /// The most memory that its processes were seen to use themselves.
    var ownMemory: Int64 = 0
    /// Whether the client has been told `created`; failures before are `refused`, later ones `finished`.
    var isCreated = false
    /// Whether the job wants files handed out that have not all been yet.
    var isCollectionDue = false
    /// Whether pid 1 has been asked to look for a wait for input and has not answered yet.
    var isProbed = false
    /// Why files may be missing from what was handed out, when that is no fault: the client has given them up, or it took
    /// too long.
    var collectionWaiver: String?
    /// Whether something of the program was left when its end was told; pid 1 says when it is gone.
    var isRemainderDue = false
    /// Whether the final account has been taken.
    var isAccounted = false
    /// Whether the client has been told how it ended, and expects nothing more.
    var isReported = false
    var tokens = Tokens()

    /// A packet for pid 1.
    struct Order {
        let bytes: [UInt8]
        let contents: SharedDescriptor?
        /// The job, when this is the order to start it.
        let job: Job?
        /// What to name when it cannot be sent.
        let object: String
    }

    /// The numbers under which the poller knows its descriptors.
    struct Tokens {
        var control: UInt64?
        var process: UInt64?
        var memory: UInt64?
    }

    init(
        id: SandboxID, spec: SandboxSpec, zygote: Zygote, leaf: CgroupLeaf, hostID: UInt32, slot: UInt32,
        streams: Streams
    ) {
        self.id = id
        self.spec = spec
        self.zygote = zygote
        self.leaf = leaf
        self.hostID = hostID
        self.slot = slot
        control = streams.control
        self.streams = streams.standard
        evidence = Evidence(limits: spec.limits)
    }

    /// The program runs on under this tracker; the next look is when it says.
    func watch(with tracker: LimitTracker, after now: Int64) {
        phase = .running(tracker)
        checkAt = tracker.nextCheck(after: now) ?? now
    }

    var isRunning: Bool {
        if case .running = phase { true } else { false }
    }

    /// When the loop must look at it again without being asked.
    var deadline: Int64? {
        switch phase {
        case .forking: nil
        case .ending(let deadline): deadline
        // pid 1 says nothing when it has room again; it is asked every millisecond.
        case .parked: backlog.isEmpty ? nil : monotonicNow() + 1_000_000
        case .preparing(let deadline), .collecting(let deadline): deadline
        case .running: checkAt
        case .removing(let retry, _), .quarantined(let retry): retry
        }
    }

    /// What it uses now. The CPU time of its making is not the program's.
    func sample() throws(SystemCallError) -> ResourceSample {
        let group = try leaf.sample()
        var sample = ResourceSample()
        sample.cpu = max(0, group.cpu - baseline)
        sample.memory = group.memory
        sample.processes = group.processes
        sample.oomKills = group.oomKills
        if let space = try diskUse() {
            sample.disk = space.bytes
            sample.inodes = space.inodes
        }
        return sample
    }

    private func diskUse() throws(SystemCallError) -> (bytes: Int64, inodes: Int64)? {
        guard let number = disk.borrowedNumber else { return nil }
        let space = try Files.space(of: number)
        return (max(0, space.bytes - space.freeBytes), max(0, space.inodes - space.freeInodes))
    }

    /// The account of a sample, with what is only read now and then.
    func usage(_ sample: ResourceSample, _ detail: CgroupDetail, at now: Int64) -> Usage {
        var usage = Usage()
        usage.wall = startedAt.map { max(0, now - $0) } ?? 0
        usage.cpu = sample.cpu
        usage.cpuUser = min(detail.cpuUser, sample.cpu)
        usage.cpuSystem = max(0, sample.cpu - usage.cpuUser)
        usage.memory = sample.memory
        ownMemory = max(ownMemory, detail.memoryOwn)
        usage.memoryPeak = ownMemory
        usage.chargedPeak = max(detail.memoryPeak, sample.memory)
        usage.processes = sample.processes
        usage.processesPeak = max(detail.processesPeak, sample.processes)
        usage.disk = sample.disk
        usage.inodes = sample.inodes
        return usage
    }
}
