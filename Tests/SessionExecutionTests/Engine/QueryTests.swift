import RunModel
import SessionExecution
import SessionModel
import StrictJSON
import Testing

@Suite struct QueryTests {
    private func answer(_ id: String, _ text: String) throws -> DriverRecord {
        try DriverRecord.decode(Array(#"{"type":"answer","id":"\#(id)",\#(text)}"#.utf8)).record
    }

    @Test func aQuestionIsAnswered() throws {
        var session = EngineFixture.ready()
        try session.change { try $0.query(.isComplete(code: "x"), reply: 7, now: $1) }
        #expect(session.actions.last == .send(.query(id: "q1", .isComplete(code: "x"))))
        session.say(try answer("q1", #""status":"complete""#))
        #expect(session.actions.last == .answer(7, .success(.completeness(.complete, indent: ""))))
        try session.change { try $0.query(.variables, reply: 8, now: $1) }
        session.say(try answer("q2", #""error":"no""#))
        #expect(session.actions.last == .answer(8, .failure(APIError(.queryFailed, "no"))))
    }

    @Test func whileACellRunsItWaitsUnlessTheDriverCan() throws {
        for isConcurrent in [false, true] {
            var session = EngineFixture.ready(features: EngineFixture.features + (isConcurrent ? ["concurrent"] : []))
            _ = try session.submit()
            _ = session.newActions()
            try session.change { try $0.query(.variables, reply: 1, now: $1) }
            #expect(session.newActions() == (isConcurrent ? [.send(.query(id: "q1", .variables))] : []))
            session.done("e1")
            #expect(session.newActions() == [.drain] + (isConcurrent ? [] : [.send(.query(id: "q1", .variables))]))
        }
    }

    @Test func nobodyWaitsLongerThanFiveSeconds() throws {
        var session = EngineFixture.ready()
        try session.change { try $0.query(.variables, reply: 1, now: $1) }
        session.pass(5 * second)
        guard case .answer(1, .failure(let error))? = session.actions.last else {
            Issue.record("\(session.actions)")
            return
        }
        #expect(error.code == .driverTimeout)
        // Late answers are not forged ones.
        session.say(try answer("q1", #""variables":[]"#))
        #expect(session.state == .idle)
        session.say(try answer("q1", #""variables":[]"#))
        #expect(session.actions.last == .kill)
    }

    @Test func oneThatWasNeverAskedIsToldWhy() throws {
        var session = EngineFixture.ready()
        _ = try session.submit()
        try session.change { try $0.query(.variables, reply: 1, now: $1) }
        session.pass(5 * second)
        guard case .answer(1, .failure(let error))? = session.actions.last else {
            Issue.record("\(session.actions)")
            return
        }
        #expect(error.code == .sessionBusy && error.message.contains("busy"))
    }

    @Test func theyAreBoundedAndOnlyWhatTheDriverKnows() throws {
        var session = EngineFixture.ready(features: ["variables"])
        for reply in 0..<16 { try session.change { try $0.query(.variables, reply: reply, now: $1) } }
        let many = #expect(throws: APIError.self) { try session.change { try $0.query(.variables, reply: 0, now: $1) } }
        #expect(many?.code == .tooManyQueries)
        let unknown = #expect(throws: APIError.self) {
            try session.change { try $0.query(.isComplete(code: ""), reply: 0, now: $1) }
        }
        #expect(unknown?.code == .notSupported)
    }

    @Test func whatIsNoAnswerEndsTheSession() throws {
        for text in [#""variables":7"#, #""matches":[]"#] {
            var session = EngineFixture.ready()
            try session.change { try $0.query(.variables, reply: 1, now: $1) }
            session.say(try answer("q1", text))
            #expect(session.actions.last == .kill)
        }
    }

    @Test func askedBeforeTheDriverIsThereItIsAnsweredThen() throws {
        var session = EngineFixture()
        try session.change { try $0.query(.variables, reply: 1, now: $1) }
        try session.change { try $0.query(.isComplete(code: ""), reply: 2, now: $1) }
        session.say(.ready(.init(language: "x", version: "1", features: ["variables"])))
        guard case .answer(2, .failure(let error))? = session.actions.last else {
            Issue.record("\(session.actions)")
            return
        }
        #expect(session.actions.contains(.send(.query(id: "q1", .variables))) && error.code == .notSupported)
    }
}
