import StrictJSON
import Testing

/// Documents and what is to be made of them: `accepted`, `refused`, and where RFC 8259 leaves the choice, the one that
/// was made.
@Suite struct ConformanceTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue {
        try JSONValue.parse(Array(text.utf8), limits: JSONLimits(bytes: 1 << 20))
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-0", "-1", "123456789", "0.5", "-0.0", "1e5", "1E5", "1e+5", "1E-5", "0e0",
        "0.1e1",
        "1.0000000000000000000000000000000000001", "-1e-999", "123123123123123123123123", "\"\"", "\"a\"", "\"/\"",
        #""\"\\\/\b\f\n\r\t""#, #""\u0000""#, #""\u00e9""#, #""\uD834\uDD1E""#, #""\ud834\udd1e""#, #""\uffff""#,
        #""\udbff\udfff""#, "\"\u{7f}\"", "\"\u{80}\"", "\"é漢😀\"", "\"\u{2028}\u{2029}\"",
        "\"\u{fffd}\u{fffe}\u{10ffff}\"",
        "\"\u{feff}\"", "[]", "[ ]", "[1]", "[1,2]", "[[]]", "[null,true,\"\",{}]", "{}", "{ }", #"{"":0}"#,
        #"{"a":1}"#,
        #"{"a":1,"b":2}"#, #"{"a":{"a":{"a":1}}}"#, #"{"a":1,"A":2}"#, "{\"\u{e9}\":1,\"e\u{301}\":2}",
        " \t\r\n1 \t\r\n",
        " { \"a\" : [ 1 , 2 ] } ", "[\n\n]", "\"\\u0061\\u0062\"", #"{"\u0000":1}"#,
    ])
    func accepted(text: String) {
        #expect(throws: Never.self) { try parse(text) }
    }

    @Test(arguments: [
        // Nothing, too little, too much.
        "", " ", "\n", "1 2", "1,", "[] []", "{}x", "null null", "\"a\"\"b\"", "[1]]", "{}}", "1 //c", "/*c*/1", "1#c",
        "\u{0}", "1\u{0}", "\u{a0}1", "1\u{2003}", "\u{c}1", "\u{b}1",
        // Words.
        "nul", "nulll", "tru", "True", "TRUE", "fals", "none", "undefined", "NaN", "nan", "Infinity", "-Infinity",
        "inf",
        "n", "t", "f", "-", "--1", "-a",
        // Numbers.
        "+1", ".5", "1.", "-.5", "-1.", "01", "-01", "00", "-00", "1e", "1e+", "1E-", "1.e1", "1e1.5", "0x10", "0b1",
        "0o7",
        "1_000", "1,000", "1 000", "１", "٣", "1e５", "-NaN", "1.2.3", "0e", "0.e1", "1ee1", "1e--1",
        // Strings.
        "\"", "\"a", "'a'", "a", "\"\\\"", "\"\\", "\"\\a\"", "\"\\x41\"", "\"\\'\"", "\"\\0\"", "\"\\U0041\"",
        "\"\\u\"",
        "\"\\u0\"", "\"\\u00\"", "\"\\u004\"", "\"\\u004g\"", "\"\\u+041\"", "\"\\u 041\"", "\"\\u00４1\"",
        "\"\\u{41}\"",
        "\"\t\"", "\"\n\"", "\"\r\"", "\"\u{0}\"", "\"\u{1f}\"", "\"\\\n\"", "\"\\\u{0}\"", "\"\\é\"", "“a”", "`a`",
        // Surrogates.
        #""\ud800""#, #""\udbff""#, #""\udc00""#, #""\udfff""#, #""\ud800\ud800""#, #""\udc00\ud800""#, #""\ud800a""#,
        #""\ud800\n""#, #""\ud800\u0041""#, #""\ud800\""#, #""\ud800\u""#, #""\ud800\udc0""#, #""\ud83d\\ude00""#,
        // Lists.
        "[", "]", "[1", "[1,", "[,", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", "[\"a\"", "[[]", "[}", "[1}",
        "(1)",
        "[1]a", "[...]", "[a]",
        // Objects.
        "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{\"a\"}",
        "{\"a\",1}",
        "{\"a\":}", "{:1}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{\"a\" 1}", "{\"a\"=1}", "{\"a\"::1}",
        "{\"a\":1;}",
        "{\"a\":1 \"b\":2}", "{\"a\":1,,\"b\":2}", "{\"a\":1]", "{[]:1}", "{\"a\":1/**/}", "{\"a\":1}//", "{\"a\":\"",
        // The same name twice, also when it is written differently.
        #"{"a":1,"a":2}"#, #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"a":3}"#, #"{"a":1,"\u0061":2}"#, #"{"":1,"":2}"#,
        #"[{"x":{"a":1,"a":2}}]"#, "{\"é\":1,\"\\u00e9\":2}",
    ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    /// What RFC 8259 leaves open: a byte order mark is refused, as are numbers of absurd length.
    @Test func choices() {
        #expect(throws: JSONError.self) { try parse("\u{feff}1") }
        #expect(throws: JSONError.self) { try parse("\u{feff}") }
        #expect(throws: JSONError.self) { try parse(String(repeating: "1", count: 100_000)) }
        #expect(throws: Never.self) { try parse(String(repeating: "1", count: 64)) }
        // Another encoding of Unicode is not JSON (section 8.1).
        for bytes: [UInt8] in [
            [0xff, 0xfe, 0x31, 0], [0xfe, 0xff, 0, 0x31], [0x31, 0], [0, 0x31], [0, 0, 0, 0x31],
        ] {
            #expect(throws: JSONError.self) { try JSONValue.parse(bytes, limits: JSONLimits(bytes: 64)) }
        }
    }

    @Test func membersKeepTheirOrderAndTheirSpelling() throws {
        let value = try parse(#"{"z":1,"a":[true,null],"é":"\u00e9","n":-0.50e+1}"#)
        let object = JSONObject([
            ("z", .number(JSONNumber(text: "1"))), ("a", .array([.bool(true), .null])), ("é", .string("é")),
            ("n", .number(JSONNumber(text: "-0.50e+1"))),
        ])
        #expect(value == .object(object))
        #expect(object["a"] == .array([.bool(true), .null]))
        #expect(object["b"] == nil)
        #expect(JSONObject()["a"] == nil)
    }

    /// Names are compared by their bytes: what only looks the same is another name.
    @Test func namesThatLookTheSameAreDifferent() throws {
        guard case .object(let object) = try parse("{\"\u{e9}\":1,\"e\u{301}\":2}") else {
            Issue.record("no object")
            return
        }
        #expect(object["\u{e9}"] == .number(JSONNumber(text: "1")))
        #expect(object["e\u{301}"] == .number(JSONNumber(text: "2")))
    }
}

extension JSONNumber {
    /// As the parser makes it.
    init(text: String) {
        guard case .number(let number)? = try? JSONValue.parse(Array(text.utf8), limits: JSONLimits(bytes: 64)) else {
            preconditionFailure("\(text) is no number")
        }
        self = number
    }
}
