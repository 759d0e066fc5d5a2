import Foundation
import Glibc
import LinuxSystem
import SandboxSpec
import TestSupport
import Testing

@testable import CgroupDiscovery
@testable import Cgroups

/// On the kernel this runs on. Needs root and writable cgroups; leaves nothing behind.
@Suite(.serialized, .enabled(if: getuid() == 0 && CgroupReport.inspect().host != nil))
struct HostTests {
    private static let zygoteUser: UInt32 = 64_999

    private func limits(memory: Int64 = 67_108_864, processes: Int64 = 8, cpus: Int64 = 1000) throws -> Limits {
        try Limits { name in
            switch name {
            case .memory: memory
            case .processes: processes
            case .cpus: cpus
            default: name.range.lowerBound
            }
        }
    }

    /// A parent of our own, gone at the end.
    private func with(_ body: (CgroupParent) throws -> Void) throws {
        let host = try #require(CgroupReport.inspect().host)
        let own = try WardenName.current()
        // A start time that is not ours: only the lock says that this warden lives.
        let name = WardenName(pid: own.pid, startTime: own.startTime + 1)
        let parent = try CgroupParent(host: host, name: name, zygoteUser: Self.zygoteUser)
        defer {
            #expect(parent.remove() == [])
            for group in parent.groups { #expect(access(group.path, F_OK) != 0) }
        }
        try body(parent)
    }

    /// Starts a shell that first puts itself into the leaf, as a sandbox's first process does.
    private func start(_ script: String, in leaf: CgroupLeaf, user: UInt32? = nil) throws -> Child {
        // The v2 tree: a sandbox is cloned into it; this child writes itself into it.
        let unified = try leaf.openUnified()
        let tasks = try leaf.openAttachDescriptors()
        var descriptors = tasks.numbers
        var lists: [Int32] = []
        if let unified {
            lists.append(try Files.open("cgroup.procs", at: unified.number, flags: O_WRONLY).release())
        }
        defer { for list in lists { close(list) } }
        descriptors += lists
        let attach = descriptors.indices.map { "echo 0 >&\(3 + $0) || exit 99; exec \(3 + $0)>&-;" }.joined(
            separator: " ")
        var arguments = ["/bin/sh", "-c", "\(attach) \(script)"]
        if let user { arguments = ["setpriv", "--reuid", "\(user)", "--clear-groups"] + arguments }
        return try Child(arguments, descriptors: descriptors)
    }

    /// The kernel's accounts follow events with a delay.
    private func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        try blockingEventually(within: .seconds(100), condition)
    }

    @Test func aLeafCountsAndGoes() throws {
        try with { parent in
            let leaf = try parent.makeLeaf(id: 1, limits: try limits())
            #expect(try leaf.isEmpty())
            #expect(try leaf.sample().cpu == 0)
            let child = try start("sleep 60 & while :; do :; done", in: leaf)
            #expect(try eventually { try leaf.sample().cpu > 50_000_000 })
            let sample = try leaf.sample()
            // The shell stands for the init, so the sleep remains.
            #expect(sample.processes == 1)
            #expect(sample.memory > 0)
            #expect(sample.oomKills == 0)
            #expect(try !leaf.isEmpty())
            #expect(try !leaf.remove(), "busy")
            let detail = try leaf.detail()
            #expect(detail.memoryPeak >= sample.memory / 2)
            #expect(detail.processesPeak >= 1)
            #expect(detail.cpuUser + detail.cpuSystem > 0)
            try leaf.kill()
            #expect(child.endSignal == SIGKILL)
            #expect(try eventually { try leaf.isEmpty() })
            #expect(try eventually { try leaf.remove() })
            #expect(try leaf.remove())
        }
    }

    @Test func aLeafThatIsUsedAgainBeginsAtZero() throws {
        try with { parent in
            guard parent.group(of: .memory)?.hierarchy.version == .v1 else { return }
            var leaf = try parent.makeLeaf(id: 1, limits: try limits())
            var directories: Set<String> = []
            for round in 0..<3 {
                directories.insert(leaf.name)
                let child = try start("exec /bin/true", in: leaf)
                #expect(child.wait() == 0)
                #expect(try leaf.sample().cpu > 0, "round \(round)")
                let isRecycled = try eventually { try parent.recycle(leaf) }
                #expect(isRecycled)
                leaf = try #require(parent.takeRecycled(for: try limits()), "round \(round): it was not kept")
                let sample = try leaf.sample()
                #expect(sample.cpu == 0 && sample.processes == 0 && sample.oomKills == 0, "round \(round): \(sample)")
                #expect(sample.memory <= 65_536, "round \(round): \(sample)")
                let detail = try leaf.detail()
                #expect(detail.cpuUser == 0 && detail.cpuSystem == 0 && detail.memoryLimitHits == 0)
                #expect(detail.memoryPeak <= 65_536, "round \(round): \(detail)")
            }
            #expect(directories.count == 1)
            #expect(try leaf.remove())
        }
    }

