import Glibc
import ResourceMonitor
import SandboxSpec
import Testing
import WardenProtocol

@testable import Cgroups
@testable import Warden

/// Every transition of a sandbox, without a kernel and with a clock of the test's own.
@Suite("The life of a sandbox")
struct SandboxLifecycleTests {
    private typealias Fixture = LifecycleFixture
    private static let failure = StageFailure(stage: "test", errno: EIO)

    @Test("that ends well goes through every state once")
    func calm() {
        var sandbox = Fixture()
        #expect(sandbox.state == "forking" && !sandbox.life.isTimed)
        #expect(sandbox.handle(.forked) == [.prepare])
        #expect(sandbox.handle(.prepared).isEmpty && sandbox.state == "preparing")
        #expect(sandbox.handle(.ready) == [.announceCreated])
        #expect(sandbox.state == "parked" && !sandbox.life.isTimed, "thousands parked cost nothing")
        #expect(sandbox.handle(.start(Fixture.job(), times: nil)) == [.sendOrders])
        #expect(sandbox.handle(.orderTaken).isEmpty && sandbox.state == "running" && sandbox.life.isTimed)
        sandbox.now += 3 * Fixture.second
        var account = SandboxLifecycle.Account()
        account.sample.cpu = 5
        let actions = sandbox.exit(account: account)
        #expect(sandbox.state == "collecting" && actions.first == .noteEnd)
        #expect(actions.outcome?.verdict == .ok && actions.outcome?.usage.wall == 3 * Fixture.second)
        #expect(actions.outcome?.usage.cpu == 5)
        #expect(sandbox.handle(.initExited(nil)) == [.closeAll, .remove] && sandbox.state == "removing")
        #expect(sandbox.handle(.removed) == [.leave, .returnResources], "reported once")
    }

    // MARK: - Being made

    @Test("whose fork fails is refused, and never has a pid 1 to wait for")
    func forkFails() {
        var sandbox = Fixture()
        #expect(sandbox.handle(.forkFailed(Self.failure, hasForked: false)) == [.kill, .concludeInit])
        #expect(sandbox.handle(.initExited(.success(SandboxLifecycle.Account()))) == [.closeAll, .remove])
        #expect(sandbox.handle(.removed).refusal == Self.failure)
    }

    @Test("that was born and gets no ids is ended in its turn")
    func idMapFails() {
        var sandbox = Fixture()
        #expect(sandbox.handle(.forkFailed(Self.failure, hasForked: true)) == [.queueKill(isUrgent: false)])
        #expect(sandbox.state == "ending")
    }

    @Test("that is not ready in time is refused for that")
    func preparationTimesOut() {
        var sandbox = Fixture.preparing()
        #expect(sandbox.pass(20 * Fixture.second - 1).isEmpty)
        #expect(sandbox.pass(1) == [.queueKill(isUrgent: false)])
        _ = sandbox.handle(.killTurn(isWardenEnding: false, hasForked: true))
        _ = sandbox.handle(.initExited(.success(SandboxLifecycle.Account())))
        #expect(sandbox.handle(.removed).refusal == StageFailure(stage: "prepare", errno: ETIMEDOUT))
    }

    @Test("that was given up while it was forked is killed when it is announced")
    func endedWhileForking() {
        var sandbox = Fixture()
        #expect(sandbox.handle(.endRequested(.cancelled)) == [.queueKill(isUrgent: false)])
        #expect(sandbox.handle(.killTurn(isWardenEnding: false, hasForked: false)) == [.kill])
        #expect(sandbox.life.deadline(at: 0) == sandbox.now + 30 * Fixture.second, "its zygote has its own time")
        #expect(sandbox.handle(.forked) == [.kill])
        #expect(sandbox.handle(.prepared).isEmpty && sandbox.state == "killed")
    }

    @Test("names the first failure, whoever reports it")
    func firstFailure() {
        var sandbox = Fixture.preparing()
        _ = sandbox.handle(.failureReported(Self.failure))
        _ = sandbox.handle(.failureReported(StageFailure(stage: "later", errno: EPERM)))
        _ = sandbox.handle(.initExited(.success(SandboxLifecycle.Account())))
        #expect(sandbox.handle(.removed).refusal == Self.failure)
    }

    @Test("whose zygote dies ends with its failure, born or not", arguments: [true, false])
    func zygoteDies(hasForked: Bool) {
        var sandbox = hasForked ? Fixture.parked() : Fixture()
        let actions = sandbox.handle(.zygoteExited(Self.failure, hasForked: hasForked))
        #expect(actions == (hasForked ? [.queueKill(isUrgent: false)] : [.concludeInit]))
        _ = sandbox.handle(.initExited(.success(SandboxLifecycle.Account())))
        let end = sandbox.handle(.removed)
        #expect((hasForked ? end.outcome?.failure : end.refusal) == Self.failure)
    }

