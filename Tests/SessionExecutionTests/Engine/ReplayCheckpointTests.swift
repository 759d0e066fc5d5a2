import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import Testing
import WardenProtocol

/// Checkpoints of languages whose interpreters cannot fork: the cells that led to them are executed again.
@Suite struct ReplayCheckpointTests {
    private static let features = ["interrupt", "variables"]

    /// With a checkpoint `a` after two cells, of which the second failed, and a third cell.
    private func withCheckpoint() throws -> EngineFixture {
        var session = EngineFixture.ready(features: Self.features)
        session.done(try session.submit("one"))
        session.done(try session.submit("bad"), .error)
        try session.change { try $0.makeCheckpoint("a", reply: 1, now: $1) }
        session.done(try session.submit("three"))
        return session
    }

    /// The new sandbox is there, its interpreter is ready, and the files have been put into it.
    private func begin(_ session: inout EngineFixture) {
        session.say(.ready(.init(language: "x", version: "1", features: Set(Self.features))))
        #expect(session.actions.last == .fillFiles(replacing: false))
        session.change { $0.filesFilled(FilesResult(), now: $1) }
    }

    private func end(_ session: inout EngineFixture) {
        #expect(session.actions.last == .fillFiles(replacing: true))
        session.change { $0.filesFilled(FilesResult(), now: $1) }
    }

    private func restoration(_ session: EngineFixture) -> SessionRestoration? {
        session.kinds.compactMap { if case .restored(_, let restoration) = $0 { restoration } else { nil } }.last
    }

