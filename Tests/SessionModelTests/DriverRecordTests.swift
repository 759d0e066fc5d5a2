import SessionModel
import StrictJSON
import TestSupport
import Testing

@Suite struct DriverRecordTests {
    static func decode(_ text: String) throws -> DriverRecord { try DriverRecord.decode(Array(text.utf8)).record }

    static let samples = [
        #"{"type":"ready","protocol":1,"language":"python","version":"3.11.2","features":["complete","concurrent"]}"#,
        #"{"type":"display","id":"e7","data":{"text/plain":"x","image/png":"AA=="},"display_id":"d1","update":true}"#,
        #"{"type":"clear","id":"e7","wait":true}"#,
        #"{"type":"result","id":"e7","repr":"42","truncated":false,"value":[1,{"a":null}],"data":{"text/html":"<b>"}}"#,
        #"{"type":"error","id":"e7","exception":"E","message":"m","traceback":["a","b"]}"#,
        #"{"type":"done","id":"e7","status":"interrupted"}"#,
        #"{"type":"answer","id":"q1","matches":[{"text":"append","type":"function"}],"start":0,"end":3}"#,
        #"{"type":"restored","id":"c1","name":"n"}"#,
    ]

    @Test func everyRecordIsRead() throws {
        let records = try Self.samples.map(Self.decode)
        #expect(
            records[0]
                == .ready(.init(language: "python", version: "3.11.2", features: ["complete", "concurrent"])))
        #expect(
            records[1]
                == .display(
                    id: "e7",
                    CellDisplay(
                        data: [
                            MimeItem(type: "text/plain", content: .string("x")),
                            MimeItem(type: "image/png", content: .string("AA==")),
                        ], displayID: "d1", isUpdate: true)))
        #expect(records[2] == .clear(id: "e7", wait: true))
        guard case .result("e7", let value) = records[3] else {
            Issue.record("\(records[3])")
            return
        }
        #expect(value.repr == "42" && !value.isTruncated && value.data.map(\.type) == ["text/html"])
        let expected = try JSONValue.parse(Array(#"[1,{"a":null}]"#.utf8), limits: JSONLimits(bytes: 64))
        #expect(value.value == expected)
        #expect(records[4] == .error(id: "e7", CellError(exception: "E", message: "m", traceback: ["a", "b"])))
        #expect(records[5] == .done(id: "e7", .interrupted))
        #expect(records[7] == .restored(id: "c1", name: "n"))
    }

    @Test(arguments: [
        ("", "no JSON"), ("[]", "a list"), ("{}", "no type"), (#"{"type":7}"#, "no type"),
        (#"{"type":"hello"}"#, "unknown type hello"), (#"{"type":"done","id":"e1"}"#, "status of done is missing"),
        (#"{"type":"done","id":"e1","status":"fine"}"#, "expected is ok, error, interrupted"),
        (#"{"type":"done","id":7,"status":"ok"}"#, "id of done is a number"),
        (#"{"type":"result","id":"e1"}"#, "repr of result is missing"),
        (#"{"type":"result","id":"e1","repr":"1","data":{"plain":"x"}}"#, "no media type"),
        (
            #"{"type":"error","id":"e1","exception":"E","message":"m","traceback":"t"}"#,
            "traceback of error is a string"
        ),
        (#"{"type":"ready","protocol":2,"language":"x","version":"1","features":[]}"#, "protocol of ready is 2"),
        (#"{"type":"done","type":"done","id":"e1","status":"ok"}"#, "twice"),
        (#"{"type":"done","id":"\ud800","status":"ok"}"#, "surrogate"),
    ])
    func whatIsNoRecordIsRefusedWithTheReason(_ text: String, _ reason: String) {
        let error = #expect(throws: DriverRecordError.self) { try Self.decode(text) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func longTextsAreCutAndUnknownMembersNamed() throws {
        let long = String(repeating: "é", count: 40_000)
        let decoded = try DriverRecord.decode(
            Array(#"{"type":"result","id":"e1","repr":"x\#(long)","colour":"red"}"#.utf8))
        guard case .result(_, let value) = decoded.record else {
            Issue.record("\(decoded)")
            return
        }
        #expect(value.isTruncated && value.repr.utf8.count == DriverRecord.maximumRepr - 1)
        #expect(decoded.unknownMember == "colour")
    }

    /// Whatever the bytes are, they are a record, or refused: nothing traps.
    @Test func damagedRecordsAreReadOrRefused() {
        var texts = RandomText(seed: 11)
        var (taken, refused) = (0, 0)
        for round in 0..<20_000 {
            var text = Self.samples[round % Self.samples.count]
            for _ in 0...texts.below(3) { text = texts.mutated(text) }
            if (try? Self.decode(text)) == nil { refused += 1 } else { taken += 1 }
        }
        #expect(taken > 100 && refused > 1000)
    }

    /// Members exchanged between records: every type meets every shape.
    @Test func mixedMembersAreReadOrRefused() throws {
        var numbers = SeededGenerator(seed: 13)
        let values = [
            "7", "-1", "1e400", "true", "null", #""t""#, "[]", "{}", #"[{"text":1}]"#, #"{"a/b":[]}"#, #"["x"]"#,
        ]
        let names = [
            "id", "data", "status", "repr", "value", "traceback", "exception", "message", "wait", "update", "features",
            "protocol", "language", "version", "name", "matches", "start", "end", "ok", "ref", "variables", "found",
        ]
        let types = [
            "ready", "display", "clear", "result", "error", "done", "answer", "restored", "password", "nothing",
        ]
        var answers = 0
        for _ in 0..<20_000 {
            let type = types[numbers.below(types.count)]
            var members = [#""type":"\#(type)""#]
            for name in names where numbers.below(2) == 0 {
                members.append(#""\#(name)":\#(values[numbers.below(values.count)])"#)
            }
            guard let record = try? Self.decode("{" + members.joined(separator: ",") + "}") else { continue }
            guard case .answer(_, let object) = record else { continue }
            answers += 1
            for query in [SessionQuery.complete(code: "", cursor: 0), .variables, .isComplete(code: "")] {
                _ = try? DriverReply<DriverAnswer>(object, to: query)
            }
            _ = try? DriverReply<DriverReference?>(object, wantsReference: true)
        }
        #expect(answers > 50)
    }
}