    @Test("whose zygote dies after its program keeps how that ended")
    func zygoteDiesLate() {
        var sandbox = Fixture.collecting()
        _ = sandbox.handle(.zygoteExited(Self.failure, hasForked: true))
        #expect(sandbox.life.evidence.failure == nil)
    }

    // MARK: - Orders

    @Test("takes uploads and its job in order, as pid 1 has room")
    func orders() {
        var sandbox = Fixture.parked()
        #expect(sandbox.handle(Fixture.upload()) == [.sendOrders])
        #expect(sandbox.handle(Fixture.upload()) == [.sendOrders])
        #expect(sandbox.handle(.start(Fixture.job(["*.o"]), times: nil)) == [.sendOrders])
        #expect(sandbox.life.orders.count == 3 && sandbox.life.isTimed)
        #expect(sandbox.pass(Fixture.millisecond) == [.sendOrders])
        for _ in 0..<2 { #expect(sandbox.handle(.orderTaken).isEmpty && sandbox.state == "parked") }
        _ = sandbox.handle(.orderTaken)
        #expect(sandbox.state == "running" && sandbox.life.execution?.isCollectionDue == true)
    }

    @Test("gives up a pid 1 that takes no order for as long as it may take to be made")
    func stuckOrders() {
        var sandbox = Fixture.parked()
        _ = sandbox.handle(Fixture.upload())
        _ = sandbox.handle(Fixture.upload())
        sandbox.now += 15 * Fixture.second
        _ = sandbox.handle(.orderTaken)
        #expect(sandbox.pass(20 * Fixture.second) == [.sendOrders], "it took one meanwhile")
        #expect(sandbox.pass(1) == [.queueKill(isUrgent: false)])
        #expect(sandbox.life.evidence.failure == StageFailure(stage: "upload", errno: ETIMEDOUT, object: "a.txt"))
    }

    @Test("refuses a file that is unfit, too large or one too many")
    func uploads() {
        var sandbox = Fixture.parked()
        _ = sandbox.handle(Fixture.upload(.failure(Self.failure)))
        #expect(sandbox.state == "ending" && sandbox.life.evidence.failure == Self.failure)
        sandbox = Fixture.parked()
        _ = sandbox.handle(Fixture.upload(.success(sandbox.life.evidence.limits[.disk] + 1)))
        #expect(sandbox.life.evidence.failure == StageFailure(stage: "upload", errno: EFBIG, object: "a.txt"))
        sandbox = Fixture.parked()
        for _ in 0..<1024 {
            #expect(sandbox.handle(Fixture.upload()) == [.sendOrders])
            _ = sandbox.handle(.orderTaken)
        }
        _ = sandbox.handle(Fixture.upload())
        #expect(sandbox.life.evidence.failure == StageFailure(stage: "upload", errno: E2BIG, object: "a.txt"))
    }

    @Test("refuses a second job, and orders before it is parked or while it runs")
    func busy() {
        var sandbox = Fixture.parked()
        _ = sandbox.handle(.start(Fixture.job(), times: nil))
        _ = sandbox.handle(.start(Fixture.job(), times: nil))
        #expect(
            sandbox.life.evidence.failure == StageFailure(stage: "job", errno: EBUSY, object: "the sandbox has a job"))
        for var other in [Fixture(), .preparing(), .running()] {
            _ = other.handle(Fixture.upload())
            let failure = StageFailure(stage: "upload", errno: EBUSY, object: "the sandbox is not parked")
            #expect(other.life.evidence.failure == failure && other.state == "ending")
        }
    }

    @Test("has the time limits of its job, which stay under the ceiling")
    func times() {
        var sandbox = Fixture.parked()
        _ = sandbox.handle(.start(Fixture.job(), times: TimeLimits(Fixture.limits, seconds: 5)))
        #expect(sandbox.life.evidence.limits[.wall] == 5 * Fixture.second && sandbox.life.evidence.failure == nil)
        sandbox = Fixture.parked()
        _ = sandbox.handle(.start(Fixture.job(), times: TimeLimits(Fixture.limits, seconds: 21)))
        #expect(sandbox.life.evidence.failure?.errno == EPERM && sandbox.state == "ending")
    }

    @Test(
        "keeps what pid 1 said when it cannot be sent an order because pid 1 is gone", arguments: [EPIPE, ECONNRESET])
    func initGone(errno: Int32) {
        var sandbox = Fixture.parked()
        _ = sandbox.handle(.orderFailed(StageFailure(stage: "job", errno: errno)))
        #expect(sandbox.life.evidence.failure == nil && sandbox.state == "ending")
        _ = sandbox.handle(.failureReported(Self.failure))
        #expect(sandbox.life.evidence.failure == Self.failure)
    }
}
