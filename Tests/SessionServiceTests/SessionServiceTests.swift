import RunModel
import RunService
import SessionExecution
import SessionModel
import SessionService
import Synchronization
import TestSupport
import Testing

@Suite struct SessionServiceTests {
    @Test func aCellIsExecutedAndItsOutcomeKnown() async throws {
        let fixture = try ServiceFixture()
        let session = try fixture.create()
        let outcome = try await session.execute(CellRequest(code: "hello"))
        #expect(outcome.status == .ok && outcome.result?.repr == "'hello'" && outcome.executionID == "e1")
        #expect(outcome.outputs.map(\.text.lossyText) == ["hello"] && outcome.seconds > 0)
        #expect(await session.outcome(of: "e1") == outcome)
        #expect(await session.outcome(of: "e2") == nil)
        #expect(await session.outcome(of: "x") == nil)
        let failed = try await session.execute(CellRequest(code: "fail"))
        #expect(failed.status == .error && failed.error?.exception == "E")
        let summary = session.summary
        #expect(summary.snapshot.executed == 2 && summary.snapshot.state == .idle && summary.end == nil)
        session.close()
        #expect(await session.ended().verdict == "closed")
        #expect(session.summary.snapshot.state == .ended)
        #expect(fixture.heard.state.withLock { $0.cells } == [.ok, .error])
    }

    @Test func theOutcomesOfManyCellsAtOnce() async throws {
        let fixture = try ServiceFixture()
        let session = try fixture.create()
        try await withThrowingTaskGroup(of: (String, CellOutcome).self) { group in
            for number in 0..<16 {
                group.addTask {
                    let outcome = try await session.execute(CellRequest(code: "\(number)"))
                    return ("\(number)", outcome)
                }
            }
            for try await (code, outcome) in group {
                #expect(outcome.outputs.map(\.text.lossyText) == [code] && !outcome.isPartial)
            }
        }
        session.close()
    }

    @Test func whoeverWaitsForACellHearsOfTheEndOfItsSession() async throws {
        let fixture = try ServiceFixture()
        let session = try fixture.create()
        let id = try await session.submit(CellRequest(code: "wait"))
        let queued = try await session.submit(CellRequest(code: "never"))
        async let first = session.outcome(of: id)
        async let second = session.outcome(of: queued)
        try await Task.sleep(for: .milliseconds(20))
        session.close(reason: "enough")
        #expect(await first?.status == .aborted)
        #expect(await second?.status == .aborted)
        let error = await #expect(throws: APIError.self) { try await session.execute(CellRequest(code: "1")) }
        #expect(error?.code == .sessionEnded)
    }

    @Test func otherPeoplesSessionsAreNotThere() async throws {
        let fixture = try ServiceFixture()
        let session = try fixture.create(ServiceFixture.ada)
        #expect(try fixture.service.find(session.id, owner: ServiceFixture.ada) === session)
        for (id, owner) in [(session.id, ServiceFixture.bob), (SessionID(), ServiceFixture.ada)] {
            let error = #expect(throws: APIError.self) { try fixture.service.find(id, owner: owner) }
            #expect(error?.code == .sessionNotFound && error?.httpStatus == 404)
        }
        #expect(fixture.service.list(owner: ServiceFixture.bob).isEmpty)
        session.close()
    }

