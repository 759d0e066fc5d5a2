import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import StrictJSON
import Testing

@Suite struct CellTests {
    @Test func aCellGoesFromTheQueueToItsEnd() throws {
        var session = EngineFixture()
        #expect(session.state == .starting)
        #expect(session.actions == [.lease(process: 1, isCold: false)])
        let id = try session.submit("1 + 1")
        #expect(session.names == ["session_created"])
        session.say(.ready(.init(language: "python", version: "3", features: [])))
        #expect(session.actions.last == .send(.execute(id: id, code: "1 + 1", silent: false)))
        session.now += second / 4
        session.say(.result(id: id, CellValue(repr: "2")))
        session.say(.done(id: id, .ok))
        // The driver is done, and what the cell wrote has not been read yet.
        #expect(session.actions.last == .drain && session.state == .busy)
        session.change { $0.output(.stdout, Array("late".utf8), now: $1) }
        session.change { $0.drained(now: $1) }
        #expect(
            session.names == [
                "session_created", "state", "execution_started", "output", "result", "execution_finished", "state",
            ])
        #expect(
            session.kinds[5]
                == .executionFinished(id, .ok, seconds: 0.25, CellUsage(wall: second / 4, outputBytes: 4), nil))
        #expect(
            session.events.map(\.sequence) == Array(1...7)
                && session.events.map(\.epoch) == Array(repeating: 1, count: 7))
        #expect(session.events[5].time == 255)
    }

    @Test func cellsRunOneAfterTheOther() throws {
        var session = EngineFixture.ready()
        let ids = try (0..<3).map { try session.submit("\($0)") }
        #expect(ids == ["e1", "e2", "e3"] && session.engine.queuedCells == 2)
        for id in ids { session.done(id) }
        let started = session.kinds.compactMap { if case .executionStarted(let id, _) = $0 { id } else { nil } }
        #expect(started == ids && session.state == .idle)
        // Between two cells that wait nothing is idle.
        let idle = session.kinds.filter { $0 == .state(.idle) }
        #expect(idle.count == 2)
    }

    /// A thread of the first cell may be about to show something when the second one begins.
    @Test func whatAnEarlierCellShowsLateIsNoForgery() throws {
        var session = EngineFixture.ready()
        let first = try session.submit()
        session.done(first)
        let second = try session.submit()
        let display = CellDisplay(data: [MimeItem(type: "text/plain", content: .string("late"))])
        session.say(.display(id: first, display))
        #expect(session.kinds.last == .display(first, display) && session.state == .busy)
        session.done(second)
        session.say(.display(id: "e3", display))
        session.finish(.cancelled)
        #expect(session.end?.reason.contains("e3, which has not begun") == true)
    }

    @Test func whatComesBetweenCellsIsReadSlowlyOnceItIsTooMuch() throws {
        var session = EngineFixture.ready()
        let id = try session.submit()
        session.done(id)
        let display = CellDisplay(data: [MimeItem(type: "text/plain", content: .string("x"))])
        #expect(!session.engine.isFlooded)
        // A record counts with all that it has, also what means nothing.
        session.change { $0.record(.display(id: id, display), size: 5000, now: $1) }
        #expect(session.engine.isFlooded && session.state == .idle)
        let next = try session.submit()
        #expect(!session.engine.isFlooded)
        session.done(next)
    }

    @Test func theQueueIsBounded() throws {
        var session = EngineFixture.ready()
        for _ in 0..<17 { _ = try session.submit() }
        let error = #expect(throws: APIError.self) { try session.submit() }
        #expect(error?.code == .tooManyCells && error?.retryable == true)
    }

    @Test func aSessionHasOnlySoManyCells() throws {
        var limits = SessionLimits.small
        limits.cells = 2
        var session = EngineFixture.ready(limits)
        for id in ["e1", "e2"] {
            _ = try session.submit()
            session.done(id)
        }
        let error = #expect(throws: APIError.self) { try session.submit() }
        #expect(error?.code == .tooManyCells && error?.retryable == false)
    }

    @Test func whatWaitsBehindAnErrorIsGivenUp() throws {
        var session = EngineFixture.ready()
        for _ in 0..<3 { _ = try session.submit() }
        session.say(.error(id: "e1", CellError(exception: "E", message: "", traceback: [])))
        session.done("e1", .error)
        #expect(session.status(of: "e1") == .error && session.status(of: "e2") == .aborted)
        #expect(session.status(of: "e3") == .aborted && session.state == .idle)
    }

    @Test func orNot() throws {
        var session = EngineFixture.ready()
        _ = try session.submit { $0.stopOnError = false }
        _ = try session.submit()
        session.done("e1", .error)
        #expect(session.state == .busy)
        session.done("e2")
        #expect(session.status(of: "e2") == .ok)
    }

    @Test func codeThatHasNoRoomInARecordIsRefused() {
        var session = EngineFixture.ready()
        let error = #expect(throws: APIError.self) {
            try session.submit(String(repeating: "x", count: FrameReader.maximumRecord))
        }
        #expect(error?.code == .sourceTooLarge)
    }

    @Test func outputBetweenCellsIsInTheBackgroundAndBounded() throws {
        var session = EngineFixture.ready()
        session.change { $0.output(.stdout, Array("a".utf8), now: $1) }
        #expect(session.kinds.last == .output(nil, .stdout, OutputText(Array("a".utf8)), isBackground: true))
        _ = try session.submit()
        session.done("e1")
        session.change { $0.output(.stderr, Array("b".utf8), now: $1) }
        #expect(session.kinds.last == .output("e1", .stderr, OutputText(Array("b".utf8)), isBackground: true))
        #expect(!session.engine.holdsOutputBack)
        for _ in 0..<20 { session.change { $0.output(.stdout, [UInt8](repeating: 0x61, count: 100), now: $1) } }
        #expect(session.engine.holdsOutputBack)
        let total = session.kinds.reduce(0) {
            if case .output(_, _, let text, true) = $1 { $0 + text.bytes.count } else { $0 }
        }
        #expect(total == 1 + 1000)
        #expect(session.kinds.filter { if case .warning = $0 { true } else { false } }.count == 1)
        // The next cell takes it in again.
        _ = try session.submit()
        #expect(!session.engine.holdsOutputBack)
    }

    @Test func inputIsAskedForAndGiven() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        #expect(session.engine.wantsInputWatch)
        session.change { $0.inputAwaited(prompt: Array("name? ".utf8), now: $1) }
        #expect(session.state == .waiting && !session.engine.wantsInputWatch)
        #expect(
            session.kinds.last
                == .inputRequest("e1", token: "i1", prompt: OutputText(Array("name? ".utf8)), isPassword: false))
        let stale = #expect(throws: APIError.self) {
            try session.change { try $0.input(Array("x".utf8), token: "i0", now: $1) }
        }
        #expect(stale?.code == .inputTokenStale)
        try session.change { try $0.input(Array("Ada".utf8), token: "i1", now: $1) }
        #expect(session.actions.last == .write(Array("Ada\n".utf8)) && session.state == .busy)
        let again = #expect(throws: APIError.self) {
            try session.change { try $0.input(Array("x".utf8), token: "i1", now: $1) }
        }
        #expect(again?.code == .inputTokenStale)
        session.change { $0.inputAwaited(prompt: [], now: $1) }
        try session.change { try $0.input(Array("y\n".utf8), token: nil, now: $1) }
        #expect(session.actions.last == .write(Array("y\n".utf8)))
        let tokens = session.kinds.compactMap { if case .inputReceived(_, let token) = $0 { token } else { nil } }
        #expect(tokens == ["i1", "i2"])
        #expect(throws: APIError.self) {
            try session.change { try $0.input([UInt8](repeating: 0, count: 70_000), token: nil, now: $1) }
        }
    }

    /// The time in which a person thinks is not the cell's.
    @Test func waitingForInputCountsForNoLimitOfTheCell() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        session.pass(50 * second)
        session.change { $0.inputAwaited(prompt: [], now: $1) }
        session.pass(300 * second)
        #expect(session.state == .waiting)
        try session.change { try $0.input([], token: nil, now: $1) }
        session.pass(9 * second)
        #expect(session.state == .busy)
        session.pass(2 * second)
        #expect(session.state == .interrupting)
    }

    @Test func nobodyAnswersForever() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        session.change { $0.inputAwaited(prompt: [], now: $1) }
        session.pass(541 * second)
        #expect(session.kinds.last == .closing(.idle, seconds: 59))
        session.pass(59 * second)
        session.finish(.cancelled)
        #expect(session.end?.verdict == "idle" && session.status(of: "e1") == .limit)
    }
}
