import Foundation
import Glibc
import LinuxSystem
import SandboxSpec
import Testing

@testable import CgroupDiscovery
@testable import Cgroups

/// A leaf is used again only when nothing tells it apart from a new one.
@Suite struct RecycleTests {
    /// What the files of a leaf say after a calm run.
    private static let calm = [
        "pids/pids.current": "0\n", "pids/pids.peak": "2\n", "pids/pids.events": "max 0\n",
        "memory/memory.usage_in_bytes": "200000\n",
        "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n",
    ]

    private func with(
        _ kind: FakeHost.Kind = .hybrid, absent: Set<String> = [],
        _ body: (FakeHost, CgroupParent, CgroupLeaf, (String) -> String) throws -> Void
    ) throws {
        let fake = try FakeHost(kind)
        defer { fake.tearDown() }
        fake.absent = absent
        let host = try #require(fake.report.host)
        let parent = try CgroupParent(
            host: host, name: WardenName(pid: 7, startTime: 8), zygoteUser: getuid(), operations: fake)
        let leaf = try parent.makeLeaf(id: 3, limits: LeafTests.limits)
        func path(_ file: String) -> String {
            let parts = file.split(separator: "/")
            return "\(fake.own(String(parts[0])))/nestbox-7-8/3/\(parts[1])"
        }
        for (file, text) in Self.calm where !absent.contains(String(file.split(separator: "/")[1])) {
            try fake.write(text, path(file))
        }
        try body(fake, parent, leaf, path)
    }

    @Test func aCalmLeafIsTakenAgainWithItsAccountsAtZero() throws {
        try with { fake, parent, leaf, path in
            let isDone = try parent.recycle(leaf)
            #expect(isDone)
            for file in ["cpu,cpuacct/cpuacct.usage", "memory/memory.failcnt", "memory/memory.memsw.failcnt"] {
                // Writing does not cut these files, as it does not the kernel's.
                #expect(fake.read(path(file))?.first == "0", "\(file)")
            }
            #expect(fake.read(path("memory/memory.max_usage_in_bytes"))?.first == "0")
            let again = try #require(parent.takeRecycled(for: LeafTests.limits))
            #expect(again === leaf)
            #expect(parent.takeRecycled(for: LeafTests.limits) == nil, "it was handed out twice")
            // What was charged before is nobody's.
            #expect(try again.sample().memory == 0)
            try fake.write("300000\n", path("memory/memory.usage_in_bytes"))
            #expect(try again.sample().memory == 100_000)
        }
    }

    @Test(
        "what cannot be put back makes it go",
        arguments: [
            ("pids/pids.peak", "3\n"), ("pids/pids.events", "max 1\n"),
            ("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"),
            ("memory/memory.usage_in_bytes", "1048577\n"), ("memory/memory.usage_in_bytes", "nonsense\n"),
        ])
    func traces(file: String, text: String) throws {
        try with { fake, parent, leaf, path in
            try fake.write(text, path(file))
            let isDone = try parent.recycle(leaf)
            #expect(isDone)
            #expect(parent.takeRecycled(for: LeafTests.limits) == nil)
            #expect(access(path(file), F_OK) != 0, "its directory is still there")
        }
    }

    @Test(arguments: ["cpuacct.usage", "memory.failcnt", "memory.max_usage_in_bytes"])
    func whatCannotBeWrittenMakesItGo(file: String) throws {
        try with { fake, parent, leaf, path in
            let whole = path((file.hasPrefix("cpu") ? "cpu,cpuacct/" : "memory/") + file)
            unlink(whole)
            let isDone = try parent.recycle(leaf)
            #expect(isDone)
            #expect(parent.takeRecycled(for: LeafTests.limits) == nil)
        }
    }

    @Test func aProcessInItIsWaitedFor() throws {
        try with { fake, parent, leaf, path in
            try fake.write("1\n", path("pids/pids.current"))
            let isFree = try parent.recycle(leaf)
            #expect(!isFree)
            #expect(access(path("pids/pids.current"), F_OK) == 0)
            try fake.write("0\n", path("pids/pids.current"))
            let isDone = try parent.recycle(leaf)
            #expect(isDone)
            #expect(parent.takeRecycled(for: LeafTests.limits) === leaf)
        }
    }

