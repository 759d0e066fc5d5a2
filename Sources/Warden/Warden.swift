internal import CSandbox
internal import CgroupDiscovery
internal import Cgroups
internal import Confinement
internal import Glibc
package import LinuxSystem
internal import ResourceMonitor
package import SandboxSpec
internal import WardenProtocol

/// The privileged half of Nestbox: makes sandboxes for one client, watches their limits, ends them.
///
/// One thread, one loop; no state is shared. Whatever the client sends is checked here again, since the client is
/// the process that talks to the network. `run` returns when the client has gone or a termination signal came, and every
/// sandbox, zygote and cgroup is gone too.
package final class Warden {
    /// How many there may be, plain ones included.
    static let maximumZygotes = 256

    let configuration: WardenConfiguration
    let executable: OwnedDescriptor
    let client: OwnedDescriptor
    let ids: HostIDs
    let parent: CgroupParent
    let timer: TimerDescriptor
    let signals: TerminationSignals
    var poller: Poller
    var watches: [UInt64: Watch] = [:]
    private var lastToken: UInt64 = 0
    private var armed: Int64?
    /// Number of the cgroup that was made last; they outlive the sandboxes they are made for.
    var lastGroup: UInt64 = 0
    private var hasFired = false
    /// The zygote library, sealed in memory: what is mapped into foreign programs names no path of the host. Nil without one.
    let library: OwnedDescriptor?
    var zygotes: [ZygoteKind: Zygote] = [:]
    /// Plain zygotes beside those of `zygotes`, there to lend their network namespaces (`Warden+Lending.swift`).
    var lenders: [Zygote] = []
    var lenderDemand = LenderDemand<ZygoteKind>()
    /// Interpreters that boot to take the place of one that has grown old.
    var successors: [ZygoteKind: Zygote] = [:]
    /// Zygotes that need looking at by time: they boot, have been asked, or have been killed.
    var timedZygotes: [Zygote] = []
    /// Groups of zygotes that are gone, with something in them still, and until when to try to remove them.
    var leftovers: [(leaf: CgroupLeaf, until: Int64)] = []
    var sandboxes: [SandboxID: Sandbox] = [:]
    /// Sandboxes that need looking at by time; a subset of `sandboxes`, so that thousands parked cost nothing.
    var timed: Set<SandboxID> = []
    /// Sandboxes that could not be ended; not in `sandboxes` any more.
    var quarantine: [Sandbox] = []
    var brake = EndBrake<Sandbox>()
    var slots = EndSlots()
    private var stall = StallClock()
    /// When the warden ends, whatever is left; nil while it serves.
    var endBy: Int64?
    var filters: [(key: FilterKey, filter: SeccompFilter.Shared)] = []
    var coder = RequestCoder()
    var isEnding = false
    var greeted = false
    /// How many locks the kernel has; nil where it does not say.
    let lockCount: KernelFile?
    var lockWatch = LockWatch()
    var lockCheckAt: Int64 = 0
    /// What the owner of the machine has set for every sandbox.
    let rules: SandboxLifecycle.Rules
    /// What the kernel's memory killer makes of this process; children inherit it.
    let killerScore = MemoryKiller.current()
    /// How many descriptors this process may have.
    let descriptorLimit: Int

    /// What a poller token stands for.
    enum Watch {
        case client, timer, signals
        case zygoteSocket(Zygote), zygoteProcess(Zygote)
        case control(Sandbox), process(Sandbox), memory(Sandbox)
    }

    struct FilterKey: Equatable {
        let syscalls: [String]
        let network: NetworkAccess
        let isObserved: Bool
    }

    /// - Parameters:
    ///   - configuration: what the owner of this machine allows.
    ///   - socket: the connected SOCK_SEQPACKET socket of the one client.
    ///   - executable: nestbox-init, open.
    ///   - library: the zygote library in a sealed memfd; without it nothing is booted or forked ahead of its job.
    /// - Throws: the stage and object that make this machine, or this start, unfit.
    package init(
        configuration: WardenConfiguration, socket: consuming OwnedDescriptor, executable: consuming OwnedDescriptor,
        library: consuming OwnedDescriptor? = nil
    ) throws(StageFailure) {
        self.configuration = configuration
        self.library = library
        client = socket
        self.executable = executable
        ids = try HostIDs(configuration)
        parent = try Self.makeParent(configuration, zygote: ids.zygote)
        do throws(SystemCallError) {
            timer = try TimerDescriptor()
            signals = try TerminationSignals()
            poller = try Poller()
        } catch {
            throw StageFailure(stage: "start", errno: error.errno, object: error.call)
        }
        do throws(SystemCallError) { descriptorLimit = try raiseDescriptorLimit() } catch {
            throw StageFailure(stage: "start", errno: error.errno, object: error.call)
        }
        // What is left when all sandboxes and zygotes that there may be have theirs.
        parent.maximumKeptFiles = max(0, descriptorLimit - Self.descriptorsNeeded(configuration))
        lockCount = Self.openLockCount()
        rules = SandboxLifecycle.Rules(
            preparation: configuration.preparationSeconds * 1_000_000_000,
            birth: (configuration.zygoteBootSeconds + configuration.zygoteAnswerSeconds) * 1_000_000_000,
            ceiling: configuration.ceiling, processors: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        try watch(client.number, .client)
        try watch(timer.descriptor.number, .timer)
        try watch(signals.descriptor.number, .signals)
    }

    /// Removes what dead wardens left, then makes this one's cgroup.
    private static func makeParent(
        _ configuration: WardenConfiguration, zygote: UInt32
    ) throws(StageFailure) -> CgroupParent {
        let report = CgroupReport.inspect()
        guard let host = report.host else {
            let missing = report.findings.first { $0.state == .missing }
            throw StageFailure(
                stage: "cgroup_host", errno: ENODEV,
                object: missing.map { "\($0.subject): \($0.detail); \($0.remedy)" } ?? "")
        }
        WardenCommand.logLeftovers(CgroupSweep().run(host: host, configured: configuration.cgroupParent))
        let name: WardenName
        do throws(SystemCallError) { name = try WardenName.current() } catch {
            throw StageFailure(stage: "cgroup_parent", errno: error.errno, object: error.object)
        }
        return try CgroupParent(
            host: host, name: name, zygoteUser: zygote, configured: configuration.cgroupParent)
    }

    /// A sandbox has about nine while it is parked, fifteen while it is being made, with a channel and a listener.
    static let descriptorsEach = 15

    /// See `admit`.
    private static func descriptorsNeeded(_ configuration: WardenConfiguration) -> Int {
        128 + configuration.maximumSandboxes * descriptorsEach + maximumZygotes * 9 + configuration.networkLenders * 2
    }

    // MARK: - The loop

    /// Serves until the end. Never throws: what cannot be served any more is ended.
    package func run() {
        while true {
            if isEnding && sandboxes.isEmpty { break }
            if let endBy, monotonicNow() >= endBy {
                // A copy: each leaves the list.
                for sandbox in Array(sandboxes.values) { giveUp(sandbox) }
                break
            }
            let begun = monotonicNow()
            do throws(SystemCallError) {
                try arm(for: nextDeadline())
                for token in try poller.wait() {
                    // Gone since the poller filled its list: its descriptor was closed by an earlier entry.
                    if let watch = watches[token] { handle(watch) }
                }
            } catch {
                // Without a timer or a poller no limit can be kept.
                isEnding = true
                endBlindly()
                break
            }
            killDue()
            let now = monotonicNow()
            // A moment that had passed before it was waited for is no stall.
            if stall.mayJudge(due: armed.map { max($0, begun) }, at: now) { lookAtTimed(at: now) }
        }
        endZygotes()
        // One line: the same is left in each hierarchy.
        if let left = parent.remove().first { WardenCommand.logError("left behind: \(left)") }
    }

    /// Sets the timer, unless it fires early enough as it is: a look that finds nothing costs less than setting it each time a
    /// program ends. One that has fired is set again, which makes it unreadable again.
    private func arm(for deadline: Int64?) throws(SystemCallError) {
        if !hasFired, (armed ?? .max) <= (deadline ?? .max) { return }
        try timer.arm(at: deadline)
        armed = deadline
        hasFired = false
    }

    private func handle(_ watch: Watch) {
        switch watch {
        case .client: serveClient()
        case .timer: hasFired = true
        case .signals: beginEnd()
        case .zygoteSocket(let zygote): receive(from: zygote)
        case .zygoteProcess(let zygote): lost(zygote)
        case .control(let sandbox): receive(from: sandbox)
        case .process(let sandbox): initExited(sandbox)
        case .memory(let sandbox): memoryPressure(sandbox)
        }
    }

    private func nextDeadline() -> Int64? {
        let now = monotonicNow()
        var next = zygoteDeadline
        let deadlines =
            [leftoverDeadline, lockDeadline, lenderDeadline, endBy] + quarantine.map { $0.lifecycle.deadline(at: now) }
        for case let deadline? in deadlines { next = min(next ?? deadline, deadline) }
        for id in timed {
            guard let deadline = sandboxes[id]?.lifecycle.deadline(at: now) else { continue }
            next = min(next ?? deadline, deadline)
        }
        next = stall.postponed(next)
        // Nothing is judged by that one.
        if let turn = brake.deadline { next = min(next ?? turn, turn) }
        return next
    }

    private func lookAtTimed(at now: Int64) {
        lookAtZygotes(at: now)
        removeLeftovers(at: now)
        lookAtQuarantine(at: now)
        lookAtLocks(at: now)
        lookAtLenders(at: now)
        // A copy: looking may end a sandbox, which takes it off the list.
        for id in Array(timed) {
            guard let sandbox = sandboxes[id] else {
                timed.remove(id)
                continue
            }
            if let deadline = sandbox.lifecycle.deadline(at: now), deadline <= now || sandbox.lifecycle.isParked {
                handle(.deadlinePassed, of: sandbox, at: now)
            }
        }
    }

    // MARK: - Watching

    @discardableResult
    func watch(
        _ descriptor: Int32, _ watch: Watch, for interest: Poller.Interest = .input
    ) throws(StageFailure) -> UInt64 {
        lastToken += 1
        do throws(SystemCallError) {
            try poller.watch(descriptor, token: lastToken, for: interest)
        } catch {
            throw StageFailure(stage: "watch", errno: error.errno, object: error.call)
        }
        watches[lastToken] = watch
        return lastToken
    }

    func forget(_ descriptor: Int32, _ token: UInt64?) {
        guard let token else { return }
        poller.forget(descriptor)
        watches[token] = nil
    }
}
