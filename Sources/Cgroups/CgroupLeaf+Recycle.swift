internal import CgroupDiscovery
internal import Glibc
package import LinuxSystem
package import SandboxSpec

/// What leaves are alike by: the limits the kernel keeps for them.
struct LeafKind: Equatable {
    let limits: [Int64]
    let initProcesses: Int64
    let network: NetworkAccess

    init(_ limits: Limits, initProcesses: Int64, network: NetworkAccess) {
        self.limits = [limits[.cpus], limits[.memory], limits[.processes]]
        self.initProcesses = initProcesses
        self.network = network
    }
}

extension CgroupLeaf {
    /// Bytes that may still be charged to a leaf that is used again: what the kernel keeps for each processor in advance,
    /// and page cache it takes back when it needs to. More than that goes with its group.
    static let maximumResidue: Int64 = 1_048_576

    /// Puts the account back to zero, for another sandbox.
    ///
    /// Only a leaf that nothing tells apart from a new one can be used again. Some counters cannot be put back (kills for
    /// memory, refused forks, the highest number of tasks), so they have to be at what they begin with; and only v1 has
    /// all the others.
    ///
    /// - Returns: false when it is of no more use and should be removed.
    /// - Throws: EBUSY when a process is still in it; any other error makes it useless, too.
    func reset() throws(SystemCallError) -> Bool {
        guard memoryVersion == .v1, cpuTimeVersion == .v1 else { return false }
        guard try taskCount() == 0 else { throw SystemCallError("recycle", errno: EBUSY) }
        let counts = try forkCounts()
        // One process comes with each init; where the kernel keeps no peak, none can be wrong.
        guard counts.refused == 0, counts.peak ?? 0 <= 1, try oomKills() == 0 else { return false }
        let residue = try memoryCharge()
        guard residue <= Self.maximumResidue else { return false }
        // What unread TCP data takes is given back when the sandbox's network is taken apart, later.
        if kind.network.hasSockets, try tcpCharge() != 0 { return false }
        try write("0", to: "cpuacct.usage", of: .cpuacct)
        try write("0", to: "memory.failcnt", of: .memory)
        // Without swap accounting there is none.
        try write("0", to: "memory.memsw.failcnt", of: .memory, mayBeAbsent: true)
        try write("0", to: "memory.max_usage_in_bytes", of: .memory)
        memoryBefore = residue
        sampledMemory = 0
        sampledProcesses = 0
        return true
    }
}

extension CgroupParent {
    /// The most leaves that are kept for the next sandboxes.
    static let maximumRecycled = 32

    /// A leaf that has been used and is as good as new, with these limits in force; nil when there is none.
    package func takeRecycled(
        for limits: Limits, initProcesses: Int64 = 1, network: NetworkAccess = .none
    ) -> CgroupLeaf? {
        let kind = LeafKind(limits, initProcesses: initProcesses, network: network)
        guard let index = recycled.lastIndex(where: { $0.kind == kind }) else { return nil }
        return recycled.remove(at: index)
    }

    /// Keeps a leaf that nothing has been in since it was made or taken.
    package func keep(_ leaf: CgroupLeaf) {
        if recycled.count >= Self.maximumRecycled {
            // The one that has been free for longest. What stays of it goes with the warden's group.
            do throws(SystemCallError) { _ = try recycled.removeFirst().remove() } catch {}
        }
        recycled.append(leaf)
    }

    /// Keeps a leaf for another sandbox, or removes it.
    ///
    /// - Returns: false when a process is still in it: call again then.
    /// - Throws: what `CgroupLeaf.remove` throws.
    package func recycle(_ leaf: CgroupLeaf) throws(SystemCallError) -> Bool {
        do throws(SystemCallError) {
            if try leaf.reset() {
                keep(leaf)
                return true
            }
        } catch {
            if error.errno == EBUSY { return false }
        }
        return try leaf.remove()
    }
}
