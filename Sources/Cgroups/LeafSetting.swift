internal import CgroupDiscovery
internal import SandboxSpec

/// One control file of a new leaf: what is written, and how the kernel must read it back.
struct LeafSetting: Equatable {
    enum ReadBack: Equatable {
        /// Nothing to compare: a switch, or a file whose text differs from what was written.
        case none
        case exact(Int64)
        /// Memory limits are rounded down to whole pages.
        case pages(Int64)
        /// The same text again.
        case text
    }

    let controller: Controller
    let file: String
    let value: String
    var readBack = ReadBack.none
    /// Absent on kernels without swap accounting; then there is nothing to switch off.
    var mayBeAbsent = false

    /// Larger than any page a kernel uses (64 KiB on some arm64 and powerpc).
    private static let largestPage: Int64 = 65_536

    /// v1 counts the buffers of TCP connections apart from all other memory, and only where there is a limit for them.
    private static let tcpLimit = "memory.kmem.tcp.limit_in_bytes"
    static let tcpUsage = "memory.kmem.tcp.usage_in_bytes"
    /// No sandbox needs more than this.
    private static let mostTCP: Int64 = 64 << 20

    /// What to write, in this order.
    static func settings(
        for limits: Limits, initProcesses: Int64, network: NetworkAccess = .none,
        version: (Controller) -> CgroupHierarchy.Version?
    ) -> [LeafSetting] {
        var result: [LeafSetting] = []
        let bandwidth = CPUBandwidth(millicpus: limits[.cpus])
        let memory = limits[.memory]
        switch version(.cpu) {
        case .v1:
            // The period first: a quota is checked against the period in force.
            result.append(
                LeafSetting(
                    controller: .cpu, file: "cpu.cfs_period_us", value: "\(bandwidth.period)",
                    readBack: .exact(bandwidth.period)))
            result.append(
                LeafSetting(
                    controller: .cpu, file: "cpu.cfs_quota_us", value: "\(bandwidth.quota)",
                    readBack: .exact(bandwidth.quota)))
        case .v2:
            let value = "\(bandwidth.quota) \(bandwidth.period)"
            result.append(LeafSetting(controller: .cpu, file: "cpu.max", value: value, readBack: .text))
        case nil: break
        }
        switch version(.memory) {
        case .v1:
            // Memory before memory+swap: the kernel refuses the second below the first.
            for (file, mayBeAbsent) in [("memory.limit_in_bytes", false), ("memory.memsw.limit_in_bytes", true)] {
                result.append(
                    LeafSetting(
                        controller: .memory, file: file, value: "\(memory)", readBack: .pages(memory),
                        mayBeAbsent: mayBeAbsent))
            }
            result.append(
                LeafSetting(controller: .memory, file: "memory.swappiness", value: "0", readBack: .exact(0)))
            if network.hasSockets {
                // On top of the memory limit. Absent: `nestbox doctor` says so.
                let buffers = min(mostTCP, memory / 4)
                result.append(
                    LeafSetting(
                        controller: .memory, file: tcpLimit, value: "\(buffers)", readBack: .pages(buffers),
                        mayBeAbsent: true))
            }
        case .v2:
            result.append(
                LeafSetting(controller: .memory, file: "memory.max", value: "\(memory)", readBack: .pages(memory)))
            result.append(
                LeafSetting(
                    controller: .memory, file: "memory.swap.max", value: "0", readBack: .exact(0), mayBeAbsent: true))
            // One process killed for memory takes the whole sandbox with it.
            result.append(
                LeafSetting(controller: .memory, file: "memory.oom.group", value: "1", readBack: .exact(1)))
        case nil: break
        }
        let pids = limits[.processes].addingReportingOverflow(max(initProcesses, 0)).partialValue
        result.append(LeafSetting(controller: .pids, file: "pids.max", value: "\(pids)", readBack: .exact(pids)))
        return result
    }

    /// Whether the kernel kept what was written.
    func isKept(_ text: [UInt8]) -> Bool {
        switch readBack {
        case .none: return true
        case .exact(let wanted): return KernelText.number(text[...]) == wanted
        case .pages(let wanted):
            guard let kept = KernelText.number(text[...]) else { return false }
            return kept <= wanted && kept > wanted - Self.largestPage
        case .text: return text.split(separator: UInt8(ascii: "\n")).first?.elementsEqual(value.utf8) ?? false
        }
    }
}
