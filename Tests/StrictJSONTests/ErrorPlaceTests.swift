import StrictJSON
import Testing

@Suite struct ErrorPlaceTests {
    private func failure(_ text: String) -> JSONError? {
        do {
            _ = try JSONValue.parse(Array(text.utf8), limits: JSONLimits(bytes: 1 << 20))
            return nil
        } catch {
            return error
        }
    }

    /// Offsets from 0; lines and columns from 1, columns in bytes.
    @Test(arguments: [
        ("", 0, 1, 1), ("x", 0, 1, 1), ("1 x", 2, 1, 3), ("{\n  \"a\": 1,\n  x\n}", 14, 3, 3),
        ("[1,\r\n2,\r\n]", 9, 3, 1),
        ("[\"é\",x]", 6, 1, 7), ("{\"a\":1,\"a\":2}", 7, 1, 8), ("[\n\"\\ud800\"]", 3, 2, 2), ("\"\n\"", 1, 1, 2),
        ("{\"a\"\n:\n}", 7, 3, 1), ("[1", 2, 1, 3), ("\u{feff}1", 0, 1, 1),
    ])
    func places(text: String, offset: Int, line: Int, column: Int) {
        let error = failure(text)
        #expect(error?.offset == offset)
        #expect(error?.line == line)
        #expect(error?.column == column)
    }

    @Test func reasonsNameWhatIsWrong() {
        #expect(failure("{\"user\":1,\"user\":2}")?.reason.contains("\"user\"") == true)
        #expect(failure("[1,]").map { "\($0)" }?.hasPrefix("line 1, column 4: ") == true)
        #expect(failure("01")?.reason.contains("zero") == true)
    }

    /// What is shown of a document is short and without control characters.
    @Test func namesAreShownShortAndEscaped() {
        let long = String(repeating: "\u{301}", count: 500)
        for name in ["\\u0000\\u001b[31m\\n", long, "\\\"\\\\"] {
            let reason = failure("{\"\(name)\":1,\"\(name)\":2}")?.reason
            #expect(reason?.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } == true)
            #expect((reason?.utf8.count ?? 0) < 400)
        }
    }
}
