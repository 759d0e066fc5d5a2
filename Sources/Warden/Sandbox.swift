internal import Cgroups
internal import Confinement
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// Our ends of what a sandbox is connected by.
struct Streams {
    let control: SharedDescriptor
    /// stdin, stdout, stderr; empty with a terminal.
    let standard: [SharedDescriptor]
    /// Where commands are written to, where records are read from; empty without a channel.
    let channel: [SharedDescriptor]
}

/// One sandbox as the warden holds it: its life as a value, and what it has of the kernel.
final class Sandbox {
    let id: SandboxID
    let spec: SandboxSpec
    let zygote: Zygote
    let leaf: CgroupLeaf
    /// The host id of the sandbox's root; its program has the next one.
    let hostID: UInt32
    /// Its number among the living (`EndSlots`).
    let slot: UInt32
    var lifecycle: SandboxLifecycle
    let control: SharedDescriptor
    /// pid 1 of the sandbox.
    var process: OwnedDescriptor?
    var pid: Int32?
    /// Our ends of the standard streams, until the client has them: stdin, stdout, stderr, or a terminal.
    var streams: [SharedDescriptor]
    /// Our ends of the standard streams of processes that are being started; empty for one with a terminal.
    var spawning: [ProcessNumber: [SharedDescriptor]] = [:]
    /// Our ends of the channel, until the client has them.
    var channel: [SharedDescriptor]
    /// The writable file system, to ask how full it is.
    var disk: OwnedDescriptor?
    var terminal: OwnedDescriptor?
    /// The listener of `egress`, from pid 1, until the client has it.
    var listener: OwnedDescriptor?
    /// Of an observed one: the end by which its calls are answered, from pid 1, until the client has it; and the filter that it would have
    /// otherwise.
    var observer: OwnedDescriptor?
    var ordinaryFilter: SeccompFilter.Shared?
    var tokens = Tokens()
    /// Whether it has the network namespace of its zygote, or may be about to get it.
    var isBorrower = false

    /// The numbers under which the poller knows its descriptors.
    struct Tokens {
        var control: UInt64?
        var process: UInt64?
        var memory: UInt64?
    }

    init(
        id: SandboxID, spec: SandboxSpec, zygote: Zygote, leaf: CgroupLeaf, hostID: UInt32, slot: UInt32,
        streams: Streams, lifecycle: SandboxLifecycle
    ) {
        self.id = id
        self.spec = spec
        self.zygote = zygote
        self.leaf = leaf
        self.hostID = hostID
        self.slot = slot
        control = streams.control
        self.streams = streams.standard
        channel = streams.channel
        self.lifecycle = lifecycle
    }

    var isRunning: Bool { lifecycle.isRunning }

    /// As how many it counts where sandboxes end (`EndBrake`, `EndSlots`).
    var endWeight: Int { Self.endWeight(of: spec) }

    static func endWeight(of spec: SandboxSpec) -> Int { spec.hasProcesses ? SandboxSpec.maximumProcesses : 1 }

    /// What it uses now. The CPU time of its making is not the program's.
    func sample() throws(SystemCallError) -> ResourceSample {
        let group = try leaf.sample()
        var sample = ResourceSample()
        sample.cpu = max(0, group.cpu - lifecycle.baseline)
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

    /// The final account.
    ///
    /// - Parameter status: how the program ended, when that is only being reported.
    func account(endedWith status: ExitStatus?) throws(SystemCallError) -> SandboxLifecycle.Account {
        let sample = try sample()
        // A program that ended well met no limit that would have to be reported.
        let endedWell = (lifecycle.evidence.status ?? status) == .exited(0) && sample.oomKills == 0
        return SandboxLifecycle.Account(
            sample: sample, detail: try leaf.detail(limitHits: !endedWell), hasLimitHits: !endedWell)
    }
}
