import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import StrictJSON
import Testing
import WardenProtocol

@Suite struct CheckpointTests {
    private func answer(_ id: String, _ text: String) throws -> DriverRecord {
        try DriverRecord.decode(Array(#"{"type":"answer","id":"\#(id)",\#(text)}"#.utf8)).record
    }

    private func withCheckpoint() throws -> EngineFixture {
        var session = EngineFixture.ready()
        try session.change { try $0.makeCheckpoint("a", reply: 1, now: $1) }
        session.say(try answer("c1", #""ok":true,"ref":77"#))
        return session
    }

    @Test func oneIsMadeRestoredAndDropped() throws {
        var session = EngineFixture.ready()
        try session.change { try $0.makeCheckpoint("a", reply: 1, now: $1) }
        #expect(session.state == .checkpointing && session.actions.last == .send(.checkpoint(id: "c1", name: "a")))
        session.say(try answer("c1", #""ok":true,"ref":77"#))
        let made = SessionCheckpoint(method: .fork)
        #expect(
            session.actions.last == .answer(1, .success(.checkpoint(made))) && session.engine.checkpointNames == ["a"])
        #expect(session.kinds.suffix(2) == [.checkpoint("a", made), .state(.idle)])
        try session.change { try $0.restoreCheckpoint("a", reply: 2, now: $1) }
        #expect(session.actions.last == .send(.restore(id: "c2", name: "a", .number(77))))
        session.say(.restored(id: "c2", name: "a"))
        let restored = SessionRestoration(method: .fork)
        #expect(session.actions.last == .answer(2, .success(.restored(restored))) && session.engine.epoch == 2)
        #expect(session.events.suffix(2).map(\.epoch) == [2, 2])
        try session.change { try $0.dropCheckpoint("a", reply: 3, now: $1) }
        session.say(try answer("c3", #""ok":true"#))
        #expect(session.actions.last == .answer(3, .success(nil)) && session.engine.checkpointNames == [])
    }

    @Test func whatCannotBeIsRefused() throws {
        var session = try withCheckpoint()
        func code(_ body: (inout SessionEngine, Int64) throws -> Void) -> APIError.Code? {
            #expect(throws: APIError.self) { try session.change(body) }?.code
        }
        #expect(code { try $0.makeCheckpoint("a", reply: 9, now: $1) } == .checkpointExists)
        #expect(code { try $0.makeCheckpoint("tx:1", reply: 9, now: $1) } == .invalidRequest)
        #expect(code { try $0.makeCheckpoint("", reply: 9, now: $1) } == .invalidRequest)
        #expect(code { try $0.restoreCheckpoint("b", reply: 9, now: $1) } == .checkpointNotFound)
        #expect(code { try $0.dropCheckpoint("b", reply: 9, now: $1) } == .checkpointNotFound)
        for number in 2...16 {
            try session.change { try $0.makeCheckpoint("n\(number)", reply: number, now: $1) }
            session.say(try answer("c\(number)", #""ok":true,"ref":77"#))
        }
        #expect(code { try $0.makeCheckpoint("n17", reply: 9, now: $1) } == .tooManyCheckpoints)
        _ = try session.submit()
        #expect(code { try $0.makeCheckpoint("c", reply: 9, now: $1) } == .sessionBusy)
    }

    @Test func theDriversReasonIsTold() throws {
        var session = EngineFixture.ready()
        try session.change { try $0.makeCheckpoint("a", reply: 1, now: $1) }
        session.say(try answer("c1", #""ok":false,"error":"threads""#))
        #expect(session.actions.last == .answer(1, .failure(APIError(.queryFailed, "threads"))))
        #expect(session.state == .idle && session.engine.checkpointNames == [])
    }

    @Test func thereAreOnlySoMany() throws {
        var session = EngineFixture.ready()
        for number in 1...16 {
            try session.change { try $0.makeCheckpoint("a\(number)", reply: number, now: $1) }
            session.say(try answer("c\(number)", #""ok":true,"ref":1"#))
        }
        #expect(throws: APIError.self) { try session.change { try $0.makeCheckpoint("b", reply: 1, now: $1) } }
    }

    @Test func aDriverThatDoesNotAnswerEndsItsSession() throws {
        var session = EngineFixture.ready()
        try session.change { try $0.makeCheckpoint("a", reply: 1, now: $1) }
        session.pass(10 * second)
        #expect(
            session.actions.suffix(2) == [
                .answer(1, .failure(APIError(.sessionEnded, "the session has ended"))), .kill,
            ])
    }

    @Test func aRestoreIsAnsweredByTheInterpreterThatTakesOver() throws {
        for forged in [try answer("c2", #""ok":true"#), .restored(id: "c2", name: "b"), .restored(id: "c1", name: "a")]
        {
            var session = try withCheckpoint()
            try session.change { try $0.restoreCheckpoint("a", reply: 2, now: $1) }
            session.say(forged)
            #expect(session.actions.last == .kill)
        }
    }

    @Test func aTransactionThatGoesWellLeavesNothingBehind() throws {
        var session = EngineFixture.ready()
        let id = try session.submit { $0.transaction = .rollbackOnFailure }
        #expect(session.actions.last == .send(.checkpoint(id: "c1", name: "tx:e1")) && session.state == .checkpointing)
        session.say(try answer("c1", #""ok":true,"ref":5"#))
        #expect(session.actions.last == .send(.execute(id: id, code: "1", silent: false)))
        session.done(id)
        #expect(session.actions.last == .send(.drop(id: "c2", name: "tx:e1", .number(5))))
        session.say(try answer("c2", #""ok":true"#))
        #expect(session.state == .idle && session.engine.epoch == 1)
        #expect(!session.names.contains("checkpoint") && !session.names.contains("checkpoint_dropped"))
    }

    @Test func oneThatDoesNotIsUndone() throws {
        var session = EngineFixture.ready()
        let id = try session.submit { $0.transaction = .rollbackOnFailure }
        session.say(try answer("c1", #""ok":true,"ref":5"#))
        session.done(id, .error)
        #expect(session.actions.last == .send(.restore(id: "c2", name: "tx:e1", .number(5))))
        // What comes next waits for the state that it is to find.
        _ = try session.submit()
        session.say(.restored(id: "c2", name: "tx:e1"))
        #expect(session.actions.last == .send(.drop(id: "c3", name: "tx:e1", .number(5))))
        session.say(try answer("c3", #""ok":true"#))
        #expect(
            session.actions.last == .send(.execute(id: "e2", code: "1", silent: false)) && session.engine.epoch == 2)
        #expect(session.names.contains("restored"))
    }

    @Test func oneThatCannotBeUndoneEndsTheSession() throws {
        var session = EngineFixture.ready()
        let id = try session.submit { $0.transaction = .rollbackOnFailure }
        session.say(try answer("c1", #""ok":true,"ref":5"#))
        session.done(id, .error)
        session.say(try answer("c2", #""ok":false,"error":"gone""#))
        #expect(session.actions.last == .kill)
    }

    @Test func anExplicitOneStaysForItsClient() throws {
        var session = EngineFixture.ready()
        let id = try session.submit { $0.transaction = .explicit }
        session.say(try answer("c1", #""ok":true,"ref":5"#))
        session.done(id, .error)
        #expect(session.engine.checkpointNames == [id] && session.state == .idle)
    }

    @Test func anExplicitOneReplacesNoOther() throws {
        var session = EngineFixture.ready()
        try session.change { try $0.makeCheckpoint("e1", reply: 1, now: $1) }
        session.say(try answer("c1", #""ok":true,"ref":5"#))
        let id = try session.submit { $0.transaction = .explicit }
        #expect(id == "e1" && session.status(of: id) == .error && session.engine.checkpointNames == [id])
    }

    @Test func filesComeBackWithTheState() throws {
        var session = EngineFixture.ready()
        session.files = nil
        try session.change { try $0.makeCheckpoint("a", reply: 1, now: $1) }
        #expect(session.actions.last == .pack("c1", checkpoint: "a"))
        session.change { $0.filesDone(FilesResult(files: 2, bytes: 10, skipped: 1), of: "c1", now: $1) }
        #expect(session.actions.last == .send(.checkpoint(id: "c1", name: "a")))
        session.say(try answer("c1", #""ok":true,"ref":77"#))
        #expect(
            session.kinds.contains(.checkpoint("a", SessionCheckpoint(method: .fork, files: 2, skipped: 1))))
        try session.change { try $0.restoreCheckpoint("a", reply: 2, now: $1) }
        session.say(.restored(id: "c2", name: "a"))
        // A socket that had no place in the archive is not removed.
        #expect(session.actions.last == .unpack("c2", checkpoint: "a", replacing: false))
        session.change { $0.filesDone(FilesResult(errno: 28, files: 1), of: "c2", now: $1) }
        guard case .restored("a", let restoration)? = session.kinds.dropLast().last else {
            Issue.record("\(session.names)")
            return
        }
        #expect(restoration.method == .fork && restoration.lost.map(\.name) == ["/box"] && session.state == .idle)
        try session.change { try $0.dropCheckpoint("a", reply: 3, now: $1) }
        session.say(try answer("c3", #""ok":true"#))
        #expect(session.actions.contains(.forget("a")))
    }

    @Test func filesThatCannotBeKeptAreToldAndNothingElseHappens() throws {
        var bounds = SessionEngine.Bounds()
        bounds.checkpointBytes = 100
        var session = EngineFixture.ready(bounds: bounds)
        session.files = FilesResult(bytes: 60)
        try session.change { try $0.makeCheckpoint("a", reply: 1, now: $1) }
        session.say(try answer("c1", #""ok":true,"ref":77"#))
        for (files, code) in [
            (FilesResult(bytes: 41), APIError.Code.tooManyCheckpoints), (.init(errno: 5), .filesFailed),
        ] {
            session.files = files
            try session.change { try $0.makeCheckpoint("b", reply: 2, now: $1) }
            guard case .answer(2, .failure(let error))? = session.actions.last else {
                Issue.record("no answer")
                return
            }
            #expect(error.code == code && session.actions.dropLast().last == .forget("b"))
            #expect(session.state == .idle && session.engine.checkpointNames == ["a"])
        }
        // pid 1 does not answer at all.
        session.files = nil
        try session.change { try $0.makeCheckpoint("b", reply: 3, now: $1) }
        session.pass(10 * second)
        #expect(session.state == .idle && session.engine.checkpointNames == ["a"])
    }

    @Test func aCellWhoseStateCannotBeKeptDoesNotRun() throws {
        var session = EngineFixture.ready()
        let id = try session.submit { $0.transaction = .rollbackOnFailure }
        session.say(try answer("c1", #""ok":false,"error":"two threads""#))
        #expect(session.status(of: id) == .error && session.state == .idle)
    }
}
