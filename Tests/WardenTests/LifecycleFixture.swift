import LinuxSystem
import ResourceMonitor
import SandboxSpec
import WardenProtocol

@testable import Cgroups
@testable import Warden

/// A life with a clock that the test moves.
struct LifecycleFixture {
    static let second: Int64 = 1_000_000_000
    static let millisecond: Int64 = 1_000_000

    var now: Int64 = 1000 * second
    var life: SandboxLifecycle

    /// Ten seconds for everything, in the largest sandbox there may be.
    static let limits =
        (try? TimeLimits(.maximum, seconds: 10).applied(to: .maximum)) ?? .maximum

    init(limits: Limits = Self.limits) {
        life = SandboxLifecycle(
            id: 7, limits: limits, warnAt: 80,
            rules: SandboxLifecycle.Rules(
                preparation: 20 * Self.second, birth: 25 * Self.second,
                ceiling: (try? Limits.maximum.setting(.wall, to: 20 * Self.second)) ?? .maximum, processors: 2),
            at: now)
    }

    mutating func handle(_ event: SandboxLifecycle.Event) -> [SandboxLifecycle.Action] { life.handle(event, at: now) }

    mutating func pass(_ time: Int64) -> [SandboxLifecycle.Action] {
        now += time
        return handle(.deadlinePassed)
    }

    // MARK: - On the way

    static func preparing() -> Self {
        var fixture = LifecycleFixture()
        _ = fixture.handle(.forked)
        _ = fixture.handle(.prepared)
        return fixture
    }

    static func parked() -> Self {
        var fixture = preparing()
        _ = fixture.handle(.ready)
        return fixture
    }

    static func running(patterns: [String] = []) -> Self {
        var fixture = parked()
        _ = fixture.handle(.start(job(patterns), times: nil))
        _ = fixture.handle(.orderTaken)
        return fixture
    }

    static func collecting(patterns: [String] = [], leavesRemainder: Bool = false) -> Self {
        var fixture = running(patterns: patterns)
        _ = fixture.exit(leavesRemainder: leavesRemainder)
        return fixture
    }

    static func ending() -> Self {
        var fixture = running()
        _ = fixture.handle(.endRequested(.cancelled))
        return fixture
    }

    static func killed() -> Self {
        var fixture = ending()
        _ = fixture.handle(.killTurn(isWardenEnding: false, hasForked: true))
        return fixture
    }

    static func removing() -> Self {
        var fixture = killed()
        _ = fixture.handle(.initExited(.success(SandboxLifecycle.Account())))
        return fixture
    }

    static func quarantined() -> Self {
        var fixture = killed()
        _ = fixture.handle(.killTimedOut(.success(SandboxLifecycle.Account()), processes: "3 processes"))
        return fixture
    }

    /// One of each state, by name.
    static var all: [(name: String, fixture: Self)] {
        [
            ("forking", LifecycleFixture()), ("preparing", preparing()), ("parked", parked()), ("running", running()),
            ("collecting", collecting(patterns: ["*"])), ("ending", ending()), ("killed", killed()),
            ("removing", removing()), ("quarantined", quarantined()),
        ]
    }

    mutating func exit(
        _ status: ExitStatus = .exited(0), leavesRemainder: Bool = false,
        account: SandboxLifecycle.Account = SandboxLifecycle.Account()
    ) -> [SandboxLifecycle.Action] {
        handle(.exited(status, ownMemory: 0, hasFullFile: false, leavesRemainder: leavesRemainder, .success(account)))
    }

    static func job(_ patterns: [String] = []) -> Job {
        Job(
            arguments: ["true"], environment: [],
            artifacts: ArtifactRequest(patterns: patterns, maximumCount: 8, maximumBytes: 1 << 20, maximumDepth: 4),
            files: [])
    }

    static func upload(_ size: Result<Int64, StageFailure> = .success(10)) -> SandboxLifecycle.Event {
        .upload(
            SandboxLifecycle.Upload(
                order: OrderQueue.Order(bytes: [1], contents: nil, job: nil, object: "a.txt"), size: size))
    }

    /// The name of the state.
    var state: String {
        switch life.state {
        case .forking: "forking"
        case .preparing: "preparing"
        case .parked: "parked"
        case .running: "running"
        case .collecting: "collecting"
        case .ending(nil): "ending"
        case .ending: "killed"
        case .removing: "removing"
        case .quarantined: "quarantined"
        }
    }
}

extension TimeLimits {
    init(_ limits: Limits, seconds: Int64) {
        self.init(limits)
        cpu = seconds * LifecycleFixture.second
        wall = cpu
        idle = cpu
    }
}

extension [SandboxLifecycle.Action] {
    /// How the client is told that it ended; nil when it is not.
    var outcome: SandboxOutcome? {
        for case .send(.finished(_, let outcome)) in self { return outcome }
        return nil
    }

    var refusal: StageFailure? {
        for case .send(.refused(_, let failure)) in self { return failure }
        return nil
    }
}
