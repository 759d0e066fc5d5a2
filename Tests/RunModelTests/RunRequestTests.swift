import RunModel
import Testing

@Suite struct RunRequestTests {
    @Test func idsAre128RandomBitsInHex() throws {
        struct Counting: RandomNumberGenerator {
            var value: UInt64 = 0
            mutating func next() -> UInt64 {
                value += 1
                return value
            }
        }
        var generator = Counting()
        #expect(RunID(using: &generator).description == "00000000000000010000000000000002")
        #expect(Set((0..<1000).map { _ in RunID() }).count == 1000)
        #expect(RunID("0123456789abcdef0123456789ABCDEF") == nil)
        #expect(RunID("0123456789abcdef") == nil)
        #expect(RunID(RunID().description) != nil)
    }

    @Test func aRequestNeedsOnlyLanguageAndSource() throws {
        let text = #"{"language":"python","source":{"content":"print(1)"}}"#
        let request = try JSONText.decode(RunRequest.self, from: Array(text.utf8))
        #expect(
            request
                == RunRequest(
                    language: "python",
                    source: RunRequest.File(path: "", content: Array("print(1)".utf8))))
    }

    @Test func binaryFilesSurviveTheTrip() throws {
        var request = RunRequest(language: "c", source: .init(path: "main.c", content: []))
        request.files = [.init(path: "data.bin", content: [0, 0xff, 0xc3], executable: true)]
        request.environment = ["B": "2", "A": "1"]
        request.limits = ["cpu": "2s"]
        let bytes = try JSONText.encode(request)
        #expect(try JSONText.decode(RunRequest.self, from: bytes) == request)
    }

    @Test(arguments: [
        #"{"source":{"content":""}}"#,
        #"{"language":1,"source":{"content":""}}"#,
        #"{"language":"c","source":{"content":"?","encoding":"base64"}}"#,
        #"{"language":"c","source":{"content":"","encoding":"rot13"}}"#,
        #"[]"#,
        "",
    ])
    func badRequestsAreErrors(text: String) {
        #expect(throws: DecodingError.self) { try JSONText.decode(RunRequest.self, from: Array(text.utf8)) }
    }
}
