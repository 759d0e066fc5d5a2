import Glibc
import ResourceMonitor
import SandboxSpec
import Testing
import WardenProtocol

@testable import Cgroups
@testable import Warden

@Suite("The end of a sandbox")
struct SandboxLifecycleEndTests {
    private typealias Fixture = LifecycleFixture
    private static let failure = StageFailure(stage: "test", errno: EIO)

    // MARK: - While it runs

    @Test("for a limit comes after what pid 1 has said already")
    func limit() {
        var sandbox = Fixture.running()
        var sample = ResourceSample()
        sample.oomKills = 1
        let actions = sandbox.handle(.sampled(sample))
        guard case .confirm(let hit)? = actions.first, actions.count == 1 else {
            Issue.record("\(actions)")
            return
        }
        #expect(hit.name == .memory)
        var ended = sandbox
        _ = ended.exit()
        #expect(ended.handle(.limitConfirmed(hit)).isEmpty, "it ended by itself first")
        #expect(sandbox.handle(.limitConfirmed(hit)) == [.readOwnMemory, .queueKill(isUrgent: true)])
        _ = sandbox.handle(.ownMemoryRead(5000))
        #expect(sandbox.life.ownMemory == 5000)
        _ = sandbox.handle(.killTurn(isWardenEnding: false, hasForked: true))
        var account = SandboxLifecycle.Account()
        account.detail.memoryLimitHits = 1
        _ = sandbox.handle(.initExited(.success(account)))
        #expect(sandbox.handle(.removed).outcome?.limit?.name == .memory)
    }

    @Test("is announced by usage events, no closer together than 200 ms")
    func usage() {
        var sandbox = Fixture.running()
        sandbox.now += 199 * Fixture.millisecond
        #expect(!sandbox.handle(.sampled(ResourceSample())).contains(.readDetail(ResourceSample())))
        sandbox.now += Fixture.millisecond
        #expect(sandbox.handle(.sampled(ResourceSample())).contains(.readDetail(ResourceSample())))
        let sent = sandbox.handle(.detailRead(ResourceSample(), CgroupDetail()))
        guard case .send(.usage(7, let usage))? = sent.first else {
            Issue.record("\(sent)")
            return
        }
        #expect(usage.wall == 200 * Fixture.millisecond)
        #expect(!sandbox.handle(.sampled(ResourceSample())).contains(.readDetail(ResourceSample())))
    }

    @Test("follows when a limit cannot be watched")
    func sampleFails() {
        var sandbox = Fixture.running()
        #expect(sandbox.handle(.sampleFailed(Self.failure)) == [.readOwnMemory, .queueKill(isUrgent: true)])
        #expect(sandbox.life.evidence.failure == Self.failure)
    }

    @Test("is looked for every millisecond while memory is short")
    func pressure() {
        var sandbox = Fixture.running()
        #expect(sandbox.handle(.memoryPressure) == [.sample])
        _ = sandbox.handle(.sampled(ResourceSample()))
        #expect(sandbox.life.deadline(at: 0) == sandbox.now + Fixture.millisecond)
    }

    @Test("by idleness is put off by activity")
    func activity() throws {
        var sandbox = Fixture(limits: try Fixture.limits.setting(.idle, to: Fixture.second))
        for event: SandboxLifecycle.Event in [
            .forked, .prepared, .ready, .start(Fixture.job(), times: nil), .orderTaken,
        ] { _ = sandbox.handle(event) }
        sandbox.now += 900 * Fixture.millisecond
        _ = sandbox.handle(.activity)
        sandbox.now += 900 * Fixture.millisecond
        let confirms = { (actions: [SandboxLifecycle.Action]) in
            actions.contains { if case .confirm = $0 { true } else { false } }
        }
        #expect(!confirms(sandbox.handle(.sampled(ResourceSample()))))
        sandbox.now += 100 * Fixture.millisecond
        #expect(confirms(sandbox.handle(.sampled(ResourceSample()))))
    }

