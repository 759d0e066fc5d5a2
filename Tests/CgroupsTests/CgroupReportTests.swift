import SandboxSpec
import Testing

@testable import CgroupDiscovery
@testable import Cgroups

@Suite struct CgroupReportTests {
    private func with(_ kind: FakeHost.Kind, _ body: (FakeHost) throws -> Void) throws {
        let fake = try FakeHost(kind)
        defer { fake.tearDown() }
        try body(fake)
    }

    @Test func findsEveryLayout() throws {
        try with(.hybrid) { fake in
            let host = try #require(fake.report.host)
            #expect(host.layout == .hybrid)
            #expect(host.v1.count == 3)
            #expect(host.v1.first { $0.controllers.contains(.cpu) }?.controllers == [.cpu, .cpuacct])
            #expect(host.v1.first { $0.controllers.contains(.memory) }?.ownDirectory == fake.own("memory"))
            #expect(host.v2?.ownDirectory == fake.own("unified"))
            #expect(host.v2?.controllers == [])
            #expect(fake.report.findings.allSatisfy { $0.state == .found })
        }
        try with(.legacy) { fake in
            #expect(fake.report.host?.layout == .legacy)
            let finding = try #require(fake.report.findings.first { $0.subject == "cgroup v2 tree" })
            #expect(finding.state == .degraded)
            #expect(finding.detail.contains("cgroup.kill"))
        }
        try with(.unified) { fake in
            try fake.write("cpu memory pids\n", "\(fake.root)/unified/cgroup.subtree_control")
            let host = try #require(fake.report.host)
            #expect(host.layout == .unified)
            #expect(host.v2?.controllers == [.cpu, .cpuacct, .memory, .pids])
        }
    }

    @Test(arguments: ["memory", "pids", "cpu,cpuacct"])
    func anUnmountedControllerIsMissing(hierarchy: String) throws {
        try with(.hybrid) { fake in
            try fake.writeProc(unmounted: hierarchy)
            #expect(fake.report.host == nil)
            let missing = fake.report.findings.filter { $0.state == .missing }
            #expect(missing.map(\.subject) == hierarchy.split(separator: ",").map { "\($0) controller" })
            #expect(missing.allSatisfy { $0.remedy.contains("mount") })
        }
    }

    @Test func aReadOnlyHierarchyIsMissing() throws {
        try with(.hybrid) { fake in
            try fake.writeProc(readOnly: "pids")
            #expect(fake.report.host == nil)
            let finding = try #require(fake.report.findings.first { $0.subject == "pids controller" })
            #expect(finding.detail.contains("read-only"))
        }
    }

    @Test func anOwnGroupOutsideTheMountIsMissing() throws {
        try with(.hybrid) { fake in
            try fake.writeProc(ownPath: "/../elsewhere")
            #expect(fake.report.host == nil)
            #expect(fake.report.findings.filter { $0.state == .missing }.count == 4)
        }
        try with(.hybrid) { fake in
            try fake.writeProc(ownPath: "/gone")
            #expect(fake.report.host == nil)
        }
    }

    @Test func aControllerThatIsNotDelegatedNamesDelegate() throws {
        try with(.unified) { fake in
            for group in ["", "/slice", "/slice/own"] {
                try fake.write("cpu\n", "\(fake.root)/unified\(group)/cgroup.subtree_control")
            }
            try fake.write("cpu\n", "\(fake.own("unified"))/cgroup.controllers")
            try fake.write("cpu\n", "\(fake.root)/unified/slice/cgroup.controllers")
            try fake.write("x", "\(fake.root)/unified/cgroup.type")
            try fake.write("1\n", "\(fake.root)/unified/cgroup.procs")
            let missing = fake.report.findings.filter { $0.state == .missing }
            #expect(missing.map(\.subject) == ["memory controller", "pids controller"])
            #expect(missing.allSatisfy { $0.remedy.contains("Delegate=yes") })
        }
    }

    @Test func filesThatCannotBeReadAreAFinding() {
        let report = CgroupReport.inspect(mountInfo: "/nonexistent/mountinfo")
        #expect(report.host == nil)
        #expect(report.findings.map(\.state) == [.missing])
    }

    @Test func mountRootsAreStripped() throws {
        let line = "31 2 0:3 /docker/abc /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids"
        let mount = try #require(MountInfo(Array(line.utf8)[...]))
        func directory(_ path: String) -> String? {
            OwnCgroup(Array("8:pids:\(path)".utf8)[...])?.directory(through: mount)
        }
        #expect(directory("/docker/abc") == "/sys/fs/cgroup/pids")
        #expect(directory("/docker/abc/x:y") == "/sys/fs/cgroup/pids/x:y")
        #expect(directory("/docker/abcd") == nil)
        #expect(directory("/") == nil)
    }
}
