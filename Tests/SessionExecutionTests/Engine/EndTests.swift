import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import StrictJSON
import Testing
import WardenProtocol

import enum SandboxSpec.ExitStatus

@Suite struct SessionEndTests {
    @Test func anInterpreterThatIsNotReadyInTimeEnds() {
        var session = EngineFixture()
        session.pass(30 * second)
        #expect(session.actions.last == .kill)
        session.finish(.cancelled)
        #expect(session.end?.verdict == "internal_error" && session.end?.isRetryable == true)
    }

    @Test func soDoesOneWithoutASandbox() {
        var session = EngineFixture()
        session.change { $0.leaseFailed(APIError(.overloaded, "no room", retryable: true), now: $1) }
        session.change { $0.gone(now: $1) }
        #expect(session.end?.reason.contains("no room") == true && session.end?.isRetryable == true)
        #expect(session.engine.isOver && session.engine.deadline == nil)
    }

    @Test func aPreparedSandboxThatWasDeadIsReplacedOnce() {
        var session = EngineFixture()
        let loss = SandboxOutcome(verdict: .internalError, usage: Usage())
        session.change { $0.finished(loss, isLoss: true, now: $1) }
        #expect(session.actions.last == .lease(process: 2, isCold: true) && session.state == .starting)
        session.change { $0.finished(loss, isLoss: true, now: $1) }
        #expect(session.end?.verdict == "internal_error")
    }

    @Test func theEndOfTheInterpreterIsToldFromEvidence() throws {
        let hit = LimitHit(name: .memory, used: 70, allowed: 64)
        let cases: [(Verdict, ExitStatus?, LimitHit?, String, String, CellStatus)] = [
            (.ok, .exited(0), nil, "exited", "exit status 0", .aborted),
            (.nonzeroExit, .exited(3), nil, "nonzero_exit", "exit status 3", .aborted),
            (.signaled, .signaled(11), nil, "signaled", "signal 11", .aborted),
            (.memoryLimit, .signaled(9), hit, "memory_limit", "limit memory", .limit),
            (.internalError, nil, nil, "internal_error", "sandbox failed", .aborted),
        ]
        for (verdict, status, limit, word, reason, cell) in cases {
            var session = EngineFixture.ready()
            _ = try session.submit()
            _ = try session.submit()
            session.finish(verdict, status, limit: limit)
            let end = try #require(session.end)
            #expect(end.verdict == word && end.reason.contains(reason), "\(end)")
            let exits: [String: Int32] = ["exited": 0, "nonzero_exit": 3]
            #expect(end.exitCode == exits[word])
            let told = CellError(exception: "InterpreterEnded", message: end.reason, traceback: [])
            #expect(session.kinds.contains(.error("e1", told)))
            #expect(session.status(of: "e1") == cell && session.status(of: "e2") == .aborted)
            #expect(end.executionID == "e1" && end.isRetryable == (verdict == .internalError))
            #expect(session.state == .ended && session.actions.last == .discard)
        }
    }

