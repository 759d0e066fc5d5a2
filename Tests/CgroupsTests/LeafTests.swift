import Glibc
import LinuxSystem
import SandboxSpec
import Testing

@testable import CgroupDiscovery
@testable import Cgroups

/// Leaves on fake trees: what is written where, and what happens when it cannot be.
@Suite struct LeafTests {
    static let limits: Limits = {
        do {
            return try Limits { name in
                switch name {
                case .cpus: 1500
                case .memory: 67_108_864
                case .processes: 32
                default: name.range.lowerBound
                }
            }
        } catch { preconditionFailure("\(error)") }
    }()

    private func with(_ kind: FakeHost.Kind, _ body: (FakeHost, CgroupParent) throws -> Void) throws {
        let fake = try FakeHost(kind)
        defer { fake.tearDown() }
        if kind == .unified {
            // As a service with processes in it: only the slice delegates.
            try fake.write("cpu memory pids\n", "\(fake.root)/unified/slice/cgroup.subtree_control")
            unlink("\(fake.own("unified"))/cgroup.subtree_control")
            symlink("/dev/full", "\(fake.own("unified"))/cgroup.subtree_control")
        }
        let host = try #require(fake.report.host)
        let parent = try CgroupParent(
            host: host, name: WardenName(pid: 7, startTime: 8), zygoteUser: getuid(), operations: fake)
        try body(fake, parent)
    }

    @Test(arguments: [FakeHost.Kind.legacy, .hybrid])
    func v1LimitsAreWritten(kind: FakeHost.Kind) throws {
        try with(kind) { fake, parent in
            let leaf = try parent.makeLeaf(id: 3, limits: Self.limits)
            func text(_ hierarchy: String, _ file: String) -> String? {
                fake.read("\(fake.own(hierarchy))/nestbox-7-8/3/\(file)")
            }
            #expect(text("cpu,cpuacct", "cpu.cfs_period_us") == "100000")
            #expect(text("cpu,cpuacct", "cpu.cfs_quota_us") == "150000")
            #expect(text("memory", "memory.limit_in_bytes") == "67108864")
            #expect(text("memory", "memory.memsw.limit_in_bytes") == "67108864")
            #expect(text("memory", "memory.swappiness") == "0")
            #expect(text("pids", "pids.max") == "33")
            #expect(text("memory", "cgroup.event_control")?.split(separator: " ").count == 2)
            #expect(try leaf.openAttachDescriptors().numbers.count == 3)
            #expect((try leaf.openUnified() == nil) == (kind == .legacy))
            try leaf.kill()
            #expect(text("unified", "cgroup.kill") == (kind == .legacy ? nil : "1"))
        }
    }

    @Test func v2LimitsAreWritten() throws {
        try with(.unified) { fake, parent in
            let leaf = try parent.makeLeaf(id: 3, limits: Self.limits)
            // Beside our own group, not in it: processes live there.
            let path = "\(fake.root)/unified/slice/nestbox-7-8"
            #expect(fake.read("\(path)/cgroup.subtree_control") == "+cpu +memory +pids")
            #expect(fake.read("\(path)/3/cpu.max") == "150000 100000")
            #expect(fake.read("\(path)/3/memory.max") == "67108864")
            #expect(fake.read("\(path)/3/memory.swap.max") == "0")
            #expect(fake.read("\(path)/3/memory.oom.group") == "1")
            #expect(fake.read("\(path)/3/pids.max") == "33")
            #expect(try leaf.openAttachDescriptors().numbers.isEmpty)
            try parent.attachZygote(pid: 99)
            #expect(fake.read("\(path)/zygotes/cgroup.procs") == "99")
            guard case .priority = leaf.shortageSignal else {
                Issue.record("a v2 leaf signals by priority")
                return
            }
        }
    }

