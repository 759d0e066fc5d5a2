import ConfigurationFiles
import Policies
import SandboxSpec
import Testing

@testable import CallTrace

/// From what was observed to a policy that allows it.
@Suite struct AdviceTests {
    private static let base = """
        version: 1
        name: base
        limits:
          {cpu: 5s, wall: 15s, memory: 256MiB, processes: 64, output: 1MiB, disk: 64MiB, inodes: 8192, open_files: 256, cpus: 1.0}
        ceiling: {network: loopback}
        warn_at: 80%
        network: none
        syscalls: {allow: ["@default", "flock"], deny: ["@clocks"]}
        pool: {min: 0, max: 4, warm: none}
        """

    private static func group(_ name: String, _ calls: [String], including groups: [String] = []) -> String {
        let entries =
            calls.map { "  - {call: \($0), why: test}" } + groups.map { "  - {group: \"@\($0)\", why: test}" }
        return "version: 1\nname: \(name)\ndescription: test\nentries:\n" + entries.joined(separator: "\n") + "\n"
    }

    private static func policies(_ texts: [(String, String)] = []) throws -> PolicySet {
        let groups = [
            ("default", group("default", ["read", "write", "exit_group", "socket"], including: ["clocks"])),
            ("clocks", group("clocks", ["time", "gettimeofday"])),
            ("inotify", group("inotify", ["inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch"])),
            ("wide", group("wide", ["sync", "syncfs", "vmsplice", "mq_open", "mq_unlink", "mq_notify", "io_cancel"])),
        ]
        return try PolicySet.parse(
            policies: ([("base", base)] + texts).map { ("\($0.0).yaml", $0.1) },
            groups: groups.map { ("syscalls/\($0.0).yaml", $0.1) })
    }

    private static func rules(_ network: NetworkAccess = .none) throws -> TracedRules {
        let set = try policies()
        let policy = try set.policy(named: "base")
        let groups = set.groups.names.map { ($0, Set(set.groups.calls(in: $0) ?? [])) }
        return TracedRules(
            policy: policy.name, syscalls: Set(policy.syscalls), groups: Dictionary(uniqueKeysWithValues: groups),
            known: KnownSyscalls.names, network: network, networkCeiling: policy.networkCeiling)
    }

    private static func log(_ calls: (String, [DecodedArgument])...) -> TraceLog {
        var log = TraceLog()
        for (name, arguments) in calls { log.add(TraceLog.Call(name: name, arguments: arguments, errno: 38)) }
        return log
    }

    private static func argument(_ name: String, _ value: String) -> DecodedArgument {
        DecodedArgument(name: name, value: value, claimed: false)
    }

    @Test("a call of no group is named alone, and the policy that is printed allows it and all it allowed before")
    func single() throws {
        let advice = PolicyAdvice(for: Self.log(("flock", []), ("ioprio_get", [])), under: try Self.rules())
        #expect(advice.changes.map(\.value) == ["ioprio_get"])
        #expect(advice.impossible.count == 1)  // flock is allowed: its arguments were refused
        let yaml = try #require(advice.yaml)
        // Nobody has reviewed it, so it is a comment; without the # it is a policy.
        #expect(yaml.contains("#     - \"ioprio_get\"  # dangerous: "))
        let plain = try Self.policies([("base-traced", yaml)]).policy(named: "base-traced")
        #expect(plain.syscalls == (try Self.policies().policy(named: "base").syscalls))
        let meant = yaml.replacing("#     - ", with: "    - ")
        let policy = try Self.policies([("base-traced", meant)]).policy(named: "base-traced")
        #expect(Set(policy.syscalls) == Set(plain.syscalls).union(["ioprio_get"]))
        #expect(!policy.syscalls.contains("time"))
    }

