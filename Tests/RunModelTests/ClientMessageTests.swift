import RunModel
import SandboxSpec
import StrictJSON
import TestSupport
import Testing

@Suite struct ClientMessageTests {
    private static let text = "00112233445566778899aabbccddeeff"

    private func parse(_ text: String) throws(ClientMessage.Failure) -> ClientMessage {
        try ClientMessage.parse(Array(text.utf8), limits: JSONLimits(bytes: 16 << 20))
    }

    private func failure(_ text: String) -> ClientMessage.Failure? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return error
        }
    }

    private func kind(_ rest: String) throws -> ClientMessage.Kind {
        try parse("{\"run_id\":\"\(Self.text)\",\(rest)}").kind
    }

    @Test func everyMessageOfTheContract() throws {
        let id = try #require(RunID(Self.text))
        #expect(try kind(#""type":"attach""#) == .attach(id, from: 0, mode: .control))
        #expect(try kind(#""type":"attach","from":7,"mode":"observe""#) == .attach(id, from: 7, mode: .observe))
        #expect(try kind(#""type":"detach""#) == .detach(id))
        #expect(try kind(#""type":"stdin","data":"é""#) == .stdin(id, data: Array("é".utf8), end: false))
        #expect(
            try kind(#""type":"stdin","data":"AP8=","encoding":"base64","eof":true"#)
                == .stdin(id, data: [0, 255], end: true))
        #expect(try kind(#""type":"stdin","eof":true"#) == .stdin(id, data: [], end: true))
        #expect(
            try kind(#""type":"input_response","token":"i1","data":"a\n""#)
                == .inputResponse(id, token: "i1", data: [0x61, 0x0a], end: false))
        #expect(try kind(#""type":"signal","signal":"SIGINT""#) == .signal(id, 2))
        #expect(try kind(#""type":"signal","signal":64"#) == .signal(id, 64))
        #expect(
            try kind(#""type":"resize","rows":24,"cols":80"#) == .resize(id, TerminalSize(rows: 24, columns: 80)))
        #expect(try kind(#""type":"cancel""#) == .cancel(id))
        #expect(try parse(#"{"type":"ping"}"#).kind == .ping)
        let submission = Submission(RunRequest(language: "c", code: [0x78]))
        let execute = try parse(#"{"type":"execute","ref":"1","language":"c","code":"x"}"#)
        #expect(execute.kind == .execute(submission))
        #expect(execute.ref == "1")
    }

    @Test func namesAndIDsAreThoseOfTheMessage() throws {
        let bodies = [
            "execute": #","language":"c","code":"x""#, "ping": "",
            "input_response": #","token":"a","run_id":"\#(Self.text)""#,
            "signal": #","signal":1,"run_id":"\#(Self.text)""#,
            "resize": #","rows":1,"cols":1,"run_id":"\#(Self.text)""#,
        ]
        for type in ClientMessage.types {
            let message = try parse("{\"type\":\"\(type)\"" + (bodies[type] ?? ",\"run_id\":\"\(Self.text)\"") + "}")
            #expect(message.kind.name == type)
            #expect((message.kind.runID == nil) == ["execute", "ping"].contains(type))
        }
    }

    @Test func theRefComesBackAlsoFromErrors() throws {
        #expect(try parse(#"{"type":"ping","ref":""}"#).ref == "")
        #expect(failure(#"{"type":"cancel","ref":"r"}"#)?.ref == "r")
        #expect(failure(#"{"ref":"r"}"#)?.ref == "r")
        #expect(failure(#"{"type":"ping","ref":1}"#)?.ref == nil)
        #expect(failure(#"{"type":"ping","ref":"a""#)?.ref == nil)
        let long = String(repeating: "é", count: 32)
        #expect(try parse("{\"type\":\"ping\",\"ref\":\"\(long)\"}").ref == long)
        // Nobody gets back more than a ref may have.
        let tooLong = failure("{\"type\":\"ping\",\"ref\":\"\(long)a\"}")
        #expect(tooLong?.error.details["ref"] != nil)
        #expect(tooLong?.ref == nil)
    }

    @Test(arguments: [
        (#"{}"#, ["type"]), (#"{"type":1}"#, ["type"]), (#"{"type":"exec"}"#, ["type"]),
        (#"{"type":"Ping"}"#, ["type"]),
        (#"{"type":"ping","run_id":"x"}"#, ["run_id"]), (#"{"type":"cancel"}"#, ["run_id"]),
        (#"{"type":"cancel","run_id":"00112233445566778899AABBCCDDEEFF"}"#, ["run_id"]),
        (#"{"type":"attach","mode":"steal","from":-1}"#, ["from", "mode", "run_id"]),
        (#"{"type":"stdin","data":1,"encoding":"hex","eof":1}"#, ["data", "encoding", "eof", "run_id"]),
        (#"{"type":"input_response","data":"%","encoding":"base64"}"#, ["data", "run_id", "token"]),
        (#"{"type":"signal"}"#, ["run_id", "signal"]), (#"{"type":"resize","rows":0}"#, ["cols", "rows", "run_id"]),
        // Which fields there may be, a message without a type does not say.
        (#"{"type":"exec","language":"c","code":"x"}"#, ["type"]), (#"{"language":"c"}"#, ["type"]),
    ])
    func wrongFieldsAreNamed(text: String, paths: [String]) {
        let error = failure(text)?.error
        #expect(error?.code == .invalidRequest)
        #expect(error?.details.keys.sorted() == paths)
    }

    /// The rest of what is wrong with a submission is found later, and all of it is told together.
    @Test func mistakesOfASubmissionGoWithIt() throws {
        guard
            case .execute(let submission) = try parse(
                #"{"type":"execute","run_id":"x","language":"c","code":1,"ref":"r"}"#
            ).kind
        else {
            Issue.record("it is no submission")
            return
        }
        #expect(submission.errors.list.map(\.path).sorted() == ["code", "run_id"])
    }

    @Test(arguments: ["", "null", "[]", "{", #"{"type":"ping","type":"ping"}"#, #"{"type":"\ud800"}"#])
    func whatIsNoMessageIsInvalidJSON(text: String) {
        #expect(failure(text)?.error.code == .invalidJSON)
    }

    /// Whole numbers are exact and in their range, or an error: never rounded, clamped, or a trap.
    @Test(arguments: [
        (#""type":"attach","from""#, ["0", "1", "9007199254740993", "9223372036854775807", "null"]),
        (#""type":"signal","signal""#, ["1", "64"]), (#""type":"resize","cols":1,"rows""#, ["1", "1000"]),
        (#""type":"resize","rows":1,"cols""#, ["1", "1000"]),
    ])
    func integers(member: String, good: [String]) throws {
        let all = [
            "0", "1", "64", "65", "255", "256", "1000", "1001", "65536", "-0", "-1", "0.5", "1.0", "1e0", "1e999",
            "-1e999",
            "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616", "\"1\"", "true",
            "null", "[]", "{}",
        ]
        for value in good { #expect(throws: Never.self) { try kind("\(member):\(value)") } }
        let bounds: (String) -> Bool = { value in
            switch value {
            case "0", "-0": member.contains("from")
            // Written as JSON Schema lets a whole number be written.
            case "1", "1.0", "1e0", "64": true
            case "65", "255", "256", "1000": !member.contains("signal")
            case "1001", "65536": member.contains("from")
            default: good.contains(value)
            }
        }
        for value in all where !bounds(value) {
            #expect(throws: ClientMessage.Failure.self, "\(member):\(value)") { try kind("\(member):\(value)") }
        }
    }

    @Test func quotesAreShort() {
        let marks = "e" + String(repeating: "\\u0301", count: 100_000)
        for member in [
            #""type""#, #""type":"attach","mode""#, #""type":"signal","signal""#, #""type":"stdin","encoding""#,
        ] {
            let error = failure("{\(member):\"\(marks)\"}")?.error
            #expect((error?.message.utf8.count ?? .max) < 1000)
            #expect((error?.details.values.map(\.utf8.count).max() ?? .max) < 1000)
        }
    }

    @Test func randomChangesDoNotTrap() {
        let seeds = [
            #"{"type":"attach","run_id":"\#(Self.text)","from":7,"mode":"observe","ref":"a"}"#,
            #"{"type":"execute","language":"c","files":[{"name":"a","content":"AA=="}],"tty":{"rows":1,"cols":2}}"#,
            #"{"type":"signal","run_id":"\#(Self.text)","signal":"SIGINT"}"#,
        ]
        var numbers = SeededGenerator(seed: 8)
        var taken = 0
        for _ in 0..<6000 {
            var bytes = Array(seeds[numbers.below(seeds.count)].utf8)
            for _ in 0..<numbers.below(4) {
                let place = numbers.below(bytes.count)
                switch numbers.below(3) {
                case 0: bytes[place] = UInt8(0x20 + numbers.below(0x60))
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8(truncatingIfNeeded: numbers.next()), at: place)
                }
            }
            if (try? ClientMessage.parse(bytes, limits: JSONLimits(bytes: 4096))) != nil { taken += 1 }
        }
        #expect(taken > 100)
    }
}