    @Test(arguments: [FakeHost.Kind.legacy, .hybrid, .unified])
    func samplesAreRead(kind: FakeHost.Kind) throws {
        try with(kind) { _, parent in
            let leaf = try parent.makeLeaf(id: 3, limits: Self.limits)
            let sample = try leaf.sample()
            #expect(sample.cpu == (kind == .unified ? 70_000 : 12_345))
            #expect(sample.memory == 4096)
            #expect(sample.processes == 4)
            #expect(sample.oomKills == 2)
            let detail = try leaf.detail()
            #expect(detail.cpuUser == (kind == .unified ? 50_000 : 12_000))
            #expect(detail.cpuSystem == (kind == .unified ? 20_000 : 345))
            #expect(detail.memoryPeak == 8192)
            #expect(detail.memoryLimitHits == (kind == .unified ? 6 : 7))
            #expect(detail.processesPeak == 8)
            #expect(detail.processLimitHits == 7)
        }
    }

    @Test func olderKernelsHaveFewerFiles() throws {
        try with(.unified) { fake, parent in
            fake.absent = ["memory.peak", "pids.peak", "pids.events", "memory.swap.max"]
            let leaf = try parent.makeLeaf(id: 3, limits: Self.limits)
            _ = try leaf.sample()
            let detail = try leaf.detail()
            #expect(detail.memoryPeak == 4096)
            #expect(detail.processesPeak == 4)
            #expect(detail.processLimitHits == 0)
        }
    }

    @Test(arguments: ["99999999999999999999\n", "", "-5\n", "many\n"])
    func nonsenseIsAnErrorNotATrap(text: String) throws {
        try with(.hybrid) { fake, parent in
            let leaf = try parent.makeLeaf(id: 3, limits: Self.limits)
            try fake.write(text, "\(fake.own("memory"))/nestbox-7-8/3/memory.usage_in_bytes")
            let failure = #expect(throws: SystemCallError.self) { try leaf.sample() }
            #expect(failure?.errno == EBADMSG)
        }
    }

    /// A write that fails, one that the kernel does not keep, and a file that is not there: each is an error that names
    /// the file, and no directory stays.
    @Test(arguments: [
        ("pids.max", "/dev/full", ENOSPC), ("memory.limit_in_bytes", "/dev/null", ERANGE),
        ("cpu.cfs_quota_us", "/nonexistent/file", ENOENT), ("memory.memsw.limit_in_bytes", "/dev/full", ENOSPC),
    ])
    func aLimitThatDoesNotHoldIsAFailure(file: String, target: String, errno: Int32) throws {
        try with(.hybrid) { fake, parent in
            fake.broken = [file: target]
            let failure = #expect(throws: StageFailure.self) { try parent.makeLeaf(id: 3, limits: Self.limits) }
            #expect(failure?.stage == "cgroup_limit")
            #expect(failure?.errno == errno)
            #expect(failure?.object.hasPrefix("\(file)=") ?? false)
            for hierarchy in fake.hierarchies {
                #expect(access("\(fake.own(hierarchy))/nestbox-7-8/3", F_OK) != 0, "\(hierarchy)")
            }
            fake.broken = [:]
            _ = try parent.makeLeaf(id: 3, limits: Self.limits)
        }
    }

    @Test func twoLeavesOfOneNameAreAFailure() throws {
        try with(.hybrid) { fake, parent in
            let first = try parent.makeLeaf(id: 3, limits: Self.limits)
            let failure = #expect(throws: StageFailure.self) { try parent.makeLeaf(id: 3, limits: Self.limits) }
            #expect(failure?.stage == "cgroup_create")
            #expect(failure?.errno == EEXIST)
            #expect(access("\(fake.own("memory"))/nestbox-7-8/3", F_OK) == 0, "the first one stays")
            #expect(try first.remove())
        }
    }

    @Test func removalIsRetriedUntilDone() throws {
        try with(.hybrid) { fake, parent in
            let leaf = try parent.makeLeaf(id: 3, limits: Self.limits)
            fake.busy = ["memory/slice/own/nestbox-7-8/3", "unified/slice/own/nestbox-7-8/3"]
            #expect(try !leaf.remove())
            #expect(access("\(fake.own("pids"))/nestbox-7-8/3", F_OK) != 0)
            fake.busy = ["memory/slice/own/nestbox-7-8/3"]
            #expect(try !leaf.remove())
            fake.busy = []
            #expect(try leaf.remove())
            #expect(try leaf.remove())
            #expect(try leaf.isEmpty())
        }
    }

