import Testing

@testable import nestbox

/// What `nestbox doctor` makes of the settings that all sandboxes share.
@Suite struct SharedKernelTests {
    @Test func memoryForFiltersIsComparedWithTheSandboxes() {
        let roomy = SharedKernelChecks.filterMemory(limit: 528_482_304, sandboxes: 2048, isCompiled: true)
        #expect(roomy.status == .ok)
        #expect(roomy.found.contains("504.0 MiB") && roomy.found.contains("43008 filters"))
        let short = SharedKernelChecks.filterMemory(limit: 16 << 20, sandboxes: 2048, isCompiled: true)
        #expect(short.status == .degraded && short.consequence?.contains("524") == true)
        let needed = 4 * 2048 * SharedKernelChecks.filterBytes
        #expect(short.remedy == "sysctl net.core.bpf_jit_limit=\(needed)")
        #expect(SharedKernelChecks.filterMemory(limit: needed, sandboxes: 2048, isCompiled: true).status == .ok)
        #expect(SharedKernelChecks.filterMemory(limit: nil, sandboxes: 2048, isCompiled: true).status == .ok)
        #expect(SharedKernelChecks.filterMemory(limit: 1, sandboxes: 2048, isCompiled: false).status == .degraded)
    }

    @Test(arguments: [
        ("core", Finding.Status.ok, "files"), ("", .ok, "files"), ("/var/crash/%e", .ok, "files"),
        ("|/usr/lib/systemd/systemd-coredump %P", .ok, "a helper"), ("@/run/dumps", .degraded, "a socket"),
    ])
    func coreDumpsAreDescribed(pattern: String, status: Finding.Status, kind: String) {
        let finding = SharedKernelChecks.coreDumps(pattern: pattern)
        #expect(finding.status == status)
        #expect(finding.found.contains("\"\(pattern)\"") && finding.found.contains(kind))
    }

    @Test(arguments: [
        ("quiet ro", Finding.Status.ok), ("", .ok), ("cgroup.memory=nokmem", .degraded),
        ("quiet cgroup.memory=nosocket,nobpf ro", .degraded), ("cgroup.memory=nobpf", .ok),
        ("my.cgroup.memory=nokmem", .ok),
    ])
    func uncountedKernelMemoryIsTold(commandLine: String, status: Finding.Status) {
        #expect(SharedKernelChecks.kernelMemory(commandLine: commandLine).status == status)
    }

    @Test func uncountedLocksAreTold() {
        #expect(SharedKernelChecks.fileLocks(isCounted: true).status == .ok)
        #expect(SharedKernelChecks.fileLocks(isCounted: false).status == .degraded)
    }
}
