import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import Testing
import WardenProtocol

@Suite struct CellLimitTests {
    private func used(_ cpu: Int64) -> Usage {
        var usage = Usage()
        usage.cpu = cpu
        return usage
    }

    /// Each limit, brought about; with its name.
    private static let causes: [(name: String, cause: @Sendable (inout EngineFixture) -> Void)] = [
        ("wall", { $0.pass(60 * second) }),
        (
            "cpu",
            { session in
                var usage = Usage()
                usage.cpu = 11 * second
                session.now += 20 * second
                session.change { $0.sampled(usage, now: $1) }
            }
        ),
        (
            "output",
            { session in session.change { $0.output(.stdout, [UInt8](repeating: 0x61, count: 1001), now: $1) } }
        ),
    ]

    @Test(arguments: [0, 1, 2])
    func aCellAtItsLimitIsInterruptedAndTheSessionGoesOn(_ which: Int) throws {
        let (name, cause) = Self.causes[which]
        var session = EngineFixture.ready()
        _ = try session.submit()
        cause(&session)
        #expect(session.state == .interrupting)
        #expect(session.actions.suffix(2) == [.send(.interrupt(id: "e1")), .interrupt])
        session.done("e1", .interrupted)
        guard case .executionFinished("e1", .limit, _, _, let report?) = session.kinds.dropLast().last else {
            Issue.record("\(session.kinds)")
            return
        }
        #expect(report.name == name && report.used >= report.allowed && session.state == .idle)
        #expect(session.kinds.contains(.interrupted("e1", isKept: true)))
    }

    @Test(arguments: [0, 1, 2])
    func orItsSessionEnds(_ which: Int) throws {
        let (name, cause) = Self.causes[which]
        var session = EngineFixture.ready()
        _ = try session.submit { $0.onLimit = .kill }
        cause(&session)
        #expect(session.actions.last == .kill)
        session.finish(.cancelled)
        #expect(session.end?.verdict == "cell_limit" && session.end?.limit?.name == name)
        #expect(session.status(of: "e1") == .limit)
    }

    @Test func aDriverThatCannotBeInterruptedIsEnded() throws {
        var session = EngineFixture.ready(features: [])
        _ = try session.submit()
        session.pass(60 * second)
        #expect(session.actions.last == .kill)
    }

    @Test func theWholeOfAnOutputThatFitsIsPassedOnAndNoMore() throws {
        var session = EngineFixture.ready()
        _ = try session.submit { $0.limits = CellLimits.Wanted(outputBytes: 10) }
        for _ in 0..<3 { session.change { $0.output(.stdout, Array("ééé".utf8), now: $1) } }
        let bytes = session.kinds.flatMap { kind -> [UInt8] in
            if case .output(_, _, let text, _) = kind { text.bytes } else { [] }
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "ééééé" && session.engine.isFlooded)
    }

    /// Nothing that a driver may say any number of times is free.
    @Test func displaysCountAsOutput() throws {
        for record in [DriverRecord.display(id: "e1", CellDisplay(data: [])), .clear(id: "e1", wait: false)] {
            var session = EngineFixture.ready()
            _ = try session.submit()
            for _ in 0..<30 { session.say(record) }
            #expect(session.state == .interrupting)
            #expect(session.names.filter { $0 == "display" || $0 == "clear" }.count == 1000 / 64)
            session.done("e1", .interrupted)
            for _ in 0..<30 { session.say(record) }
            #expect(session.names.filter { $0 == "display" || $0 == "clear" }.count == 2 * (1000 / 64))
        }
    }

