import Glibc
import SandboxSpec
import Testing

@testable import Warden

@Suite("The life of a zygote")
struct ZygoteLifecycleTests {
    private typealias Life = ZygoteLifecycle
    private static let second: Int64 = 1_000_000_000
    private static let start = 1000 * second

    /// A life with a clock that the test moves.
    private struct Fixture {
        var now = ZygoteLifecycleTests.start
        var life: Life

        init(isInterpreter: Bool = true) {
            let rules = Life.Rules(
                boot: 20 * second, answer: 5 * second, forks: 3, age: 60 * second, memory: 512 << 20)
            life = Life(isInterpreter: isInterpreter, rules: rules, at: now)
        }

        @discardableResult
        mutating func handle(_ event: Life.Event) -> [Life.Action] { life.handle(event, at: now) }

        mutating func pass(_ time: Int64) -> [Life.Action] {
            now += time
            return handle(.deadlinePassed)
        }

        static func serving() -> Self {
            var fixture = Fixture()
            fixture.handle(.booted(output: ""))
            fixture.handle(.limitsLifted)
            return fixture
        }

        static func retiring() -> Self {
            var fixture = serving()
            fixture.handle(.sandboxAdded)
            fixture.handle(.replaced)
            return fixture
        }

        static func ending() -> Self {
            var fixture = serving()
            fixture.handle(.evicted)
            return fixture
        }

        static func gone() -> Self {
            var fixture = ending()
            fixture.handle(.reaped)
            return fixture
        }

        static var all: [(name: String, fixture: Self)] {
            [
                ("booting", Fixture()), ("serving", serving()), ("retiring", retiring()), ("ending", ending()),
                ("gone", gone()),
            ]
        }
    }

    private static func ended(_ stage: String, _ errno: Int32 = ECHILD, _ reason: String = "") -> [Life.Action] {
        [.end(StageFailure(stage: stage, errno: errno, object: reason)), .reap]
    }

    // MARK: - Booting

    @Test("of an interpreter begins with a boot, that of ours does not")
    func start() {
        #expect(Fixture().life.state == .booting(deadline: Self.start + 20 * Self.second))
        #expect(Fixture(isInterpreter: false).life.state == .serving)
        #expect(Fixture(isInterpreter: false).life.deadline == nil)
    }

    @Test("serves when it has booted and the limits of its boot are lifted")
    func boot() {
        var zygote = Fixture()
        #expect(zygote.handle(.booted(output: "")) == [.liftLimits])
        #expect(zygote.life.isBooting)
        #expect(zygote.handle(.limitsLifted) == [.takePlace])
        #expect(zygote.life.state == .serving && zygote.life.deadline == nil)
        #expect(zygote.handle(.limitsLifted).isEmpty, "once")
    }

    @Test("is ended when its boot takes too long, however many wait for it")
    func bootTimesOut() {
        var zygote = Fixture()
        zygote.handle(.asked)
        #expect(zygote.pass(20 * Self.second - 1).isEmpty)
        #expect(zygote.pass(1) == Self.ended("zygote_boot", ECHILD, "did not look at its script within 20 s"))
    }

    @Test("is ended when it has written something, and when its limits cannot be lifted")
    func bootFails() {
        var zygote = Fixture()
        let wrote = zygote.handle(.booted(output: "hello"))
        #expect(wrote == Self.ended("zygote_boot", ECHILD, "wrote something while it booted"))
        zygote = Fixture()
        zygote.handle(.booted(output: ""))
        #expect(zygote.handle(.liftFailed(reason: "no")) == Self.ended("zygote_boot", ECHILD, "no"))
        #expect(zygote.handle(.liftFailed(reason: "no")).isEmpty)
    }

    @Test("says that it took too much memory only of its boot", arguments: [true, false])
    func lost(isOutOfMemory: Bool) {
        let reason = isOutOfMemory ? "took more than 512 MiB of memory to boot" : ""
        for (name, var zygote) in Fixture.all {
            let expected =
                switch name {
                case "booting": Self.ended("zygote_boot", ECHILD, reason)
                case "serving", "retiring": Self.ended("zygote")
                default: [Life.Action]()
                }
            #expect(zygote.handle(.lost(isOutOfMemory: isOutOfMemory)) == expected, "\(name)")
        }
    }

    @Test("ends when it says a second time that it has booted")
    func bootsTwice() {
        var zygote = Fixture.serving()
        #expect(zygote.handle(.booted(output: "")) == Self.ended("zygote"))
    }

    // MARK: - Serving

    @Test("has its time for each answer, which begins with the boot for those who waited")
    func answers() {
        var zygote = Fixture()
        zygote.handle(.asked)
        zygote.handle(.asked)
        zygote.now += 10 * Self.second
        zygote.handle(.booted(output: ""))
        zygote.handle(.limitsLifted)
        #expect(zygote.life.deadline == zygote.now + 5 * Self.second)
        zygote.now += 4 * Self.second
        #expect(zygote.handle(.answered).isEmpty)
        #expect(zygote.life.deadline == zygote.now + 5 * Self.second && zygote.life.openRequests == 1)
        #expect(zygote.pass(5 * Self.second - 1).isEmpty)
        #expect(zygote.pass(1) == Self.ended("zygote_fork", ETIMEDOUT, "did not answer within 5 s"))
    }

