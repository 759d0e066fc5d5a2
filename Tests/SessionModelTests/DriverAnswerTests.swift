import RunModel
import SessionModel
import StrictJSON
import Testing

@Suite struct DriverAnswerTests {
    private func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue.parse(Array(text.utf8), limits: JSONLimits(bytes: 65_536)) else {
            throw DriverRecordError("no object")
        }
        return object
    }

    private func reply(_ text: String, to query: SessionQuery) throws -> DriverReply<DriverAnswer> {
        try DriverReply(try object(text), to: query)
    }

    private func json(_ answer: DriverAnswer) -> String {
        var output = JSONBytes()
        answer.write(to: &output)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        (
            SessionQuery.complete(code: "x", cursor: 1),
            #"{"matches":[{"text":"append","type":"function"},{"text":"b"}],"start":0,"end":3}"#
        ),
        (.inspect(code: "x", cursor: 1, detail: 0), #"{"found":true,"data":{"text/plain":"doc \"x\""}}"#),
        (.isComplete(code: "x"), #"{"status":"incomplete","indent":"    "}"#),
        (
            .variables,
            #"{"variables":[{"name":"x","type":"int","repr":"1","size":28},{"name":"y","type":"f","repr":"","size":null}]}"#
        ),
    ])
    func answersGoThrough(_ query: SessionQuery, _ text: String) throws {
        guard case .answer(let answer) = try reply(text, to: query) else {
            Issue.record("no answer")
            return
        }
        #expect(json(answer) == text)
    }

    @Test func errorsAreTold() throws {
        #expect(try reply(#"{"error":"no such name"}"#, to: .variables) == .failed("no such name"))
        #expect(
            try DriverReply<DriverReference?>(try object(#"{"ok":false,"error":"threads"}"#), wantsReference: true)
                == .failed("threads"))
        #expect(
            try DriverReply<DriverReference?>(try object(#"{"ok":true,"ref":7}"#), wantsReference: true)
                == .answer(.number(7)))
        #expect(
            try DriverReply<DriverReference?>(try object(#"{"ok":true}"#), wantsReference: false) == .answer(nil))
    }

    @Test(arguments: [
        (SessionQuery.variables, #"{"variables":{}}"#), (.variables, #"{"variables":[1]}"#), (.variables, "{}"),
        (.complete(code: "", cursor: 0), #"{"matches":[],"start":3,"end":1}"#),
        (.complete(code: "", cursor: 0), #"{"matches":[],"start":-1,"end":1}"#),
        (.isComplete(code: ""), #"{"status":"perhaps"}"#),
    ])
    func wrongAnswersAreRefused(_ query: SessionQuery, _ text: String) {
        #expect(throws: DriverRecordError.self) { try reply(text, to: query) }
    }

    @Test func commandsAreRecords() throws {
        func record(_ command: DriverCommand) throws -> String {
            var reader = FrameReader()
            reader.push(try command.frame())
            return String(decoding: try #require(try reader.next()), as: UTF8.self)
        }
        #expect(
            try record(.execute(id: "e1", code: "a\n\"é\"", silent: false))
                == #"{"type":"execute","id":"e1","code":"a\n\"é\"","silent":false}"#)
        #expect(try record(.interrupt(id: "e1")) == #"{"type":"interrupt","id":"e1"}"#)
        #expect(
            try record(.query(id: "q1", .inspect(code: "x", cursor: 1, detail: 0)))
                == #"{"type":"inspect","id":"q1","code":"x","cursor":1,"detail":0}"#)
        #expect(try record(.query(id: "q1", .variables)) == #"{"type":"variables","id":"q1"}"#)
        #expect(
            try record(.restore(id: "c1", name: "n", .number(7)))
                == #"{"type":"restore","id":"c1","name":"n","ref":7}"#)
        #expect(
            try record(.drop(id: "c1", name: "n", .text("r"))) == #"{"type":"drop","id":"c1","name":"n","ref":"r"}"#)
        // The worst text a cell may have: two bytes of JSON for each of its own.
        let quotes = String(repeating: "\"", count: CellRequest.maximumCodeBytes - 64)
        #expect(throws: Never.self) { try DriverCommand.execute(id: "e1", code: quotes, silent: false).frame() }
        let controls = String(repeating: "\u{1}", count: CellRequest.maximumCodeBytes)
        #expect(throws: FrameReader.Oversized.self) {
            try DriverCommand.execute(id: "e1", code: controls, silent: false).frame()
        }
    }
}
