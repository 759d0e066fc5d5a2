internal import SandboxSpec
internal import WardenProtocol

/// Messages of every kind, small and large, for round trips and as seeds of mutation.
enum Samples {
    static func limits() throws -> Limits { try Limits { $0.range.lowerBound } }

    static func spec() throws -> SandboxSpec {
        SandboxSpec(
            root: .tree("/var/lib/nestbox/roots/abc"), limits: try limits(), warnAt: 80, network: .loopback,
            syscalls: ["_x", "accept4", "read", "write"], terminal: TerminalSize(rows: 24, columns: 80))
    }

    static func requests() throws -> [Request] {
        var host = try spec()
        host.root = .host
        host.terminal = nil
        host.syscalls = []
        host.network = .none
        host.limits = .maximum
        let small = Job(arguments: ["a"], environment: [])
        let full = Job(
            arguments: ["python3", "", "mäin.py"], environment: ["A=", "PATH=/usr/bin", "B=x=y"],
            artifacts: ArtifactRequest(
                patterns: ["**/*.png", "out?"], maximumCount: 0, maximumBytes: 0, maximumDepth: 1))
        let interpreter = try Interpreter(
            command: ["python3", "main.py"], environment: ["LANG=C.UTF-8", "A="], script: "main.py",
            modules: ["json", "os.path"])
        var forked = host
        forked.preparation = .fork(.python, interpreter)
        var held = host
        held.hasProcesses = true
        var observed = host
        observed.isObserved = true
        var booted = try spec()
        booted.preparation = .boot(interpreter)
        booted.hasChannel = true
        var loaded = full
        loaded.files = [
            InlineFile(path: try BoxPath("main.py"), content: [0, 255, 10], executable: false),
            InlineFile(path: try BoxPath("a/ü"), content: [], executable: true),
        ]
        return [
            .hello(version: 1), .hello(version: .max),
            .create(0, host), .create(.max, try spec()), .create(1, forked), .create(2, booted), .create(3, observed),
            .upload(1, try BoxPath("a"), executable: false), .upload(2, try BoxPath("ü/b.c"), executable: true),
            .start(3, small, times: nil), .start(4, full, times: TimeLimits(try limits())),
            .start(5, loaded, times: TimeLimits(.maximum)),
            .kill(5, .cancelled), .kill(6, .output(bytes: 0)), .kill(6, .output(bytes: .max)),
            .signal(7, 1), .signal(7, 64),
            .resize(8, TerminalSize(rows: 0, columns: .max)), .activity(9), .probe(10), .probe(.max), .inquire,
            .files(1, .pack(nil, .init(maximumBytes: .max, maximumFiles: 0))),
            .files(
                2, .pack(try BoxPath("ü/b"), .init(maximumBytes: 0, maximumFiles: .max, isList: true, freezes: true))),
            .files(3, .unpack(replacing: true)), .files(.max, .unpack(replacing: false)),
            .files(4, .remove(try BoxPath("a/b"))),
            .files(5, .pack(nil, .init(maximumBytes: 1, maximumFiles: 1, isShallow: true))),
            .files(6, .open(try BoxPath("a/b"))), .files(7, .move(try BoxPath("a"), try BoxPath("ü"), replacing: true)),
            .create(4, held), .spawn(1, 0, small, SpawnOptions()),
            .spawn(
                2, .max, Job(arguments: ["sh", "-c", ""], environment: ["A=ü"]),
                SpawnOptions(directory: "/", terminal: TerminalSize(rows: 24, columns: 80))),
            .signalProcess(3, .max, 64), .dial(4, 1, port: 1), .dial(.max, .max, port: .max),
        ]
    }

    static func usage() -> Usage {
        var usage = Usage()
        usage.wall = 1
        usage.cpu = 2
        usage.cpuUser = 3
        usage.cpuSystem = 4
        usage.memory = 5
        usage.memoryPeak = 6
        usage.chargedPeak = 11
        usage.processes = 7
        usage.processesPeak = 8
        usage.disk = 9
        usage.inodes = .max
        return usage
    }

    private static func status(_ value: Int64) -> WardenStatus {
        var status = WardenStatus()
        status.sandboxes = value
        status.parked = 1
        status.running = 2
        status.quarantined = 3
        status.oldestChange = value
        return status
    }

    static func events() throws -> [Event] {
        let failure = StageFailure(stage: "mount_proc", index: 3, errno: 4095, object: "/box/ü")
        let outcomes: [SandboxOutcome] =
            Verdict.allCases.map { SandboxOutcome(verdict: $0, usage: usage()) } + [
                SandboxOutcome(verdict: .ok, status: .exited(255), usage: Usage()),
                SandboxOutcome(verdict: .internalError, status: .signaled(64), usage: Usage(), failure: failure),
                SandboxOutcome(
                    verdict: .cpuLimit, status: .signaled(9), limit: LimitHit(name: .cpu, used: 2, allowed: 1),
                    usage: usage()),
            ]
        return [
            .welcome(version: 1, pid: 1), .welcome(version: 0, pid: .max), .created(1), .status(WardenStatus()),
            .status(status(.max)),
            .refused(2, failure), .refused(2, StageFailure(stage: "x", errno: 0)), .started(3), .usage(4, usage()),
            .artifact(6, try BoxPath("out/a b.png"), bytes: 1_073_741_824),
            .artifactSkipped(7, name: "a\\x00b", reason: "is a symbolic link"),
            .artifactSkipped(7, name: "", reason: ""),
            .files(9, FilesResult()), .files(.max, FilesResult(errno: 4095, files: .max, bytes: .max, skipped: .max)),
            .listening(1), .spawned(2, .max), .spawnFailed(3, 0, failure),
            .exited(4, 1, ProcessEnd(status: .exited(0), cpu: 0, memoryPeak: .max)),
            .exited(.max, .max, ProcessEnd(status: .signaled(64), cpu: .max, memoryPeak: 0)),
            .dialed(5, 6, errno: 0), .dialed(5, .max, errno: 4095),
            .input(9, isAwaited: true), .input(.max, isAwaited: false),
        ]
            + LimitName.allCases.map { .warning(5, LimitHit(name: $0, used: .max, allowed: 0)) }
            + outcomes.map { .finished(8, $0) }
    }
}