    @Test func thereAreOnlySoMany() async throws {
        let fixture = try ServiceFixture(sessions: 3, perOwner: 2)
        let first = try fixture.create(ServiceFixture.ada)
        _ = try fixture.create(ServiceFixture.ada)
        let mine = #expect(throws: APIError.self) { try fixture.create(ServiceFixture.ada) }
        #expect(mine?.code == .tooManySessions && mine?.message.contains("max_sessions_per_owner") == true)
        _ = try fixture.create(ServiceFixture.bob)
        let all = #expect(throws: APIError.self) { try fixture.create(ServiceFixture.bob) }
        #expect(all?.code == .tooManySessions && all?.message.contains("(max_sessions)") == true)
        first.close()
        _ = await first.ended()
        _ = try fixture.create(ServiceFixture.ada)
        #expect(fixture.service.vitals.living == 3 && fixture.service.vitals.states[.ended] == 1)
        let wrong = #expect(throws: APIError.self) {
            try fixture.service.create(SessionRequest(language: "x"), owner: ServiceFixture.bob)
        }
        #expect(wrong?.code == .unknownLanguage)
        #expect(fixture.heard.state.withLock { $0.refused } == [.tooManySessions, .tooManySessions, .unknownLanguage])
        fixture.service.close()
        await fixture.service.idle()
    }

    @Test func listsAreFiltered() async throws {
        let fixture = try ServiceFixture()
        let old = try fixture.create(tags: ["a"])
        old.close()
        _ = await old.ended()
        let new = try fixture.create(tags: ["a", "b"])
        func ids(_ filter: SessionFilter) -> Set<SessionID> {
            Set(fixture.service.list(owner: ServiceFixture.ada, filter).map(\.id))
        }
        #expect(ids(SessionFilter()) == [old.id, new.id])
        #expect(ids(SessionFilter(tags: ["a", "b"])) == [new.id] && ids(SessionFilter(states: [.ended])) == [old.id])
        #expect(ids(SessionFilter(since: .max)) == [])
        new.close()
    }

    @Test func endedSessionsAreKeptWithinBounds() async throws {
        let fixture = try ServiceFixture { $0.endedSessions = 2 }
        var ids: [SessionID] = []
        for _ in 0..<4 {
            let session = try fixture.create()
            ids.append(session.id)
            session.close()
            _ = await session.ended()
            await fixture.service.idle()
        }
        let kept = ids.map { (try? fixture.service.find($0, owner: ServiceFixture.ada)) != nil }
        #expect(kept == [false, false, true, true])
        let short = try ServiceFixture { $0.endedFor = 1 }
        let session = try short.create()
        session.close()
        _ = await session.ended()
        #expect(
            await eventually {
                short.service.tick()
                return (try? short.service.find(session.id, owner: ServiceFixture.ada)) == nil
            })
    }

    @Test func aServiceThatStopsEndsItsSessions() async throws {
        let fixture = try ServiceFixture()
        let sessions = try [fixture.create(), fixture.create(ServiceFixture.bob)]
        async let run: Void = fixture.service.run()
        fixture.service.stop()
        await run
        for session in sessions { #expect(session.end?.verdict == "closed" && session.end?.reason == "shutting_down") }
        let error = #expect(throws: APIError.self) { try fixture.create() }
        #expect(error?.code == .shuttingDown)
    }

    @Test func eventsAreReadByManyWhileTheSessionLives() async throws {
        let fixture = try ServiceFixture()
        let session = try fixture.create()
        let readers = (0..<3).map { _ in session.events(from: 1) }
        async let all: [[Int64]] = withTaskGroup(of: [Int64].self) { group in
            for reader in readers {
                group.addTask {
                    var read: [Int64] = []
                    while true {
                        switch await reader.next() {
                        case .events(let events): read += events.map(\.event.sequence)
                        case .ended: return read
                        case .lagged, .quiet: break
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for number in 0..<10 { _ = try await session.execute(CellRequest(code: "\(number)")) }
        session.close()
        let read = await all
        #expect(read.allSatisfy { $0 == Array(1...Int64($0.count)) } && Set(read.map(\.count)).count == 1)
    }
}

@Suite struct AttachmentTests {
    @Test func oneControlsAndOthersLookOn() async throws {
        let session = try ServiceFixture().create()
        let first = try session.attach(.control)
        let watcher = try session.attach(.observe)
        try first.checkControl()
        let refused = #expect(throws: APIError.self) { try watcher.checkControl() }
        #expect(refused?.code == .readOnly)
        let taken = #expect(throws: APIError.self) { try session.attach(.control) }
        #expect(taken?.code == .sessionControlled)
        let second = try session.attach(.control, takesOver: true)
        #expect(first.mode == .observe && second.mode == .control && session.summary.observers == 2)
        second.detach()
        #expect(!session.summary.isControlled)
        let third = try session.attach(.control)
        #expect(third.mode == .control)
        withExtendedLifetime((first, watcher, third)) {}
        session.close()
    }

    @Test func aSessionThatIsToEndWithItsClientDoes() async throws {
        let fixture = try ServiceFixture()
        let session = try fixture.create(onDisconnect: .close(after: 1_000_000_000))
        var line: SessionAttachment? = try session.attach(.control)
        _ = try await session.execute(CellRequest(code: "a"))
        withExtendedLifetime(line) {}
        line = nil
        // Back in time.
        line = try session.attach(.control)
        try await Task.sleep(for: .milliseconds(1300))
        #expect(session.end == nil)
        line?.detach()
        let end = await session.ended()
        #expect(end.verdict == "closed" && end.reason.contains("left"))
    }

    @Test func oneThatIsToBeKeptIs() async throws {
        let session = try ServiceFixture().create()
        let line = try session.attach(.control)
        line.detach()
        try await Task.sleep(for: .milliseconds(50))
        #expect(session.end == nil)
        session.close()
        _ = await session.ended()
    }
}
