import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import StrictJSON
import TestSupport
import Testing
import WardenProtocol

/// Whatever comes, in whatever order: what must hold of every session does.
@Suite struct RandomEventTests {
    private struct World {
        var session: EngineFixture
        var numbers: SeededGenerator
        var replies: Set<Int> = []
        var nextReply = 0
        var submitted: Set<String> = []

        init(seed: UInt64) {
            numbers = SeededGenerator(seed: seed)
            var limits = SessionLimits.small
            limits.idle = Int64(1 + numbers.below(200)) * second
            limits.life = Int64(1 + numbers.below(2000)) * second
            session = EngineFixture(limits)
        }

        mutating func id(_ prefix: String, _ bound: Int = 6) -> String { "\(prefix)\(1 + numbers.below(bound))" }

        /// Mostly what a driver would say, now and then something else.
        mutating func record() -> DriverRecord {
            let cell = numbers.below(20) == 0 ? id("e") : session.engine.lastCell ?? "e1"
            switch numbers.below(9) {
            case 0, 1:
                var features = Set(EngineFixture.features + (numbers.below(2) == 0 ? ["concurrent"] : []))
                if numbers.below(2) == 0 { features.remove("checkpoint") }
                return .ready(.init(language: "x", version: "1", features: features))
            case 2: return .result(id: cell, CellValue(repr: "1"))
            case 3: return .display(id: cell, CellDisplay(data: []))
            case 4: return .error(id: cell, CellError(exception: "E", message: "", traceback: []))
            case 5, 6: return .done(id: cell, DriverRecord.DoneStatus.allCases[numbers.below(3)])
            case 7:
                return numbers.below(2) == 0
                    ? .restored(id: id("c"), name: "a") : .password(id: cell, isOn: numbers.below(2) == 0)
            default:
                let members =
                    numbers.below(2) == 0
                    ? JSONObject([("ok", .bool(true)), ("ref", .string("r"))]) : JSONObject([("variables", .array([]))])
                return .answer(id: id(numbers.below(2) == 0 ? "c" : "q"), members)
            }
        }

        mutating func ask(_ body: (inout SessionEngine, Int, Int64) throws -> Void) {
            nextReply += 1
            let reply = nextReply
            let now = session.now
            replies.insert(reply)
            var isTaken = true
            session.change { engine, _ in
                do { try body(&engine, reply, now) } catch { isTaken = false }
            }
            // What was refused is not answered.
            if !isTaken { replies.remove(reply) }
        }

        mutating func step() throws {
            let isLazy = numbers.below(3) > 0
            switch numbers.below(isLazy ? 9 : 16) {
            case 0, 1: session.pass(Int64(numbers.below(2000)) * 1_000_000)
            case 2, 3:
                let policy = TransactionPolicy.commitAlways
                if let id = try? session.submit(
                    "x", { $0.transaction = numbers.below(5) == 0 ? .rollbackOnFailure : policy })
                {
                    submitted.insert(id)
                }
            case 4, 5, 6:
                if numbers.below(40) == 0 || session.state != .idle { session.say(record()) }
            case 7: session.change { $0.drained(now: $1) }
            case 8: session.change { $0.output(.stdout, [UInt8](repeating: 0x61, count: 100), now: $1) }
            case 9: session.change { _ = try? $0.interrupt(now: $1) }
            case 10: session.change { $0.inputAwaited(prompt: [], now: $1) }
            case 11: session.change { try? $0.input([0x61], token: nil, now: $1) }
            case 12: ask { try $0.query(.variables, reply: $1, now: $2) }
            case 13: ask { try $0.makeCheckpoint("a", reply: $1, now: $2) }
            case 14: ask { try $0.restoreCheckpoint("a", reply: $1, now: $2) }
            default:
                switch numbers.below(30) {
                case 0: session.finish(.memoryLimit)
                case 1: session.change { $0.close(reason: "", now: $1) }
                case 2: session.change { $0.channelLost(now: $1) }
                case 3: session.pass(Int64(numbers.below(300)) * second)
                case 4...8: session.change { try? $0.restart(now: $1) }
                case 9...14: session.change { $0.filesKept(FilesResult(errno: Int32(numbers.below(2))), now: $1) }
                case 15...20: session.change { $0.filesFilled(FilesResult(errno: Int32(numbers.below(2))), now: $1) }
                default: session.change { try? $0.dropCheckpoint("a", reply: 1_000_000, now: $1) }
                }
            }
        }
    }

    @Test(arguments: 0..<40)
    func whatMustHoldDoes(_ seed: Int) throws {
        var world = World(seed: UInt64(seed))
        var checked = 0
        for _ in 0..<1500 {
            try world.step()
            let engine = world.session.engine
            // Every state has a deadline.
            #expect(engine.isOver == (engine.deadline == nil))
            #expect(engine.queuedCells <= 16)
            for event in world.session.events[checked...] {
                checked += 1
                #expect(event.sequence == Int64(checked))
            }
            if engine.isOver { break }
        }
        // Time alone ends it.
        for _ in 0..<50 where !world.session.engine.isOver {
            let deadline = try #require(world.session.engine.deadline)
            world.session.pass(max(deadline - world.session.now, 1))
        }
        let session = world.session
        #expect(session.engine.isOver)
        #expect(session.names.filter { $0 == "ended" }.count == 1 && session.names.last == "ended")
        let epochs = session.events.map(\.epoch)
        #expect(epochs == epochs.sorted())
        // Every cell that was taken has ended, once; every question has had its answer, once.
        let finished = session.kinds.compactMap {
            if case .executionFinished(let id, _, _, _, _) = $0 { id } else { nil }
        }
        #expect(finished.count == Set(finished).count && Set(finished) == world.submitted)
        let answered = session.actions.compactMap {
            if case .answer(let reply, _) = $0, reply < 1_000_000 { reply } else { nil }
        }
        #expect(answered.count == Set(answered).count && Set(answered) == world.replies)
    }
}
