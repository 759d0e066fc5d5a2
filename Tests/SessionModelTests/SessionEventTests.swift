import RunModel
import SandboxSpec
import SessionModel
import StrictJSON
import Testing

@Suite struct SessionEventTests {
    private let session = SessionID("00112233445566778899aabbccddeeff")

    private func body(_ kind: SessionEvent.Kind) throws -> String {
        let id = try #require(session)
        let bytes = SessionEvent(sequence: 7, epoch: 2, time: 1000, kind: kind).json(session: id)
        // It is JSON.
        _ = try JSONValue.parse(bytes, limits: JSONLimits(bytes: 65_536))
        let text = String(decoding: bytes, as: UTF8.self)
        let head = #"{"type":"\#(kind.name)","session_id":"\#(id)","seq":7,"epoch":2,"time":1000"#
        #expect(text.hasPrefix(head))
        return String(text.dropFirst(head.count))
    }

    @Test func eventsHaveTheJSONThatIsDocumented() throws {
        #expect(
            try body(.created(.init(language: "python", policy: "default", name: "n\"", tags: ["a"])))
                == #","language":"python","policy":"default","name":"n\"","tags":["a"],"state":"starting"}"#)
        #expect(try body(.state(.busy)) == #","state":"busy"}"#)
        #expect(
            try body(.executionStarted("e1", code: "1\n")) == #","execution_id":"e1","code":"1\n"}"#)
        #expect(
            try body(.output("e1", .stdout, OutputText(Array("é".utf8)), isBackground: false))
                == #","execution_id":"e1","stream":"stdout","data":"é","encoding":"utf8"}"#)
        #expect(
            try body(.output(nil, .stderr, OutputText([0xff]), isBackground: true))
                == #","stream":"stderr","data":"/w==","encoding":"base64","background":true}"#)
        #expect(
            try body(
                .result(
                    "e1",
                    CellValue(
                        repr: "42", value: try JSONValue.parse(Array("42".utf8), limits: JSONLimits(bytes: 8)),
                        data: [MimeItem(type: "text/html", content: .string("<b>"))]), seconds: 0.25))
                == #","execution_id":"e1","repr":"42","value":42,"data":{"text/html":"<b>"},"execution_time":0.25}"#)
        #expect(
            try body(.error("e1", CellError(exception: "E", message: "m", traceback: ["t"])))
                == #","execution_id":"e1","exception":"E","message":"m","traceback":["t"]}"#)
        #expect(
            try body(
                .executionFinished(
                    "e1", .limit, seconds: 1, CellUsage(cpu: 1_000_000, wall: 2_000_000, memoryPeak: 3, outputBytes: 4),
                    SessionLimitReport("wall", nanoseconds: 2_000_000, of: 1_000_000)))
                == #","execution_id":"e1","status":"limit","execution_time":1,"usage":{"cpu_ms":1,"wall_ms":2,"#
                + #""memory_peak_bytes":3,"output_bytes":4},"limit":{"name":"wall","used":2,"allowed":1,"unit":"ms"}}"#)
        #expect(
            try body(.inputRequest("e1", token: "i1", prompt: OutputText(Array("? ".utf8)), isPassword: false))
                == #","execution_id":"e1","token":"i1","prompt":"? ","password":false}"#)
        #expect(try body(.interrupted("e1", isKept: nil)) == #","execution_id":"e1","kept":null}"#)
        #expect(try body(.closing(.idle, seconds: 60)) == #","reason":"idle","in":60}"#)
        #expect(try body(.restarted(files: 2, skipped: 1)) == #","files":2,"skipped":1}"#)
        let checkpoint = SessionCheckpoint(method: .replay, files: 2, skipped: 1)
        #expect(
            try body(.checkpoint("a", checkpoint)) == #","name":"a","method":"replay","files":2,"skipped":1}"#)
        #expect(try body(.takenOver) == "}")
        let end = try body(.ended(SessionEnd(verdict: "memory_limit", reason: "r", executionID: "e1")))
        #expect(end.hasPrefix(#","verdict":"memory_limit","reason":"r","usage":{"#))
        #expect(end.hasSuffix(#","execution_id":"e1","retryable":false}"#))
        let exit = try body(.ended(SessionEnd(verdict: "nonzero_exit", reason: "r", exitCode: 3)))
        #expect(exit.hasPrefix(#","verdict":"nonzero_exit","reason":"r","exit_code":3,"usage":{"#))
    }

    @Test func anOutcomeIsWhatTheEventsSaid() {
        func event(_ kind: SessionEvent.Kind) -> SessionEvent {
            SessionEvent(sequence: 1, epoch: 1, time: 0, kind: kind)
        }
        func text(_ text: String) -> OutputText { OutputText(Array(text.utf8)) }
        var outcome = CellOutcome(executionID: "e1")
        let events: [SessionEvent.Kind] = [
            .executionStarted("e1", code: ""), .output("e1", .stdout, text("a"), isBackground: false),
            .output("e1", .stdout, text("b"), isBackground: false),
            .output("e0", .stdout, text("x"), isBackground: false),
            .output("e1", .stderr, text("c"), isBackground: false),
            .output("e1", .stdout, text("y"), isBackground: true),
            .display("e1", CellDisplay(data: [], displayID: "d")),
            .display("e1", CellDisplay(data: [MimeItem(type: "a/b", content: .null)], displayID: "d", isUpdate: true)),
            .result("e1", CellValue(repr: "1"), seconds: 1),
        ]
        let ends = events.map { outcome.take(event($0)) }
        #expect(!ends.contains(true))
        let isOver = outcome.take(event(.executionFinished("e1", .ok, seconds: 2, CellUsage(cpu: 5), nil)))
        #expect(isOver)
        #expect(outcome.outputs.map { $0.text.lossyText } == ["ab", "c"])
        #expect(outcome.displays == [CellDisplay(data: [MimeItem(type: "a/b", content: .null)], displayID: "d")])
        #expect(outcome.status == .ok && outcome.seconds == 2 && outcome.result?.repr == "1" && outcome.usage.cpu == 5)
    }

    @Test func limitsOfACellAreNeverRaised() throws {
        let limits = CellLimits(cpu: 100, wall: 200, outputBytes: 300)
        #expect(
            try limits.lowered(by: .init(cpu: 50, outputBytes: 300)) == CellLimits(cpu: 50, wall: 200, outputBytes: 300)
        )
        let error = #expect(throws: APIError.self) { try limits.lowered(by: .init(wall: 201)) }
        #expect(error?.code == .invalidLimit && error?.message.contains("wall") == true)
        #expect(throws: APIError.self) { try limits.lowered(by: .init(cpu: 0)) }
    }
}