    @Test("has no deadline while no request is open, and a new one with the next")
    func silence() {
        var zygote = Fixture.serving()
        zygote.handle(.asked)
        zygote.now += 3 * Self.second
        zygote.handle(.asked)
        #expect(zygote.life.deadline == zygote.now + 2 * Self.second, "the oldest counts")
        zygote.handle(.answered)
        zygote.handle(.answered)
        #expect(zygote.life.deadline == nil)
        #expect(zygote.handle(.answered) == Self.ended("zygote"), "an answer to nothing")
    }

    @Test("is to be replaced after so many forks or at that age, if it is an interpreter that serves")
    func age() {
        var zygote = Fixture.serving()
        #expect(!zygote.life.isOld(at: Self.start + 60 * Self.second - 1))
        #expect(zygote.life.isOld(at: Self.start + 60 * Self.second))
        for _ in 0..<2 { zygote.handle(.asked) }
        #expect(!zygote.life.isOld(at: zygote.now))
        zygote.handle(.asked)
        #expect(zygote.life.isOld(at: zygote.now))
        #expect(!Fixture(isInterpreter: false).life.isOld(at: Self.start + 100 * Self.second))
        #expect(!Fixture().life.isOld(at: Self.start + 100 * Self.second), "it boots")
        #expect(!Fixture.retiring().life.isOld(at: Self.start + 100 * Self.second), "it has a successor")
    }

    @Test("remembers since when it has no sandbox")
    func idleness() {
        var zygote = Fixture.serving()
        zygote.handle(.sandboxAdded)
        zygote.now += Self.second
        #expect(zygote.handle(.sandboxLeft).isEmpty, "it has no successor")
        #expect(zygote.life.idleSince == zygote.now && zygote.life.sandboxes == 0)
    }

    // MARK: - Ending

    @Test("with a successor goes on until the last of its sandboxes is gone")
    func retirement() {
        var zygote = Fixture.serving()
        zygote.handle(.asked)
        for _ in 0..<2 { zygote.handle(.sandboxAdded) }
        #expect(zygote.handle(.replaced).isEmpty)
        #expect(zygote.life.deadline == zygote.now + 5 * Self.second, "it still has to answer")
        zygote.handle(.answered)
        #expect(zygote.handle(.sandboxLeft).isEmpty)
        #expect(zygote.handle(.sandboxLeft) == Self.ended("zygote"))
        var idle = Fixture.serving()
        #expect(idle.handle(.replaced) == Self.ended("zygote"), "it had none")
    }

    @Test("is ended with the warden only when somebody waits for it")
    func wardenEnds() {
        for var zygote in [Fixture(), .serving(), .retiring()] {
            #expect(zygote.handle(.wardenEnding).isEmpty)
            zygote.handle(.asked)
            let isBooting = zygote.life.isBooting
            #expect(zygote.handle(.wardenEnding) == Self.ended(isBooting ? "zygote_boot" : "zygote"))
        }
    }

    @Test("is over once: whatever comes then, its sandboxes are told nothing more")
    func once() {
        for (name, fixture) in Fixture.all where fixture.life.isOver {
            let events: [Life.Event] = [
                .booted(output: "x"), .booted(output: ""), .limitsLifted, .liftFailed(reason: "x"), .asked, .answered,
                .answered, .lost(isOutOfMemory: true), .sandboxAdded, .sandboxLeft, .replaced, .evicted, .wardenEnding,
            ]
            var zygote = fixture
            for event in events { #expect(zygote.handle(event).isEmpty, "\(name): \(event)") }
            #expect(zygote.life.state == fixture.life.state)
        }
    }

    @Test("lasts until it has been reaped, which is tried often at first and then now and then")
    func reaping() {
        var zygote = Fixture.ending()
        #expect(zygote.pass(0) == [.reap])
        zygote.handle(.reapFailed)
        #expect(zygote.life.deadline == zygote.now + Life.reapInterval)
        #expect(zygote.pass(Life.reapInterval - 1).isEmpty)
        #expect(zygote.pass(1) == [.reap])
        zygote.now += Self.second
        zygote.handle(.reapFailed)
        #expect(zygote.life.deadline == zygote.now + Life.stuckInterval, "it waits in the kernel")
        #expect(zygote.handle(.reaped) == [.leave])
        #expect(zygote.life.state == .gone && zygote.life.deadline == nil)
        #expect(zygote.handle(.reaped).isEmpty && zygote.handle(.reapFailed).isEmpty)
    }

    @Test("tells of its end exactly once, in whatever order events come")
    func anyOrder() {
        let events: [Life.Event] = [
            .booted(output: ""), .booted(output: "x"), .limitsLifted, .liftFailed(reason: "x"), .asked, .answered,
            .lost(isOutOfMemory: true), .lost(isOutOfMemory: false), .sandboxAdded, .sandboxLeft, .replaced, .evicted,
            .wardenEnding, .deadlinePassed, .reaped, .reapFailed,
        ]
        var seed: UInt64 = 1
        for _ in 0..<500 {
            var zygote = Fixture(isInterpreter: seed % 3 != 0)
            var ends = 0
            for _ in 0..<40 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                zygote.now += Int64(seed >> 33) % (3 * Self.second)
                for case .end in zygote.handle(events[Int(seed >> 40) % events.count]) { ends += 1 }
            }
            #expect(ends == (zygote.life.isOver ? 1 : 0))
            zygote.handle(.evicted)
            #expect(zygote.life.isOver && zygote.life.openRequests >= 0)
        }
    }
}
