import StrictJSON
import Testing

@Suite struct LimitTests {
    private func parse(_ text: String, _ change: (inout JSONLimits) -> Void = { _ in }) throws(JSONError) -> JSONValue {
        var limits = JSONLimits(bytes: 4 << 20)
        change(&limits)
        return try JSONValue.parse(Array(text.utf8), limits: limits)
    }

    private func nested(_ depth: Int, _ open: String, _ close: String, _ inside: String = "") -> String {
        String(repeating: open, count: depth) + inside + String(repeating: close, count: depth)
    }

    @Test func bytes() throws {
        #expect(try parse("\"12345678\"") { $0.bytes = 10 } == .string("12345678"))
        #expect(throws: JSONError.self) { try parse("\"123456789\"") { $0.bytes = 10 } }
        // Blanks count: they have to be read, too.
        #expect(throws: JSONError.self) { try parse("1          ") { $0.bytes = 10 } }
        #expect(throws: JSONError.self) { try parse("") { $0.bytes = 0 } }
    }

    /// Every value is a level, also one that holds nothing.
    @Test func depth() throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for inside in ["1", "[]", "{}"] {
                #expect(throws: Never.self) { try parse(nested(31, open, close, inside)) }
                #expect(throws: JSONError.self) { try parse(nested(32, open, close, inside)) }
            }
        }
        #expect(throws: Never.self) { try parse("1") { $0.depth = 1 } }
        #expect(throws: JSONError.self) { try parse("[[]]") { $0.depth = 1 } }
    }

    /// Depth is refused where it is too deep, not at the end: a megabyte of brackets costs no stack.
    @Test func deepNestingCostsNothing() {
        for text in [nested(1_000_000, "[", ""), nested(400_000, "{\"a\":", ""), nested(1_000_000, "[", "]")] {
            let error = #expect(throws: JSONError.self) { try parse(text) }
            #expect((error?.offset ?? .max) <= 32 * 5)
        }
    }

    @Test func values() throws {
        let list = "[" + Array(repeating: "1", count: 99).joined(separator: ",") + "]"
        #expect(throws: Never.self) { try parse(list) { $0.values = 100 } }
        #expect(throws: JSONError.self) { try parse(list) { $0.values = 99 } }
        #expect(throws: JSONError.self) {
            try parse("[" + Array(repeating: "[]", count: 200_000).joined(separator: ",") + "]")
        }
        #expect(throws: Never.self) {
            try parse("[" + Array(repeating: "0", count: 99_999).joined(separator: ",") + "]")
        }
    }

    @Test func membersAndNames() throws {
        func object(_ count: Int) -> String { "{" + (0..<count).map { "\"\($0)\":0" }.joined(separator: ",") + "}" }
        #expect(throws: Never.self) { try parse(object(4096)) }
        #expect(throws: JSONError.self) { try parse(object(4097)) }
        let name = String(repeating: "é", count: 512)
        #expect(throws: Never.self) { try parse("{\"\(name)\":0}") }
        #expect(throws: JSONError.self) { try parse("{\"\(name)a\":0}") }
        // What counts is the name, not how it is written.
        #expect(throws: Never.self) { try parse("{\"\(String(repeating: "\\u0061", count: 1024))\":0}") }
    }
}