    @Test func aParentThatCannotBeMadeLeavesNothing() throws {
        let fake = try FakeHost(.hybrid)
        defer { fake.tearDown() }
        let host = try #require(fake.report.host)
        try fake.write("", "\(fake.own("pids"))/nestbox-7-8")
        let failure = #expect(throws: StageFailure.self) {
            try CgroupParent(host: host, name: WardenName(pid: 7, startTime: 8), zygoteUser: getuid(), operations: fake)
        }
        #expect(failure?.stage == "cgroup_parent")
        #expect(failure?.errno == EEXIST)
        #expect(access("\(fake.own("memory"))/nestbox-7-8", F_OK) != 0)
    }

    @Test func undelegatedGroupsExplainThemselves() throws {
        let fake = try FakeHost(.unified)
        defer { fake.tearDown() }
        let host = try #require(fake.report.host)
        unlink("\(fake.own("unified"))/cgroup.subtree_control")
        symlink("/dev/full", "\(fake.own("unified"))/cgroup.subtree_control")
        let failure = #expect(throws: StageFailure.self) {
            try CgroupParent(host: host, name: WardenName(pid: 7, startTime: 8), zygoteUser: getuid(), operations: fake)
        }
        #expect(failure?.object.contains("Delegate=yes") ?? false)
    }

    @Test func aConfiguredParentIsUsed() throws {
        let fake = try FakeHost(.hybrid)
        defer { fake.tearDown() }
        let host = try #require(fake.report.host)
        let parent = try CgroupParent(
            host: host, name: WardenName(pid: 7, startTime: 8), zygoteUser: getuid(), configured: "/slice",
            operations: fake)
        #expect(access("\(fake.root)/memory/slice/nestbox-7-8", F_OK) == 0)
        #expect(parent.remove() == [])
        #expect(access("\(fake.root)/memory/slice/nestbox-7-8", F_OK) != 0)
        let failure = #expect(throws: StageFailure.self) {
            try CgroupParent(
                host: host, name: WardenName(pid: 7, startTime: 8), zygoteUser: getuid(), configured: "/gone",
                operations: fake)
        }
        #expect(failure?.errno == ENOENT)
    }

    @Test func sweepTouchesOnlyTheDead() throws {
        let fake = try FakeHost(.hybrid)
        defer { fake.tearDown() }
        let host = try #require(fake.report.host)
        // pid_max is at most 2^22, so this one never lives.
        let dead = "nestbox-2147483647-1"
        let alive = try WardenName.current().description
        let others = ["nestbox-2147483647", "nestbox-02-1", "nestbox-x", "docker-2147483647-1"]
        let places = ["memory/slice/own", "pids/slice", "unified"]
        for place in places {
            for name in [dead, alive] + others { try Files.makeDirectory("\(fake.root)/\(place)/\(name)") }
        }
        try Files.makeDirectory("\(fake.root)/memory/slice/own/\(dead)/17")
        // Beside us: a session that is over.
        try Files.makeDirectory("\(fake.root)/memory/slice/session-1")
        try Files.makeDirectory("\(fake.root)/memory/slice/session-1/\(dead)")
        // Dead by its pid, but somebody holds its lock: a warden in another pid namespace.
        try Files.makeDirectory("\(fake.root)/pids/nestbox-2147483646-1")
        let held = try Files.openDirectory("\(fake.root)/pids/nestbox-2147483646-1")
        #expect(try held.tryLock())

        fake.busy = ["unified/\(dead)"]
        let first = CgroupSweep(operations: fake, rounds: 2).run(host: host)
        #expect(first.removed.count == 3)
        #expect(first.failed.map(\.path) == ["\(fake.root)/unified/\(dead)"])
        fake.busy = []
        #expect(CgroupSweep(operations: fake).run(host: host).removed == ["\(fake.root)/unified/\(dead)"])
        for place in places {
            #expect(access("\(fake.root)/\(place)/\(dead)", F_OK) != 0)
            for name in [alive] + others { #expect(access("\(fake.root)/\(place)/\(name)", F_OK) == 0) }
        }
        #expect(access("\(fake.root)/memory/slice/session-1/\(dead)", F_OK) != 0)
        #expect(access("\(fake.root)/pids/nestbox-2147483646-1", F_OK) == 0)
    }
}
