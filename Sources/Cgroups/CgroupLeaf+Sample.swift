internal import CgroupDiscovery
internal import Glibc
package import LinuxSystem

extension CgroupLeaf {
    /// Reads what the limits are compared with. Allocates nothing, opens nothing.
    ///
    /// CPU time of a task on a processor is as of the last clock tick, so up to 4 ms (250 Hz) behind.
    package func sample() throws(SystemCallError) -> CgroupSample {
        var sample = CgroupSample()
        sample.cpu = try cpuUsed()
        sample.memory = max(0, try memoryCharge() - memoryBefore)
        sample.processes = withoutInit(try taskCount())
        sample.oomKills = try killCount()
        sampledMemory = max(sampledMemory, sample.memory)
        sampledProcesses = max(sampledProcesses, sample.processes)
        return sample
    }

    /// CPU time of all processes, living and dead, in nanoseconds; one read of an open file.
    package func cpuUsed() throws(SystemCallError) -> Int64 {
        if cpuTimeVersion == .v1 { return try number(cpuTime) }
        let count = try cpuTime.read(into: &parent.buffer)
        return try nanoseconds(KernelText.value(of: "usage_usec", in: parent.buffer[..<count]), cpuTime.name)
    }

    /// Reads the rest: six to eight files.
    ///
    /// - Parameter limitHits: whether to read how often limits were met, too; half of the files, and of interest only
    ///   for a program that did not end well.
    package func detail(limitHits: Bool = true) throws(SystemCallError) -> CgroupDetail {
        var detail = CgroupDetail()
        if cpuTimeVersion == .v1 {
            detail.cpuUser = try required(.cpuacct, "cpuacct.usage_user")
            detail.cpuSystem = try required(.cpuacct, "cpuacct.usage_sys")
        } else {
            let count = try cpuTime.read(into: &parent.buffer)
            let text = parent.buffer[..<count]
            detail.cpuUser = try nanoseconds(KernelText.value(of: "user_usec", in: text), cpuTime.name)
            detail.cpuSystem = try nanoseconds(KernelText.value(of: "system_usec", in: text), cpuTime.name)
        }
        if memoryVersion == .v1 {
            detail.memoryPeak = max(0, try required(.memory, "memory.max_usage_in_bytes") - memoryBefore)
        } else {
            detail.memoryPeak = try optional(.memory, "memory.peak") ?? sampledMemory
        }
        detail.memoryOwn = try ownMemory()
        detail.processesPeak = try optional(.pids, "pids.peak").map(withoutInit) ?? sampledProcesses
        if limitHits { try readLimitHits(into: &detail) }
        return detail
    }

    /// `CgroupDetail.memoryOwn`, by itself.
    package func ownMemory() throws(SystemCallError) -> Int64 {
        guard let text = try contents(.memory, "memory.stat") else { return 0 }
        let anonymous = KernelText.value(of: "rss", in: text) ?? KernelText.value(of: "anon", in: text) ?? 0
        let (sum, overflow) = anonymous.addingReportingOverflow(KernelText.value(of: "shmem", in: text) ?? 0)
        return overflow ? .max : sum
    }

    /// The most memory that one of the processes now in it has had resident, as wait4(2) would tell of it in the end.
    ///
    /// For those that are about to be killed. Looks at a few dozen at most; one that has gone meanwhile is left out.
    package func largestResident() throws(SystemCallError) -> Int64 {
        guard let group = parent.group(of: .pids) else { return 0 }
        var largest: Int64 = 0
        for pid in try CgroupProcesses.list("\(name)/cgroup.procs", at: group.descriptor.number).prefix(32) {
            do throws(SystemCallError) {
                let text = try Files.read("/proc/\(pid)/status", limit: 4096)
                largest = max(largest, KernelText.kibibytes(of: "VmHWM:", in: text[...]) ?? 0)
            } catch {}
        }
        return largest
    }

    private func readLimitHits(into detail: inout CgroupDetail) throws(SystemCallError) {
        if memoryVersion == .v1 {
            let failures = try required(.memory, "memory.failcnt")
            let swapFailures = try optional(.memory, "memory.memsw.failcnt") ?? 0
            detail.memoryLimitHits = failures.addingReportingOverflow(swapFailures).partialValue
            // With both limits equal, the kernel fails on memory+swap first, where kernels since 6.15 count nothing.
            if detail.memoryLimitHits == 0 && detail.memoryPeak + memoryBefore >= memoryLimit - memoryLimit / 8 {
                detail.memoryLimitHits = 1
            }
        } else {
            let count = try memoryEvents.read(into: &parent.buffer)
            detail.memoryLimitHits = KernelText.value(of: "max", in: parent.buffer[..<count]) ?? 0
        }
        detail.processLimitHits = try forkCounts().refused
    }

    /// What cannot be put back to zero: the highest number of tasks, nil where the kernel keeps none, and refused forks.
    func forkCounts() throws(SystemCallError) -> (peak: Int64?, refused: Int64) {
        let peak = try optional(.pids, "pids.peak").map(withoutInit)
        guard let events = try contents(.pids, "pids.events") else { return (peak, 0) }
        return (peak, KernelText.value(of: "max", in: events) ?? 0)
    }

    func memoryCharge() throws(SystemCallError) -> Int64 { try number(memoryUse) }

    /// Bytes of TCP buffers, which v1 counts apart; 0 where it does not.
    func tcpCharge() throws(SystemCallError) -> Int64 { try optional(.memory, LeafSetting.tcpUsage) ?? 0 }

    func taskCount() throws(SystemCallError) -> Int64 { try number(tasks) }

    private func withoutInit(_ count: Int64) -> Int64 {
        max(0, count.subtractingReportingOverflow(initProcesses).partialValue)
    }

    private func number(_ file: borrowing KernelFile) throws(SystemCallError) -> Int64 {
        let count = try file.read(into: &parent.buffer)
        guard let value = KernelText.number(parent.buffer[..<count]) else {
            throw SystemCallError("parse", errno: EBADMSG, object: file.name)
        }
        return value
    }

    private func nanoseconds(_ microseconds: Int64?, _ name: String) throws(SystemCallError) -> Int64 {
        guard let (value, overflow) = microseconds?.multipliedReportingOverflow(by: 1000), !overflow else {
            throw SystemCallError("parse", errno: EBADMSG, object: name)
        }
        return value
    }

    private func required(_ controller: Controller, _ file: String) throws(SystemCallError) -> Int64 {
        guard let value = try optional(controller, file) else {
            throw SystemCallError("open", errno: ENOENT, object: file)
        }
        return value
    }

    private func optional(_ controller: Controller, _ file: String) throws(SystemCallError) -> Int64? {
        guard let text = try contents(controller, file) else { return nil }
        guard let value = KernelText.number(text) else {
            throw SystemCallError("parse", errno: EBADMSG, object: file)
        }
        return value
    }

    /// nil when this kernel has no such file.
    private func contents(_ controller: Controller, _ name: String) throws(SystemCallError) -> ArraySlice<UInt8>? {
        guard let file = try file(controller, name) else { return nil }
        let count = try file.read(into: &parent.buffer)
        return parent.buffer[..<count]
    }
}