    @Test func aCellThatDoesNotStopEndsItsSession() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        session.pass(60 * second)
        _ = session.newActions()
        session.pass(second)
        #expect(session.newActions().isEmpty)
        session.pass(second)
        #expect(session.newActions() == [.send(.interrupt(id: "e1")), .interrupt])
        session.pass(2 * second)
        #expect(session.newActions().isEmpty)
        session.pass(second)
        #expect(session.newActions() == [.kill])
        #expect(session.kinds.contains(.interrupted("e1", isKept: false)))
        session.finish(.cancelled)
        #expect(session.end?.verdict == "cell_limit")
    }

    /// Samples come four times a second: what a cell used before its end may only be seen in the next one.
    @Test func aCellDoesNotAnswerForTheOneBeforeIt() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        session.now += second / 5
        session.done("e1")
        _ = try session.submit { $0.limits = CellLimits.Wanted(cpu: second / 10) }
        session.now += second / 20
        session.change { $0.sampled(used(second / 4), now: $1) }
        #expect(session.state == .busy)
        session.now += second / 20
        session.change { $0.sampled(used(second / 4 + second / 20), now: $1) }
        #expect(session.state == .busy)
        session.now += second / 20
        session.change { $0.sampled(used(second / 4 + second / 10), now: $1) }
        #expect(session.state == .interrupting)
    }

    /// Where the sandbox's own account is looked at, a cell's processor time is what that has grown by; samples only hold its limits.
    @Test func aShortCellHasProcessorTimeOfItsOwn() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        session.change { engine, _ in engine.metered(cpu: 7 * second) }
        session.change { engine, _ in engine.metered(cpu: 8 * second) }
        session.now += second / 1000
        session.change {
            $0.record(.done(id: "e1", .ok), now: $1)
            $0.drained(now: $1, cpu: 7 * second + 300_000, memory: 5 << 20)
        }
        // Not the one after it, of which nothing is known but the sample; and no account runs backwards.
        _ = try session.submit()
        session.done("e2")
        _ = try session.submit()
        session.change { engine, _ in engine.metered(cpu: 9 * second) }
        session.change {
            $0.record(.done(id: "e3", .ok), now: $1)
            $0.drained(now: $1, cpu: 8 * second, memory: 4 << 20)
        }
        let used = session.kinds.compactMap { kind -> CellUsage? in
            if case .executionFinished(_, _, _, let usage, _) = kind { usage } else { nil }
        }
        #expect(used.map(\.cpu) == [300_000, 0, 0])
        #expect(used.map(\.memoryPeak) == [5 << 20, 5 << 20, 5 << 20])
    }

    @Test func norDoesOneWhoseSessionEnds() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        session.done("e1")
        _ = try session.submit()
        session.now += second / 20
        session.change {
            $0.finished(SandboxOutcome(verdict: .ok, usage: used(second / 4)), isLoss: false, now: $1)
        }
        let cpu = session.kinds.compactMap { kind -> Int64? in
            if case .executionFinished("e2", _, _, let usage, _) = kind { usage.cpu } else { nil }
        }
        #expect(cpu == [second / 20] && session.end?.usage.cpuMilliseconds == 250)
    }

    @Test func aSessionHasOnlySoMuchProcessorTimeAcrossRestarts() throws {
        var session = EngineFixture.ready()
        session.change { $0.sampled(used(60 * second), now: $1) }
        try session.change { try $0.restart(keepsFiles: false, now: $1) }
        session.change { $0.sampled(used(39 * second), now: $1) }
        #expect(session.state == .starting)
        session.change { $0.sampled(used(41 * second), now: $1) }
        #expect(session.actions.last == .kill)
        session.finish(.cancelled)
        #expect(session.end?.verdict == "cpu_limit" && session.end?.limit?.used == 101_000)
    }

    @Test func aSmallerLimitIsTakenAndALargerOneRefused() throws {
        var session = EngineFixture.ready()
        _ = try session.submit { $0.limits = CellLimits.Wanted(wall: second) }
        session.pass(second)
        #expect(session.state == .interrupting)
        let error = #expect(throws: APIError.self) {
            try session.submit { $0.limits = CellLimits.Wanted(wall: 61 * second) }
        }
        #expect(error?.code == .invalidLimit)
    }
}

@Suite struct InterruptTests {
    @Test func aRunningCellIsInterrupted() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        let isFirst = try session.interrupt()
        let isSecond = try session.interrupt()
        #expect(isFirst && isSecond)
        #expect(session.actions.suffix(2) == [.send(.interrupt(id: "e1")), .interrupt])
        session.done("e1", .interrupted)
        #expect(session.status(of: "e1") == .interrupted && session.state == .idle)
        #expect(session.kinds.contains(.interrupted("e1", isKept: true)))
    }

    @Test func soIsOneThatWaitsForInput() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        session.change { $0.inputAwaited(prompt: [], now: $1) }
        _ = try session.interrupt()
        #expect(session.state == .interrupting && session.actions.last == .interrupt)
    }

    @Test func nothingHappensWhenNothingRuns() throws {
        var session = EngineFixture.ready()
        let isInterrupted = try session.interrupt()
        #expect(!isInterrupted)
        #expect(session.actions == [.lease(process: 1, isCold: false)])
    }

    @Test func oneThatEndsByItselfMeanwhileIsWhatItSays() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        _ = try session.interrupt()
        session.done("e1", .ok)
        #expect(session.status(of: "e1") == .ok)
    }

    @Test func aDriverThatCannotSaysSo() throws {
        var session = EngineFixture.ready(features: [])
        _ = try session.submit()
        let error = #expect(throws: APIError.self) {
            _ = try session.interrupt()
        }
        #expect(error?.code == .notSupported)
    }

    @Test func theReasonIsToldWhenItHasNoEffect() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        _ = try session.interrupt()
        session.pass(5 * second)
        session.finish(.cancelled)
        #expect(session.end?.verdict == "interrupt_ignored" && session.status(of: "e1") == .aborted)
    }
}
