internal import CgroupDiscovery
internal import Glibc
package import LinuxSystem
internal import SandboxSpec

/// The group of one sandbox, in every hierarchy. Made by `CgroupParent.makeLeaf`; ends with `remove`. For one thread.
///
/// Descriptors held for its life: 4 on a v2 host (CPU time, memory, memory events, tasks), 5 where memory is in v1 (one
/// more that announces memory shortage). Everything else is opened when it is asked for, and stays open where
/// `CgroupParent.maximumKeptFiles` allows.
package final class CgroupLeaf {
    package let id: UInt64
    let parent: CgroupParent
    let name: String
    let initProcesses: Int64
    let kind: LeafKind
    /// Bytes that were charged before the sandbox came.
    var memoryBefore: Int64 = 0
    let memoryLimit: Int64
    let cpuTime: KernelFile
    let memoryUse: KernelFile
    let memoryEvents: KernelFile
    let tasks: KernelFile
    let memoryVersion: CgroupHierarchy.Version
    let cpuTimeVersion: CgroupHierarchy.Version
    private let shortage: MemoryShortage?
    /// The groups that still have a directory of this leaf.
    private var remaining: [GroupDirectory]
    var sampledMemory: Int64 = 0
    var sampledProcesses: Int64 = 0
    /// Files that stay open, by name.
    var files: [String: KeptFile] = [:]
    /// How the next sandbox in it enters, once it has been opened.
    var entrance: LeafEntrance?

    init(
        parent: CgroupParent, id: UInt64, limits: Limits, initProcesses: Int64, network: NetworkAccess
    ) throws(SystemCallError) {
        guard let cpuacct = parent.group(of: .cpuacct), let memory = parent.group(of: .memory),
            let pids = parent.group(of: .pids)
        else { throw SystemCallError("open", errno: ENODEV, object: "controllers") }
        let name = String(id)
        self.parent = parent
        self.id = id
        self.name = name
        self.initProcesses = initProcesses
        kind = LeafKind(limits, initProcesses: initProcesses, network: network)
        memoryLimit = limits[.memory]
        remaining = parent.groups
        cpuTimeVersion = cpuacct.hierarchy.version
        memoryVersion = memory.hierarchy.version
        cpuTime = try KernelFile(
            "\(name)/\(cpuTimeVersion == .v1 ? "cpuacct.usage" : "cpu.stat")", at: cpuacct.descriptor.number)
        memoryUse = try KernelFile(
            "\(name)/\(memoryVersion == .v1 ? "memory.usage_in_bytes" : "memory.current")", at: memory.descriptor.number
        )
        memoryEvents = try KernelFile(
            "\(name)/\(memoryVersion == .v1 ? "memory.oom_control" : "memory.events")", at: memory.descriptor.number)
        tasks = try KernelFile("\(name)/pids.current", at: pids.descriptor.number)
        shortage =
            memoryVersion == .v1
            ? try MemoryShortage(of: name, at: memory.descriptor.number, control: memoryEvents.number) : nil
    }

    deinit { closeFiles() }

    // MARK: - Who is in it

    /// The v1 `tasks` files, open, for the sandbox's first process to put itself in before anything else.
    package func openAttachDescriptors() throws(SystemCallError) -> AttachDescriptors {
        try parent.openAttachDescriptors(of: id)
    }

    /// The v2 directory, for CLONE_INTO_CGROUP; nil on a host without v2 tree.
    package func openUnified() throws(SystemCallError) -> OwnedDescriptor? {
        try parent.openUnified(of: id)
    }

    /// Whether no process is in it, in any hierarchy. A removed leaf is empty.
    package func isEmpty() throws(SystemCallError) -> Bool {
        for group in remaining {
            do throws(SystemCallError) {
                if group.hierarchy.version == .v1 {
                    let first = try Files.read("\(name)/cgroup.procs", at: group.descriptor.number, limit: 1)
                    guard first.isEmpty else { return false }
                } else {
                    let text = try Files.read("\(name)/cgroup.events", at: group.descriptor.number, limit: 256)
                    guard KernelText.value(of: "populated", in: text[...]) == 0 else { return false }
                }
            } catch {
                guard error.errno == ENOENT else { throw error }
            }
        }
        return true
    }

    /// Who is in it, for a message.
    package func describeProcesses() -> String {
        guard let group = parent.groups.first else { return "" }
        do throws(SystemCallError) {
            return CgroupProcesses.describe(
                try CgroupProcesses.list("\(name)/cgroup.procs", at: group.descriptor.number))
        } catch {
            return error.description
        }
    }

    /// Lets the processes in it have any amount of memory and any number of processes from now on.
    package func liftLimits() throws(SystemCallError) {
        if let group = parent.group(of: .memory) {
            // With v1, memory+swap first: the kernel refuses memory above it.
            let isFirst = group.hierarchy.version == .v1
            let files = isFirst ? ["memory.memsw.limit_in_bytes", "memory.limit_in_bytes"] : ["memory.max"]
            for file in files {
                do throws(SystemCallError) {
                    try Files.write(isFirst ? "-1" : "max", to: "\(name)/\(file)", at: group.descriptor.number)
                } catch {
                    // A kernel without swap accounting.
                    guard error.errno == ENOENT, file.contains("memsw") else { throw error }
                }
            }
        }
        if let group = parent.group(of: .pids) {
            try Files.write("max", to: "\(name)/pids.max", at: group.descriptor.number)
        }
    }

    /// Kills every process in it, those being forked included where there is a v2 tree (`cgroup.kill`).
    ///
    /// Without one (or before Linux 5.14) it kills those listed now; a caller that must be certain kills the sandbox's init
    /// as well, which takes the rest along.
    package func kill() throws(SystemCallError) {
        if let unified = parent.unified {
            do throws(SystemCallError) {
                try Files.write("1", to: "\(name)/cgroup.kill", at: unified.descriptor.number)
                return
            } catch {
                guard error.errno == ENOENT else { throw error }
            }
        }
        guard let group = remaining.first else { return }
        do throws(SystemCallError) {
            try ListedProcesses.kill { () throws(SystemCallError) in
                try CgroupProcesses.list("\(name)/cgroup.procs", at: group.descriptor.number)
            }
        } catch {
            guard error.errno == ENOENT else { throw error }
        }
    }

    /// Removes the directories that are still there.
    ///
    /// - Returns: true when all are gone; false when a process is still in one (EBUSY): call again then. What is left
    ///   of a leaf that is given up goes with `CgroupParent.remove`.
    /// - Throws: any other error; what is left is remembered then, too.
    package func remove() throws(SystemCallError) -> Bool {
        closeFiles()
        var kept: [GroupDirectory] = []
        var failure: SystemCallError?
        for group in remaining {
            do throws(SystemCallError) {
                try parent.operations.remove(name, group.descriptor.number)
            } catch {
                if error.errno == ENOENT { continue }
                kept.append(group)
                if error.errno != EBUSY {
                    failure = SystemCallError("unlinkat", errno: error.errno, object: "\(group.path)/\(name)")
                }
            }
        }
        remaining = kept
        if let failure { throw failure }
        return remaining.isEmpty
    }

    // MARK: - Memory shortage

    /// What to wait for with epoll to learn of a memory kill immediately.
    package enum ShortageSignal: Equatable {
        /// EPOLLIN. Announces that memory is short, an instant before the kernel kills; also fires at removal.
        case readable(Int32)
        /// EPOLLPRI (with EPOLLERR). Announces a change of the counts.
        case priority(Int32)
    }

    /// The descriptor belongs to this leaf. Call `oomKills` when it fires: that clears it.
    package var shortageSignal: ShortageSignal {
        if let shortage { return .readable(shortage.counter.number) }
        return .priority(memoryEvents.number)
    }

    /// How many processes the kernel has killed for memory. After `.readable` it may still be about to: ask again
    /// within the next milliseconds (`LimitTracker.memoryPressure` takes care of that).
    package func oomKills() throws(SystemCallError) -> Int64 {
        if let shortage { _ = try shortage.counter.drain() }
        return try killCount()
    }

    /// The same, and leaves the signal as it is.
    func killCount() throws(SystemCallError) -> Int64 {
        let count = try memoryEvents.read(into: &parent.buffer)
        guard let kills = KernelText.value(of: "oom_kill", in: parent.buffer[..<count]) else {
            throw SystemCallError("parse", errno: EBADMSG, object: memoryEvents.name)
        }
        return kills
    }
}