    @Test("a call that the policy denies by name is allowed again")
    func denied() throws {
        let advice = PolicyAdvice(for: Self.log(("time", [])), under: try Self.rules())
        #expect(advice.changes.map(\.value) == ["@clocks"] && advice.changes[0].danger == nil)
        let policy = try Self.policies([("base-traced", try #require(advice.yaml))]).policy(named: "base-traced")
        #expect(policy.syscalls.contains("time") && policy.syscalls.contains("flock"))
    }

    @Test("a group stands for calls of one purpose, and not for a collection")
    func groups() throws {
        let advice = PolicyAdvice(for: Self.log(("inotify_init1", []), ("syncfs", [])), under: try Self.rules())
        #expect(advice.changes.map(\.value) == ["@inotify", "syncfs"])
        #expect(advice.changes.allSatisfy { $0.danger != nil })
        #expect(advice.changes[0].danger?.contains("other sandboxes") == true)
    }

    @Test(
        "what no policy can allow is said so, with the reason",
        arguments: ["ptrace", "unshare", "cachestat", "syscall_999"])
    func impossible(_ call: String) throws {
        let advice = PolicyAdvice(for: Self.log((call, [])), under: try Self.rules())
        #expect(advice.changes.isEmpty && advice.yaml == nil)
        #expect(advice.impossible.map(\.what) == [call])
    }

    @Test("sockets of the internet are a matter of the network, other families are not")
    func sockets() throws {
        let internet = [Self.argument("domain", "AF_INET"), Self.argument("type", "SOCK_STREAM|SOCK_CLOEXEC")]
        let netlink = [Self.argument("domain", "AF_NETLINK"), Self.argument("type", "SOCK_RAW")]
        let advice = PolicyAdvice(
            for: Self.log(("socket", internet), ("socket", netlink)), under: try Self.rules())
        #expect(advice.changes.map { "\($0.key): \($0.value)" } == ["network: loopback"])
        #expect(advice.impossible.count == 1 && advice.impossible[0].what.contains("AF_NETLINK"))
        #expect(advice.hints.contains { $0.contains("--network loopback") })
        let policy = try Self.policies([("base-traced", try #require(advice.yaml))]).policy(named: "base-traced")
        #expect(policy.network == .loopback)
    }

    @Test("addresses and hosts become egress, marked, and a policy when that is meant")
    func egress() throws {
        var log = TraceLog()
        log.add(TraceLog.Destination(kind: .host, place: "www.example.org:443"))
        log.add(TraceLog.Destination(kind: .name, place: "files.example.org"))
        let advice = PolicyAdvice(for: log, under: try Self.rules(.loopback))
        #expect(advice.changes.count == 1 && advice.changes[0].danger != nil)
        #expect(advice.hints.contains { $0.contains("files.example.org:443") })
        let yaml = try #require(advice.yaml).replacing("# network", with: "network").replacing(
            "# ceiling", with: "ceiling")
        let policy = try Self.policies([("base-traced", yaml)]).policy(named: "base-traced")
        #expect(policy.network == .egress)
    }

    @Test("a limit that was met is raised")
    func limits() throws {
        let advice = PolicyAdvice(for: TraceLog(), under: try Self.rules(), raising: (.processes, "128"))
        #expect(advice.changes.map(\.key) == ["limits.processes"])
        let yaml = try #require(advice.yaml)
        let policy = try Self.policies([("base-traced", yaml)]).policy(named: "base-traced")
        #expect(policy.limits[.processes] == 128)
    }

    @Test("nothing observed is nothing advised")
    func nothing() throws {
        let advice = PolicyAdvice(for: TraceLog(), under: try Self.rules())
        #expect(advice.changes.isEmpty && advice.impossible.isEmpty && advice.hints.isEmpty && advice.yaml == nil)
    }

    @Test("missing files and places that cannot be written get a hint, no change")
    func files() throws {
        var log = TraceLog()
        log.add(TraceLog.File(path: "/usr/lib/libfoo.so", wish: .read, errno: 2))
        log.add(TraceLog.File(path: "/etc/foo", wish: .create, errno: 30))
        let advice = PolicyAdvice(for: log, under: try Self.rules())
        #expect(advice.changes.isEmpty && advice.hints.count == 2)
        #expect(advice.hints[0].contains("image.yaml") && advice.hints[1].contains("/box"))
    }
}