    @Test func aProcessWithoutRightsAttachesItself() throws {
        try with { parent in
            let leaf = try parent.makeLeaf(id: 1, limits: try limits())
            let tasks = try leaf.openAttachDescriptors()
            let attach = tasks.numbers.indices.map { "echo 0 >&\(3 + $0) || exit 99;" }.joined(separator: " ")
            let child = try Child(
                ["setpriv", "--reuid", "64998", "--clear-groups", "/bin/sh", "-c", "\(attach) exec sleep 60"],
                descriptors: tasks.numbers)
            #expect(
                try eventually {
                    for group in parent.groups where group.hierarchy.version == .v1 {
                        let listed = try CgroupProcesses.list("\(group.path)/1/cgroup.procs")
                        guard listed == [child.pid] else { return false }
                    }
                    return true
                })
            Glibc.kill(child.pid, SIGKILL)
            child.wait()
            #expect(try eventually { try leaf.remove() })
        }
    }

    @Test func aZygoteWithoutRightsClonesIntoALeaf() throws {
        try with { parent in
            guard parent.unified != nil else { return }
            let leaf = try parent.makeLeaf(id: 1, limits: try limits())
            guard let directory = try leaf.openUnified() else { return }
            // Waits for one byte, drops its user, then clone3(CLONE_INTO_CGROUP); the child sleeps.
            let script = """
                import ctypes, os, struct, sys
                os.read(4, 1)
                os.setgroups([]); os.setresuid(\(Self.zygoteUser), \(Self.zygoteUser), \(Self.zygoteUser))
                libc = ctypes.CDLL(None, use_errno=True)
                args = ctypes.create_string_buffer(struct.pack('11Q', 0x200000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 3))
                pid = libc.syscall(435, args, 88)
                if pid == 0:
                    os.execv('/bin/sleep', ['sleep', '60'])
                if pid < 0: sys.exit(ctypes.get_errno())
                sys.exit(0 if os.waitstatus_to_exitcode(os.wait()[1]) == -9 else 101)
                """
            var pipe: [Int32] = [0, 0]
            try #require(Glibc.pipe(&pipe) == 0)
            defer { for end in pipe { close(end) } }
            let zygote = try Child(["python3", "-c", script], descriptors: [directory.number, pipe[0]])
            try parent.attachZygote(pid: zygote.pid)
            #expect(write(pipe[1], "x", 1) == 1)
            #expect(try eventually { try !leaf.isEmpty() })
            try leaf.kill()
            #expect(zygote.wait() == 0)
            #expect(try eventually { try leaf.remove() })
        }
    }

    @Test func tooMuchMemoryIsAnnouncedAndCounted() throws {
        try with { parent in
            let leaf = try parent.makeLeaf(id: 1, limits: try limits(memory: 16_777_216))
            // A shell that lives on while its child dies of memory.
            let child = try start("dd if=/dev/zero of=/dev/null bs=64M count=1; sleep 60", in: leaf)
            let signal =
                switch leaf.shortageSignal {
                case .readable(let number): pollfd(fd: number, events: Int16(POLLIN), revents: 0)
                case .priority(let number): pollfd(fd: number, events: Int16(POLLPRI), revents: 0)
                }
            var polled = signal
            #expect(poll(&polled, 1, 10_000) == 1, "the shortage is announced")
            #expect(try eventually { try leaf.oomKills() >= 1 })
            let detail = try leaf.detail()
            #expect(detail.memoryLimitHits > 0)
            #expect(detail.memoryPeak > 8_388_608 && detail.memoryPeak <= 16_777_216)
            try leaf.kill()
            child.wait()
            #expect(try eventually { try leaf.remove() })
        }
    }

    @Test func processesAreBounded() throws {
        try with { parent in
            let leaf = try parent.makeLeaf(id: 1, limits: try limits(processes: 4))
            let child = try start("for i in 1 2 3 4 5 6 7 8; do sleep 60 & done; wait", in: leaf)
            #expect(try eventually { try leaf.detail().processLimitHits > 0 })
            #expect(try leaf.sample().processes <= 4)
            try leaf.kill()
            child.wait()
            #expect(try eventually { try leaf.remove() })
        }
    }

    @Test func processorTimeIsBounded() throws {
        try with { parent in
            let leaf = try parent.makeLeaf(id: 1, limits: try limits(cpus: 100))
            let clock = ContinuousClock()
            let begin = clock.now
            let child = try start("while :; do :; done", in: leaf)
            _ = try eventually { try leaf.sample().cpu >= 50_000_000 }
            let elapsed = clock.now - begin
            // A tenth of a processor: 50 ms of CPU take 500 ms, less two quotas.
            #expect(elapsed > .milliseconds(300))
            try leaf.kill()
            child.wait()
            #expect(try eventually { try leaf.remove() })
        }
    }

    @Test func aLivingWardenIsNotSwept() throws {
        try with { parent in
            let result = CgroupSweep().run(host: parent.host)
            #expect(!result.removed.contains { $0.contains(parent.name.description) })
            for group in parent.groups { #expect(access(group.path, F_OK) == 0) }
        }
    }

    /// Another warden's sweep sees the new directory before it is locked, and takes it for a dead warden's.
    @Test func aStartingWardenOutlivesASweep() throws {
        final class SweptOnce: DirectoryOperations {
            let host: CgroupHost
            var swept: [String] = []
            init(_ host: CgroupHost) { self.host = host }

            func make(_ name: String, _ directory: Int32) throws(SystemCallError) {
                try KernelDirectories().make(name, directory)
                if swept.isEmpty { swept = CgroupSweep().run(host: host).removed }
            }

            func remove(_ name: String, _ directory: Int32) throws(SystemCallError) {
                try KernelDirectories().remove(name, directory)
            }
        }
        let host = try #require(CgroupReport.inspect().host)
        let own = try WardenName.current()
        let name = WardenName(pid: own.pid, startTime: own.startTime + 10)
        let operations = SweptOnce(host)
        let parent = try CgroupParent(host: host, name: name, zygoteUser: Self.zygoteUser, operations: operations)
        #expect(operations.swept.contains { $0.hasSuffix("/\(name)") }, "the sweep removed it")
        #expect(!CgroupSweep().run(host: host).removed.contains { $0.hasSuffix("/\(name)") })
        for group in parent.groups { #expect(access(group.path, F_OK) == 0, "\(group.path)") }
        #expect(parent.remove() == [])
    }

    @Test func aDeadWardenIsSwept() throws {
        let host = try #require(CgroupReport.inspect().host)
        let name = WardenName(pid: Int32.max, startTime: Int64(getpid()))
        // Its objects go at the end of the function, and with them its locks.
        func leave() throws -> Child {
            let parent = try CgroupParent(host: host, name: name, zygoteUser: Self.zygoteUser)
            let leaf = try parent.makeLeaf(id: 1, limits: try limits())
            _ = try parent.makeLeaf(id: 2, limits: try limits())
            let child = try start("sleep 60", in: leaf)
            #expect(try eventually { try leaf.sample().memory > 0 && !leaf.isEmpty() })
            return child
        }
        let child = try leave()
        // What counts is that it is gone; another warden that starts just now may have been faster.
        let result = CgroupSweep().run(host: host)
        #expect(result.failed.filter { $0.path.contains(name.description) } == [])
        #expect(child.endSignal == SIGKILL)
        for hierarchy in host.hierarchies {
            #expect(access("\(hierarchy.ownDirectory)/\(name)", F_OK) != 0)
        }
    }

    /// Without a v2 tree: each process is pinned before it is killed, and none is forgotten.
    @Test func legacyGroupsAreKilledByList() throws {
        let found = try #require(CgroupReport.inspect().host)
        guard !found.v1.isEmpty else { return }
        let host = CgroupHost(v1: found.v1, v2: nil)
        let own = try WardenName.current()
        let parent = try CgroupParent(
            host: host, name: WardenName(pid: own.pid, startTime: own.startTime + 2), zygoteUser: Self.zygoteUser)
        let leaf = try parent.makeLeaf(id: 1, limits: try limits(processes: 100))
        let child = try start("i=0; while [ $i -lt 80 ]; do sleep 60 & i=$((i+1)); done; wait", in: leaf)
        #expect(try eventually { try leaf.sample().processes == 80 })
        try leaf.kill()
        #expect(child.endSignal == SIGKILL)
        #expect(try eventually { try leaf.isEmpty() })
        #expect(parent.remove() == [])
    }

    @Test func descriptorsPerLeaf() throws {
        // Those below our own group only: other tests run beside this one.
        func open(_ parent: CgroupParent) throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter {
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
                return target?.contains("\(parent.name)/1/") ?? false
            }.count
        }
        try with { parent in
            let leaf = try parent.makeLeaf(id: 1, limits: try limits())
            _ = try leaf.sample()
            _ = try leaf.detail()
            // And the one that announces memory shortage, in v1.
            #expect(try open(parent) == 4)
            #expect(try leaf.remove())
        }
    }
}