    @Test func theCellsBeforeItAreExecutedAgainAndNobodySeesThem() throws {
        var session = try withCheckpoint()
        let checkpoint = SessionCheckpoint(method: .replay)
        #expect(session.kinds.contains(.checkpoint("a", checkpoint)))
        #expect(session.actions.contains(.answer(1, .success(.checkpoint(checkpoint)))))
        try session.change { try $0.restoreCheckpoint("a", reply: 2, now: $1) }
        #expect(
            session.actions.suffix(3) == [.discard, .handOn("a"), .lease(process: 2, isCold: false)])
        #expect(session.state == .checkpointing && session.engine.awaitsSandbox)
        // What comes meanwhile waits.
        let next = try session.submit("next")
        let before = session.events.count
        begin(&session)
        #expect(session.actions.last == .send(.execute(id: "e1", code: "one", silent: true)))
        session.change { $0.output(.stdout, [65], now: $1) }
        session.done("e1")
        #expect(session.actions.last == .send(.execute(id: "e2", code: "bad", silent: true)))
        let files = #expect(throws: APIError.self) { try session.change { try $0.useFiles(now: $1) } }
        #expect(files?.code == .sessionBusy && session.state == .checkpointing)
        session.done("e2", .error)
        end(&session)
        let restored = SessionRestoration(method: .replay, replayed: 2)
        #expect(session.actions.contains(.answer(2, .success(.restored(restored)))))
        #expect(session.events[before].kind == .restored("a", restored) && session.events[before].epoch == 2)
        #expect(session.actions.last == .send(.execute(id: next, code: "next", silent: false)))
        session.done(next)
        #expect(session.status(of: next) == .ok && session.engine.checkpointNames == ["a"])
    }

    /// A branch has the cells that led to it, whatever was executed elsewhere.
    @Test func branchesKeepTheirOwnCells() throws {
        var session = try withCheckpoint()
        try session.change { try $0.makeCheckpoint("b", reply: 2, now: $1) }
        func restore(_ name: String, _ cells: [(String, DriverRecord.DoneStatus)]) throws {
            try session.change { try $0.restoreCheckpoint(name, reply: 3, now: $1) }
            begin(&session)
            for (id, status) in cells {
                guard case .send(.execute(id, _, silent: true))? = session.actions.last else {
                    Issue.record("not \(id): \(String(describing: session.actions.last))")
                    return
                }
                session.done(id, status)
            }
            end(&session)
            #expect(restoration(session)?.lost.isEmpty == true, "\(name)")
        }
        try restore("a", [("e1", .ok), ("e2", .error)])
        session.done(try session.submit("other"))
        try restore("b", [("e1", .ok), ("e2", .error), ("e3", .ok)])
        try session.change { try $0.makeCheckpoint("c", reply: 4, now: $1) }
        try restore("c", [("e1", .ok), ("e2", .error), ("e3", .ok)])
        try restore("a", [("e1", .ok), ("e2", .error)])
        #expect(session.engine.checkpointNames == ["a", "b", "c"] && session.engine.epoch == 5)
    }

    @Test func whatEndsOtherwiseAndWhatWasStoppedIsTold() throws {
        var session = EngineFixture.ready(features: Self.features)
        session.done(try session.submit("one"))
        session.done(try session.submit("stopped"), .interrupted)
        try session.change { try $0.makeCheckpoint("a", reply: 1, now: $1) }
        try session.change { try $0.restoreCheckpoint("a", reply: 2, now: $1) }
        begin(&session)
        session.done("e1", .error)
        end(&session)
        let restored = restoration(session)
        #expect(restored?.lost.map(\.name) == ["e2", "e1"] && restored?.replayed == 0)
    }

    @Test func inputIsGivenAgain() throws {
        var session = EngineFixture.ready(features: Self.features)
        let id = try session.submit("read")
        session.change { $0.inputAwaited(prompt: [], now: $1) }
        try session.change { try $0.input(Array("Ada".utf8), token: nil, now: $1) }
        session.done(id)
        try session.change { try $0.makeCheckpoint("a", reply: 1, now: $1) }
        try session.change { try $0.restoreCheckpoint("a", reply: 2, now: $1) }
        begin(&session)
        session.change { $0.inputAwaited(prompt: [], now: $1) }
        #expect(session.actions.last == .write(Array("Ada\n".utf8)))
        session.done(id)
        end(&session)
        #expect(restoration(session)?.replayed == 1)
    }

    @Test func aTransactionIsUndone() throws {
        var session = EngineFixture.ready(features: Self.features)
        session.done(try session.submit("one"))
        let bad = try session.submit("bad") { $0.transaction = .rollbackOnFailure }
        #expect(session.actions.last == .send(.execute(id: bad, code: "bad", silent: false)))
        session.done(bad, .error)
        begin(&session)
        session.done("e1")
        end(&session)
        #expect(session.state == .idle && session.engine.checkpointNames == [])
        #expect(session.actions.contains(.forget("tx:e2")) && session.names.contains("restored"))
        // One that goes well costs nothing.
        let count = session.actions.count
        let good = try session.submit("good") { $0.transaction = .rollbackOnFailure }
        session.done(good)
        #expect(!session.actions[count...].contains(.discard) && session.state == .idle)
        // Handed in before the driver has said what it can.
        session = EngineFixture()
        let first = try session.submit { $0.transaction = .explicit }
        session.say(.ready(.init(language: "x", version: "1", features: [])))
        session.done(first)
        #expect(session.status(of: first) == .ok && session.engine.checkpointNames == [first])
    }

    @Test func aRestartAndAnEndOnTheWayAreAnswered() throws {
        for isRestart in [true, false] {
            for steps in 0...3 {
                var session = try withCheckpoint()
                try session.change { try $0.restoreCheckpoint("a", reply: 2, now: $1) }
                if steps > 0 { session.say(.ready(.init(language: "x", version: "1", features: ["interrupt"]))) }
                if steps > 1 { session.change { $0.filesFilled(FilesResult(), now: $1) } }
                if steps > 2 {
                    session.done("e1")
                    session.done("e2", .error)
                }
                if isRestart {
                    session.change { try? $0.restart(now: $1) }
                } else {
                    session.finish(.memoryLimit)
                }
                let answers = session.actions.compactMap { if case .answer(2, let result) = $0 { result } else { nil } }
                #expect(answers.count == 1, "\(isRestart) \(steps)")
                if case .success? = answers.first { Issue.record("\(isRestart) \(steps): restored") }
                if !isRestart {
                    #expect(session.end?.verdict == "memory_limit")
                    continue
                }
                session.change { $0.filesKept(FilesResult(), now: $1) }
                session.say(.ready(.init(language: "x", version: "1", features: [])))
                session.change { $0.filesFilled(FilesResult(), now: $1) }
                #expect(session.state == .idle && session.engine.checkpointNames == [])
                #expect(!session.names.contains("restored") && session.names.contains("restarted"))
            }
        }
    }

    /// A sandbox that was dead before it could be used is replaced, and the checkpoints stay.
    @Test func aLostSandboxIsReplaced() throws {
        var session = try withCheckpoint()
        try session.change { try $0.restoreCheckpoint("a", reply: 2, now: $1) }
        session.engine.finished(
            SandboxOutcome(verdict: .internalError, status: nil, limit: nil, usage: Usage()), isLoss: true,
            now: session.now)
        session.take()
        #expect(session.actions.last == .lease(process: 3, isCold: true) && session.engine.checkpointNames == ["a"])
        begin(&session)
        session.done("e1")
        session.done("e2", .error)
        end(&session)
        #expect(restoration(session)?.lost == [] && session.state == .idle)
    }

    /// As of sqlite: a new interpreter finds what it needs in the files.
    @Test func whereTheStateIsInFilesNothingIsExecutedAgain() throws {
        let features = ["interrupt", "save"]
        var session = EngineFixture.ready(features: features)
        session.done(try session.submit("insert"))
        try session.change { try $0.makeCheckpoint("a", reply: 1, now: $1) }
        #expect(session.kinds.contains(.checkpoint("a", SessionCheckpoint(method: .saved))))
        try session.change { try $0.restoreCheckpoint("a", reply: 2, now: $1) }
        session.say(.ready(.init(language: "x", version: "1", features: Set(features))))
        session.change { $0.filesFilled(FilesResult(), now: $1) }
        end(&session)
        #expect(restoration(session) == SessionRestoration(method: .saved) && session.state == .idle)
    }

    @Test func executingThemAgainHasATime() throws {
        var session = try withCheckpoint()
        try session.change { try $0.restoreCheckpoint("a", reply: 2, now: $1) }
        begin(&session)
        session.pass(60 * second)
        #expect(session.actions.last == .interrupt)
        session.pass(2 * second)
        session.pass(3 * second)
        #expect(session.actions.contains(.kill))
    }
}