    @Test("does not change how often pid 1 is asked for a wait for input: once until it answers")
    func probe() {
        var sandbox = Fixture.running()
        #expect(sandbox.handle(.probeRequested) == [.sendProbe])
        #expect(sandbox.handle(.probeRequested) == [.sendProbe], "the first had no room")
        _ = sandbox.handle(.probeSent)
        #expect(sandbox.handle(.probeRequested).isEmpty)
        #expect(sandbox.handle(.inputAnswered(isAwaited: true)) == [.send(.input(7, isAwaited: true))])
        #expect(sandbox.handle(.probeRequested) == [.sendProbe])
    }

    // MARK: - Collecting

    @Test("is reported when artifacts have been collected and nothing is left")
    func collection() {
        var sandbox = Fixture.running(patterns: ["*"])
        #expect(sandbox.exit() == [.noteEnd])
        #expect(sandbox.handle(.collected(isStuck: false)).outcome?.verdict == .ok)
        sandbox = .running()
        #expect(sandbox.exit(leavesRemainder: true) == [.noteEnd])
        #expect(sandbox.handle(.collected(isStuck: true)).outcome?.verdict == .ok)
        #expect(sandbox.life.deadline(at: 0) == sandbox.now + Fixture.second, "something is left that does not end")
    }

    @Test("keeps the verdict when collecting takes too long or is cancelled, and says that files are missing")
    func waivers() {
        for isCancelled in [true, false] {
            var sandbox = Fixture.collecting(patterns: ["*"])
            let actions = isCancelled ? sandbox.handle(.killRequested(.cancelled)) : sandbox.pass(10 * Fixture.second)
            #expect(actions == [.queueKill(isUrgent: false)])
            let reason =
                isCancelled
                ? "and more: the run was cancelled while collecting" : "and more: handing files out took too long"
            #expect(
                sandbox.handle(.initExited(nil)) == [
                    .send(.artifactSkipped(7, name: "*", reason: reason)), .closeAll, .remove,
                ])
            #expect(sandbox.handle(.removed).outcome?.verdict == .ok)
        }
    }

    @Test("is a failure of ours when pid 1 dies while it collects")
    func collectorDies() {
        var sandbox = Fixture.collecting(patterns: ["*"])
        #expect(sandbox.handle(.initExited(nil)) == [.closeAll, .remove])
        #expect(sandbox.handle(.removed).outcome?.failure == StageFailure(stage: "collect", errno: ECHILD))
    }

    // MARK: - Killed

    @Test("waits for its turn, and is given up when it takes too long")
    func killTimesOut() {
        var sandbox = Fixture.ending()
        #expect(!sandbox.life.isTimed)
        #expect(sandbox.handle(.killTurn(isWardenEnding: false, hasForked: true)) == [.kill])
        sandbox.now += Fixture.second
        var account = SandboxLifecycle.Account()
        account.sample.cpu = 9
        #expect(sandbox.pass(4 * Fixture.second) == [.giveUp])
        let actions = sandbox.handle(.killTimedOut(.success(account), processes: "1 process"))
        #expect(actions.first == .quarantine(reason: "it does not end in spite of SIGKILL: 1 process"))
        #expect(actions.last == .leave && actions.outcome?.verdict == .cancelled)
        #expect(actions.outcome?.usage.wall == 0, "what came after the kill is no time of the program's")
        #expect(sandbox.state == "quarantined")
        #expect(sandbox.pass(Fixture.second) == [.tryRelease])
        #expect(sandbox.handle(.initExited(nil)) == [.closeAll])
        #expect(sandbox.pass(0) == [.tryRelease], "immediately, once pid 1 is gone")
    }

    @Test("has less time when the warden ends")
    func lastKill() {
        var sandbox = Fixture.ending()
        _ = sandbox.handle(.killTurn(isWardenEnding: true, hasForked: false))
        #expect(sandbox.life.deadline(at: 0) == sandbox.now + 3 * Fixture.second)
    }

    @Test("takes no second cause and no second end")
    func once() {
        for (name, fixture) in Fixture.all where ["ending", "killed", "removing", "quarantined"].contains(name) {
            var sandbox = fixture
            #expect(sandbox.handle(.endRequested(.shutdown)).isEmpty, "\(name)")
            #expect(sandbox.handle(.start(Fixture.job(), times: nil)).isEmpty, "\(name)")
            #expect(sandbox.state == name)
        }
    }

    // MARK: - Removing

    @Test("tries again to remove a cgroup, then kills what is in it, then gives it up")
    func removal() {
        var sandbox = Fixture.removing()
        let start = sandbox.now
        let error = StageFailure(stage: "cgroup_remove", errno: EBUSY)
        #expect(sandbox.handle(.removalFailed(error)).isEmpty)
        #expect(sandbox.life.deadline(at: 0) == start + Fixture.millisecond / 2)
        #expect(sandbox.pass(Fixture.millisecond) == [.remove])
        sandbox.now = start + 101 * Fixture.millisecond
        #expect(sandbox.handle(.removalFailed(error)) == [.kill])
        #expect(sandbox.life.changeAge(at: sandbox.now) == 101 * Fixture.millisecond)
        sandbox.now = start + 5 * Fixture.second
        let actions = sandbox.handle(.removalFailed(error))
        #expect(actions.first == .quarantine(reason: "its cgroup cannot be removed: \(error)"))
        #expect(actions.outcome?.verdict == .cancelled && actions.last == .leave)
    }

    @Test("reports an account that could not be taken")
    func accountFails() {
        var sandbox = Fixture.running()
        let error = StageFailure(stage: "account", errno: EIO)
        _ = sandbox.handle(
            .exited(.exited(0), ownMemory: 0, hasFullFile: false, leavesRemainder: false, .failure(error)))
        _ = sandbox.handle(.initExited(nil))
        #expect(sandbox.handle(.removed).outcome?.failure == error)
    }

    @Test("that nobody asked for is a failure of ours")
    func initLost() {
        var sandbox = Fixture.running()
        let actions = sandbox.handle(.initExited(.success(SandboxLifecycle.Account())))
        #expect(actions == [.noteEnd, .closeAll, .remove])
        #expect(sandbox.handle(.removed).outcome?.failure?.stage == "init_lost")
    }

    // MARK: - Whatever comes

    @Test("is reported once, in whatever order events come")
    func anyOrder() {
        let events: [SandboxLifecycle.Event] = [
            .forked, .prepared, .ready, Fixture.upload(), .start(Fixture.job(["*"]), times: nil), .orderTaken,
            .sampled(ResourceSample()), .memoryPressure, .activity, .probeRequested, .probeSent,
            .inputAnswered(isAwaited: false), .collected(isStuck: false), .collected(isStuck: true),
            .failureReported(Self.failure), .controlFailed(Self.failure), .endRequested(.cancelled),
            .exited(.exited(1), ownMemory: 1, hasFullFile: true, leavesRemainder: true, nil),
            .killTurn(isWardenEnding: false, hasForked: true), .deadlinePassed, .removalFailed(Self.failure),
        ]
        var seed: UInt64 = 42
        for _ in 0..<2000 {
            var sandbox = Fixture()
            var reports = 0
            for _ in 0..<40 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                sandbox.now += Int64(seed >> 33) % Fixture.second
                let actions = sandbox.handle(events[Int(seed >> 40) % events.count])
                reports += actions.outcome == nil && actions.refusal == nil ? 0 : 1
            }
            var actions = sandbox.handle(.initExited(.success(SandboxLifecycle.Account())))
            actions += sandbox.handle(.removed)
            reports += actions.outcome == nil && actions.refusal == nil ? 0 : 1
            #expect(reports == 1)
        }
    }
}