    @Test func aClientEndsIt() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        session.change { $0.close(reason: "asked for", now: $1) }
        #expect(session.actions.last == .kill && session.status(of: "e1") == .aborted)
        #expect(throws: APIError.self) { try session.submit() }
        session.change { $0.close(reason: "again", now: $1) }
        session.finish(.cancelled)
        #expect(session.end?.verdict == "closed" && session.end?.reason == "asked for")
    }

    @Test func aSandboxThatDoesNotGoIsNotWaitedForForever() {
        var session = EngineFixture.ready()
        session.change { $0.close(reason: "asked for", now: $1) }
        session.pass(10 * second)
        #expect(session.end?.verdict == "closed" && session.actions.suffix(2) == [.giveUp, .discard])
        session.finish(.cancelled)
        #expect(session.names.filter { $0 == "ended" }.count == 1)
    }

    @Test func aSessionThatNobodyUsesIsToldBeforeItEnds() throws {
        var session = EngineFixture.ready()
        #expect(session.engine.deadline == session.now + 540 * second)
        session.pass(540 * second)
        #expect(session.kinds.last == .closing(.idle, seconds: 60))
        // Somebody comes.
        try session.change { try $0.query(.variables, reply: 1, now: $1) }
        session.say(try DriverRecord.decode(Array(#"{"type":"answer","id":"q1","variables":[]}"#.utf8)).record)
        session.pass(100 * second)
        #expect(session.state == .idle)
        session.pass(500 * second)
        session.finish(.cancelled)
        #expect(session.end?.verdict == "idle" && session.end?.limit?.name == "idle")
    }

    @Test func theClockOfIdlenessStartsAnewWhenACellEnds() throws {
        var limits = SessionLimits.small
        limits.cell.wall = 1000 * second
        var session = EngineFixture.ready(limits)
        _ = try session.submit()
        session.pass(700 * second)
        #expect(session.state == .busy)
        session.done("e1")
        session.pass(500 * second)
        #expect(session.state == .idle)
    }

    @Test func aShortLifeIsAnnouncedAtHalfOfIt() throws {
        var limits = SessionLimits.small
        limits.life = 10 * second
        var session = EngineFixture.ready(limits)
        _ = try session.submit()
        session.pass(5 * second)
        #expect(session.kinds.last == .closing(.life, seconds: 5))
        session.pass(5 * second)
        #expect(session.actions.last == .kill)
        session.finish(.cancelled)
        #expect(session.end?.verdict == "life")
    }

    @Test func aClientThatLeavesMayComeBack() {
        var session = EngineFixture.ready()
        session.change { $0.leave(at: $1 + 30 * second, now: $1) }
        #expect(session.kinds.last == .closing(.disconnected, seconds: 30))
        session.change { $0.leave(at: nil, now: $1) }
        session.pass(31 * second)
        #expect(session.state == .idle)
        session.change { $0.leave(at: $1 + 30 * second, now: $1) }
        session.pass(30 * second)
        #expect(session.actions.last == .kill)
    }

    @Test func aClosedChannelIsTheEndUnlessTheSandboxTellsMore() {
        var session = EngineFixture.ready()
        session.change { $0.channelLost(now: $1) }
        session.finish(.nonzeroExit, .exited(3))
        #expect(session.end?.verdict == "nonzero_exit")
        session = EngineFixture.ready()
        session.change { $0.channelLost(now: $1) }
        session.pass(second)
        session.finish(.cancelled)
        #expect(session.end?.verdict == "internal_error" && session.end?.reason.contains("channel") == true)
        // It had ended by itself, and that is heard late.
        session = EngineFixture.ready()
        session.change { $0.channelLost(now: $1) }
        session.pass(second)
        session.finish(.nonzeroExit, .exited(3))
        #expect(session.end?.verdict == "nonzero_exit")
    }

    @Test func aRestartBeginsANewInterpreter() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        _ = try session.submit()
        try session.change { try $0.restart(now: $1) }
        #expect(session.actions.last == .keepFiles && session.state == .starting)
        #expect(session.status(of: "e1") == .aborted && session.status(of: "e2") == .aborted)
        // What the old one still says is nobody's.
        session.say(.done(id: "e1", .ok))
        session.change { $0.output(.stdout, [65], now: $1) }
        session.change { $0.filesKept(FilesResult(files: 2), now: $1) }
        #expect(session.actions.suffix(2) == [.discard, .lease(process: 2, isCold: false)])
        #expect(session.kinds.last == .restarted(files: 2, skipped: 0) && session.events.last?.epoch == 2)
        let id = try session.submit()
        session.say(.ready(.init(language: "python", version: "3", features: [])))
        #expect(session.actions.last == .fillFiles(replacing: false) && session.state == .starting)
        session.change { $0.filesFilled(FilesResult(files: 2), now: $1) }
        #expect(id == "e3" && session.state == .busy)
    }

    @Test func whatEarlierInterpretersUsedIsKnownToTheEnd() throws {
        var session = EngineFixture.ready()
        var usage = Usage()
        usage.cpu = second
        session.change { $0.sampled(usage, now: $1) }
        try session.change { try $0.restart(keepsFiles: false, now: $1) }
        // The account of its sandbox, read as it was given up, has what no sample had.
        session.change { (engine, _) in engine.discarded(cpu: 3 * second) }
        session.change { (engine, _) in engine.discarded(cpu: 2 * second) }
        #expect(SessionSnapshot(session.engine).totalCPU == 3 * second)
        usage.cpu = second / 2
        session.change { $0.sampled(usage, now: $1) }
        #expect(SessionSnapshot(session.engine, networkBytes: 7).totalCPU == 7 * second / 2)
        #expect(SessionSnapshot(session.engine, networkBytes: 7).networkBytes == 7)
    }

    @Test func filesThatCannotBeKeptAreToldAndTheRestartGoesOn() throws {
        for whatHappens in [0, 1, 2] {
            var session = EngineFixture.ready()
            try session.change { try $0.restart(now: $1) }
            switch whatHappens {
            case 0: session.change { $0.filesKept(FilesResult(errno: 28), now: $1) }
            case 1: session.finish(.memoryLimit)
            default: session.pass(10 * second)
            }
            #expect(session.actions.last == .lease(process: 2, isCold: false) && session.names.contains("warning"))
            session.say(.ready(.init(language: "python", version: "3", features: [])))
            #expect(session.state == .idle && !session.actions.contains(.fillFiles(replacing: false)))
        }
    }

    @Test func aSecondRestartLosesNoFiles() throws {
        var session = EngineFixture.ready()
        try session.change { try $0.restart(now: $1) }
        try session.change { try $0.restart(now: $1) }
        session.change { $0.filesKept(FilesResult(files: 2), now: $1) }
        #expect(session.engine.epoch == 2)
        try session.change { try $0.restart(now: $1) }
        #expect(session.kinds.last == .restarted(files: 2, skipped: 0) && session.engine.epoch == 3)
        session.say(.ready(.init(language: "python", version: "3", features: [])))
        #expect(session.actions.last == .fillFiles(replacing: false))
        // One that did not arrive is told, and the session goes on.
        session.pass(10 * second)
        #expect(session.state == .idle && session.names.contains("warning"))
        try session.change { try $0.restart(keepsFiles: false, now: $1) }
        #expect(session.actions.last == .lease(process: 4, isCold: false))
    }

    @Test func aRestartThatWantsNoFilesDoesNotWaitForThem() throws {
        var session = EngineFixture.ready()
        try session.change { try $0.restart(now: $1) }
        #expect(session.actions.last == .keepFiles)
        try session.change { try $0.restart(keepsFiles: false, now: $1) }
        #expect(session.actions.last == .lease(process: 2, isCold: false))
        // What was being kept is of no interest any more.
        session.change { $0.filesKept(FilesResult(files: 2), now: $1) }
        session.say(.ready(.init(language: "python", version: "3", features: [])))
        #expect(session.state == .idle && !session.actions.contains(.fillFiles(replacing: false)))
    }

    private func forged(_ records: [DriverRecord], busy: Bool = true) throws -> EngineFixture {
        var session = EngineFixture.ready()
        if busy { _ = try session.submit() }
        for record in records { session.say(record) }
        return session
    }

    @Test func recordsThatNoDriverSendsEndTheSession() throws {
        let value = CellValue(repr: "1")
        let error = CellError(exception: "E", message: "", traceback: [])
        let ready = DriverRecord.ready(.init(language: "x", version: "1", features: []))
        let forgeries: [(busy: Bool, records: [DriverRecord], word: String)] = [
            (true, [.done(id: "e2", .ok)], "done of e2"),
            (true, [.done(id: "e1", .ok), .done(id: "e1", .ok)], "done of e1"),
            (true, [.done(id: "e1", .ok), .result(id: "e1", value)], "result of e1"),
            (true, [.result(id: "e1", value), .result(id: "e1", value)], "second time"),
            (true, [.error(id: "e1", error), .error(id: "e1", error)], "second time"),
            (true, [ready], "second time"), (false, [.done(id: "e1", .ok)], "done of e1"),
            (false, [.display(id: "e1", CellDisplay(data: []))], "display of e1"),
            (true, [.clear(id: "e9", wait: false)], "clear of e9"), (false, [.restored(id: "c1", name: "a")], "nobody"),
            (true, [.answer(id: "q1", JSONObject())], "nobody asked"),
        ]
        for (busy, records, word) in forgeries {
            var session = try forged(records, busy: busy)
            #expect(session.actions.last == .kill, "\(records)")
            session.finish(.cancelled)
            let end = try #require(session.end)
            #expect(end.verdict == "internal_error" && !end.isRetryable && end.reason.contains(word), "\(end.reason)")
        }
        var early = EngineFixture()
        early.say(.done(id: "e1", .ok))
        #expect(early.actions.last == .kill)
    }

    @Test func aThreadThatACellLeftBehindMayStillShowSomething() throws {
        let display = CellDisplay(data: [])
        var session = try forged([])
        session.done("e1")
        session.say(.display(id: "e1", display))
        #expect(session.kinds.last == .display("e1", display))
    }

    @Test func membersThatMeanNothingAreWarnedOfOnce() {
        var session = EngineFixture()
        session.change { engine, now in
            engine.record(
                .ready(.init(language: "x", version: "1", features: [])), unknownMember: "colour", now: now)
        }
        session.change { $0.record(.done(id: "e1", .ok), unknownMember: "shape", now: $1) }
        #expect(session.names.filter { $0 == "warning" }.count == 1)
    }
}
