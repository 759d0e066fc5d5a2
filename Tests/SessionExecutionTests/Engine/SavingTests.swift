import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import StrictJSON
import Testing
import WardenProtocol

/// Sessions that are saved, and that go on from what was saved.
@Suite struct SavingTests {
    private static let withSaving = EngineFixture.features + ["save"]

    private func answer(_ id: String, _ text: String) throws -> DriverRecord {
        guard case .object(let object) = try JSONValue.parse(Array(text.utf8), limits: JSONLimits(bytes: 10_000)) else {
            return .answer(id: id, JSONObject())
        }
        return .answer(id: id, object)
    }

    private func resumed(_ state: SavedState, features: [String]) -> EngineFixture {
        var session = EngineFixture(
            resumption: SessionResumption(epoch: 3, nextSequence: 41, cells: 5, name: "a", state: state))
        session.say(.ready(.init(language: "python", version: "3", features: Set(features))))
        return session
    }

    @Test func theDriversStateGoesIntoTheArchiveAndOutOfTheBox() throws {
        var session = EngineFixture.ready(features: Self.withSaving)
        session.files = nil
        try session.change { try $0.save(reply: 7, now: $1) }
        #expect(session.actions.last == .send(.save(id: "c1", file: ".nestbox-session-state")))
        #expect(session.state == .checkpointing)
        session.say(try answer("c1", #"{"ok":true,"lost":[{"name":"f","reason":"open"}]}"#))
        #expect(session.actions.last == .pack("c1", checkpoint: nil))
        session.change { $0.filesDone(FilesResult(files: 3), of: "c1", now: $1) }
        #expect(session.actions.last == .tidy("c2", file: ".nestbox-session-state"))
        session.change { $0.filesDone(FilesResult(), of: "c2", now: $1) }
        let lost = [SessionLoss(name: "f", reason: "open")]
        #expect(session.actions.last == .answer(7, .success(.saved(lost))) && session.state == .idle)
        let saved = session.engine.takeSaved()
        #expect(saved == SavedState(stateFile: ".nestbox-session-state", lost: lost, files: 3))
    }

    @Test func aDriverThatCannotSaveLeavesTheCellsToBeExecutedAgain() throws {
        for features in [EngineFixture.features, Self.withSaving] {
            var session = EngineFixture.ready(features: features)
            session.files = nil
            let first = try session.submit("good")
            session.done(first)
            let second = try session.submit("bad")
            session.done(second, .error)
            try session.change { try $0.save(reply: 1, now: $1) }
            if features.contains("save") {
                session.say(try answer("c1", #"{"ok":false,"error":"no room"}"#))
            }
            #expect(session.actions.last == .pack("c1", checkpoint: nil))
            session.change { $0.filesDone(FilesResult(files: 1, skipped: 2), of: "c1", now: $1) }
            guard let saved = session.engine.takeSaved() else {
                Issue.record("not saved")
                continue
            }
            #expect(saved.stateFile == nil && saved.skippedFiles == 2 && saved.lost.contains { $0.name == "/box" })
            // Where it can save, nothing was remembered.
            #expect(saved.replay.map(\.code) == (features.contains("save") ? [] : ["good", "bad"]))
        }
    }

    @Test func whatGoesWrongIsAnsweredAndTheSessionGoesOn() throws {
        var session = EngineFixture.ready()
        session.files = nil
        try session.change { try $0.save(reply: 1, now: $1) }
        session.change { $0.filesDone(FilesResult(errno: 28), of: "c1", now: $1) }
        guard case .answer(1, .failure(let error))? = session.actions.last else {
            Issue.record("no answer")
            return
        }
        #expect(error.code == .filesFailed && session.state == .idle)
        try session.change { try $0.save(reply: 2, now: $1) }
        session.pass(10 * second)
        #expect(session.state == .idle)
        _ = try session.submit()
        var refused: APIError.Code?
        session.change { engine, now in
            do throws(APIError) { try engine.save(reply: 3, now: now) } catch { refused = error.code }
        }
        #expect(refused == .sessionBusy)
    }

    @Test func aSavedSessionGoesOnWithItsNumbers() throws {
        var session = resumed(
            SavedState(stateFile: "s", lost: [.init(name: "a", reason: "b")]), features: Self.withSaving)
        #expect(session.events.first?.sequence == 41 && session.events.first?.epoch == 4)
        #expect(session.actions.last == .fillFiles(replacing: false))
        session.change { $0.filesFilled(FilesResult(files: 1), now: $1) }
        #expect(session.actions.last == .send(.load(id: "c1", file: "s")) && session.state == .starting)
        let id = try session.submit()
        session.say(try answer("c1", #"{"ok":true,"lost":[{"name":"x","reason":"y"}]}"#))
        let lost = [SessionLoss(name: "a", reason: "b"), SessionLoss(name: "x", reason: "y")]
        #expect(session.kinds.contains(.restored("a", SessionRestoration(method: .saved, lost: lost))))
        #expect(id == "e6" && session.state == .busy)
    }

    @Test func aStateThatCannotBeLoadedIsLostAndTold() throws {
        for hasFiles in [true, false] {
            var session = resumed(SavedState(stateFile: "s"), features: Self.withSaving)
            session.change { $0.filesFilled(FilesResult(errno: hasFiles ? 0 : 5), now: $1) }
            if hasFiles { session.say(try answer("c1", #"{"ok":false,"error":"saved by Python 2"}"#)) }
            guard case .restored(_, let restoration)? = session.kinds.first(where: { $0.name == "restored" }) else {
                Issue.record("not restored")
                return
            }
            #expect(restoration.lost.first?.name == "*" && session.state == .idle)
        }
    }

    @Test func cellsAreExecutedAgainAndNobodySeesThem() throws {
        let cells = [
            ReplayCell(id: "e1", code: "a"), ReplayCell(id: "e3", code: "b", inputs: ["Ada"]),
            ReplayCell(id: "e4", code: "c"),
        ]
        var session = resumed(SavedState(replay: cells), features: EngineFixture.features)
        session.change { $0.filesFilled(FilesResult(), now: $1) }
        let before = session.events.count
        #expect(session.actions.last == .send(.execute(id: "e1", code: "a", silent: true)))
        session.change { $0.output(.stdout, [65], now: $1) }
        session.done("e1")
        #expect(session.actions.last == .send(.execute(id: "e3", code: "b", silent: true)))
        session.change { $0.inputAwaited(prompt: [], now: $1) }
        #expect(session.actions.last == .write(Array("Ada\n".utf8)))
        session.done("e3")
        session.change { $0.output(.stderr, [66], now: $1) }
        // It asks for more than it was given then: it is stopped.
        session.change { $0.inputAwaited(prompt: [], now: $1) }
        #expect(session.actions.last == .interrupt && session.state == .starting)
        let isInterrupted = try session.interrupt()
        #expect(!isInterrupted)
        session.done("e4", .interrupted)
        // Cells may have written to the files.
        #expect(session.actions.last == .fillFiles(replacing: true))
        session.change { $0.filesFilled(FilesResult(), now: $1) }
        #expect(session.events.count == before + 2, "\(session.names)")
        guard case .restored("a", let restoration)? = session.kinds.dropLast().last else {
            Issue.record("\(session.names)")
            return
        }
        #expect(restoration.replayed == 2 && restoration.lost.map(\.name) == ["e4"])
        // It can be saved again, with what came back.
        try session.change { try $0.save(reply: 1, now: $1) }
        let again = session.engine.takeSaved()
        #expect(again?.replay == Array(cells[..<2]))
    }

    @Test func cellsThatTakeTooLongAreLost() throws {
        let cells = (1...3).map { ReplayCell(id: "e\($0)", code: "x") }
        var session = resumed(SavedState(replay: cells), features: EngineFixture.features)
        session.change { $0.filesFilled(FilesResult(), now: $1) }
        session.pass(60 * second)
        session.done("e1", .interrupted)
        session.pass(60 * second)
        session.done("e2", .interrupted)
        session.change { $0.filesFilled(FilesResult(), now: $1) }
        guard case .restored(_, let restoration)? = session.kinds.first(where: { $0.name == "restored" }) else {
            Issue.record("\(session.names)")
            return
        }
        #expect(restoration.replayed == 0 && restoration.lost.map(\.name) == ["e1", "e2", "e3"])
        // A sandbox that dies meanwhile is the end, which is told.
        session = resumed(SavedState(replay: cells), features: EngineFixture.features)
        session.change { $0.filesFilled(FilesResult(), now: $1) }
        session.finish(.memoryLimit)
        #expect(session.end?.verdict == "memory_limit" && session.state == .ended)
    }

    /// Else the removal of the first one's file could hit that of the second one.
    @Test func theFileOfASaveThatFailedIsGoneBeforeTheNextOne() throws {
        var session = EngineFixture.ready(features: Self.withSaving)
        session.files = nil
        try session.change { try $0.save(reply: 1, now: $1) }
        session.say(try answer("c1", #"{"ok":true,"lost":[]}"#))
        session.change { $0.filesDone(FilesResult(errno: 28), of: "c1", now: $1) }
        #expect(session.actions.last == .tidy("c2", file: ".nestbox-session-state"))
        let busy = #expect(throws: APIError.self) { try session.change { try $0.save(reply: 2, now: $1) } }
        #expect(busy?.code == .sessionBusy)
        // The late end of an order that was given up is not that of this one.
        session.change { $0.filesDone(FilesResult(), of: "c1", now: $1) }
        #expect(session.state == .checkpointing)
        session.change { $0.filesDone(FilesResult(), of: "c2", now: $1) }
        guard case .answer(1, .failure(let error))? = session.actions.last else {
            Issue.record("no answer")
            return
        }
        #expect(error.code == .filesFailed && session.state == .idle)
        try session.change { try $0.save(reply: 2, now: $1) }
        #expect(session.state == .checkpointing)
    }

    @Test func anUnusedSessionIsSavedBeforeItEnds() throws {
        var limits = SessionLimits.small
        limits.onIdle = .checkpoint
        var session = EngineFixture.ready(limits)
        session.pass(600 * second)
        #expect(session.actions.last == .wantStore && session.state == .idle)
        // Whatever becomes of it, there is an end.
        session.pass(60 * second)
        session.finish(.cancelled)
        #expect(session.end?.verdict == "idle")
        session = EngineFixture.ready(limits)
        session.pass(600 * second)
        session.change { $0.endIdle(now: $1) }
        session.finish(.cancelled)
        #expect(session.end?.verdict == "idle")
        // Somebody came meanwhile.
        session = EngineFixture.ready(limits)
        session.pass(600 * second)
        _ = try session.submit()
        session.done("e1")
        session.change { $0.endIdle(now: $1) }
        #expect(session.state == .idle && session.end == nil)
    }
}