    @Test func filesStayOpenForTheNextSandboxWhileThereIsRoom() throws {
        try with { fake, parent, leaf, path in
            parent.maximumKeptFiles = 1000
            for hierarchy in ["cpu,cpuacct", "memory", "pids"] { try fake.write("", path("\(hierarchy)/tasks")) }
            _ = try leaf.detail()
            let isDone = try parent.recycle(leaf)
            #expect(isDone)
            let kept = parent.keptFiles
            #expect(kept > 0)
            let again = try #require(parent.takeRecycled(for: LeafTests.limits))
            // Where it was there is another file now: the open one is read.
            let peak = path("memory/memory.max_usage_in_bytes")
            try fake.write("1200000\n", peak)
            unlink(peak)
            try fake.write("2200000\n", peak)
            #expect(try again.detail().memoryPeak == 1_000_000)
            #expect(parent.keptFiles == kept, "nothing is opened twice")
            let entrance = try again.openEntrance()
            #expect(try again.openEntrance() === entrance)
            #expect(parent.keptFiles == kept + entrance.count)
            _ = try again.remove()
            #expect(parent.keptFiles == 0)
        }
    }

    @Test func noMoreFilesStayOpenThanMay() throws {
        try with { fake, parent, leaf, path in
            parent.maximumKeptFiles = 2
            for hierarchy in ["cpu,cpuacct", "memory", "pids"] { try fake.write("", path("\(hierarchy)/tasks")) }
            let peak = path("memory/memory.max_usage_in_bytes")
            for bytes in [4096, 8192] {
                _ = try leaf.detail()
                #expect(parent.keptFiles == 2)
                let entrance = try leaf.openEntrance()
                #expect(try leaf.openEntrance() !== entrance)
                unlink(peak)
                try fake.write("\(bytes)\n", peak)
                #expect(try leaf.detail().memoryPeak == Int64(bytes), "the third file is opened each time")
            }
        }
    }

    @Test func otherLimitsNeedAnotherLeaf() throws {
        try with { _, parent, leaf, _ in
            let isDone = try parent.recycle(leaf)
            #expect(isDone)
            for name in [LimitName.memory, .cpus, .processes] {
                let other = try LeafTests.limits.setting(name, to: LeafTests.limits[name] + 1)
                #expect(parent.takeRecycled(for: other) == nil, "\(name)")
            }
            #expect(parent.takeRecycled(for: LeafTests.limits, initProcesses: 2) == nil)
            // Times and disk are not the kernel's to keep.
            let same = try LeafTests.limits.setting(.wall, to: LeafTests.limits[.wall] + 1)
            #expect(parent.takeRecycled(for: same) === leaf)
        }
    }

    @Test func noMoreAreKeptThanMayBe() throws {
        try with { fake, parent, leaf, _ in
            parent.keep(leaf)
            for id in 0..<UInt64(CgroupParent.maximumRecycled) {
                parent.keep(try parent.makeLeaf(id: 100 + id, limits: LeafTests.limits))
            }
            #expect(parent.recycled.count == CgroupParent.maximumRecycled)
            #expect(access("\(fake.own("pids"))/nestbox-7-8/3", F_OK) != 0, "the oldest is still there")
        }
    }

    @Test func withoutAccountsThatCanBePutBackItGoes() throws {
        let fake = try FakeHost(.unified)
        defer { fake.tearDown() }
        try fake.write("cpu memory pids\n", "\(fake.root)/unified/slice/cgroup.subtree_control")
        unlink("\(fake.own("unified"))/cgroup.subtree_control")
        symlink("/dev/full", "\(fake.own("unified"))/cgroup.subtree_control")
        let host = try #require(fake.report.host)
        let parent = try CgroupParent(
            host: host, name: WardenName(pid: 7, startTime: 8), zygoteUser: getuid(), operations: fake)
        let leaf = try parent.makeLeaf(id: 3, limits: LeafTests.limits)
        let isDone = try parent.recycle(leaf)
        #expect(isDone)
        #expect(parent.recycled.isEmpty)
    }
}
