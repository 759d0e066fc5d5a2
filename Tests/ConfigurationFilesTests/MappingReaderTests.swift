import Testing

@testable import ConfigurationFiles

@Suite("Typed accessors")
struct MappingReaderTests {
    /// The errors that reading `text` makes.
    func check(_ text: String, _ body: (MappingReader) -> Void) throws -> [String] {
        let log = DiagnosticLog()
        if let reader = MappingReader(try YAMLReader.parse(text, file: "f.yaml"), log: log) { body(reader) }
        return diagnostics { () throws(ConfigurationError) in try log.throwIfAny() }
    }

    enum Colour: String, CaseIterable { case red, green }

    @Test("read what is there")
    func values() throws {
        let text = """
            s: text
            n: 12
            l: [a, "b c", 3]
            e: []
            m: {K: v, EMPTY: ""}
            c: green
            t: true
            """
        let found = try check(text) { reader in
            #expect(reader.string("s", required: true)?.value == "text")
            #expect(reader.string("n")?.value == "12")
            #expect(reader.integer("n", in: 1...12)?.value == 12)
            #expect(reader.strings("l")?.map(\.value) == ["a", "b c", "3"])
            #expect(reader.strings("e")?.isEmpty == true)
            #expect(reader.strings("absent") == nil)
            #expect(reader.stringMap("m")?.map(\.value.value) == ["v", ""])
            #expect(reader.choice("c", of: Colour.self)?.value == .green)
            #expect(reader.boolean("t")?.value == true)
            #expect(reader.choice("absent", of: Colour.self) == nil)
        }
        #expect(found.isEmpty)
    }

    @Test("say what was found and what is allowed, all at once and in order")
    func diagnosticsInOrder() throws {
        let text = """
            s: [x]
            n: 13
            o: 007
            l: [a, [b]]
            c: gren
            t: yes
            e:
            nam: x
            m: 5
            q: ""
            z: "a\\0b"
            """
        let found = try check(text) { reader in
            reader.rejectKeys(notIn: ["s", "n", "o", "l", "c", "t", "e", "name", "m", "q", "z"])
            _ = reader.string("s")
            _ = reader.integer("n", in: 1...12)
            _ = reader.integer("o", in: 1...12)
            _ = reader.strings("l")
            _ = reader.choice("c", of: Colour.self)
            _ = reader.boolean("t")
            _ = reader.string("e")
            _ = reader.string("name", required: true)
            _ = reader.mapping("m")
            _ = reader.string("q")
            _ = reader.string("z")
        }
        #expect(
            found == [
                "f.yaml:1: name: found nothing, allowed text",
                "f.yaml:1: s: found a list of 1, allowed text",
                "f.yaml:2: n: found \"13\", allowed a number from 1 to 12",
                "f.yaml:3: o: found \"007\", allowed a number from 1 to 12",
                "f.yaml:4: l[1]: found a list of 1, allowed text",
                "f.yaml:5: c: found \"gren\", allowed red, green (did you mean \"green\"?)",
                "f.yaml:6: t: found \"yes\", allowed true or false",
                "f.yaml:7: e: found nothing, allowed text",
                "f.yaml:8: nam: found an unknown key, allowed s, n, o, l, c, t, e, name, m, q, z (did you mean "
                    + "\"name\"?)",
                "f.yaml:9: m: found \"5\", allowed a mapping (key: value)",
                "f.yaml:10: q: found empty text, allowed text of 1 to 1024 bytes",
                "f.yaml:11: z: found text with a NUL character, allowed text without one",
            ])
    }

    @Test(
        "refuse numbers that are none",
        arguments: ["-1", "+1", "1.5", "1e3", "0x10", "\"5\"", "99999999999999999999", ".inf", "[1]", "~"])
    func numbers(text: String) throws {
        let found = try check("n: \(text)\n") { _ = $0.integer("n", in: 0...Int64.max) }
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix("allowed a number from 0 to 9223372036854775807") == true)
    }

    @Test("show foreign text without its control characters, and not all of it")
    func quoting() {
        #expect(ConfigurationDiagnostic.quote("a\u{1B}[31m\n\"") == #""a\u{1B}[31m\n\"""#)
        #expect(ConfigurationDiagnostic.quote("a\u{202E}b") == #""a\u{202E}b""#)
        #expect(ConfigurationDiagnostic.quote(String(repeating: "é", count: 70)).count == 63)
    }

    @Test("count errors beyond the most that are kept")
    func manyDiagnostics() throws {
        let text = (0..<300).map { "key\($0): 1\n" }.joined()
        let log = DiagnosticLog()
        MappingReader(try YAMLReader.parse(text, file: "f"), log: log)?.rejectKeys(notIn: ["cpu"])
        do throws(ConfigurationError) {
            try log.throwIfAny()
            Issue.record("no errors")
        } catch {
            #expect(error.diagnostics.count == DiagnosticLog.maximum)
            #expect(error.omitted == 100)
            #expect(error.description.hasSuffix("\nand 100 more errors"))
        }
    }

    @Test(
        "suggest only what is close",
        arguments: [
            ("cup", "cpu"), ("CPU", "cpu"), ("memroy", "memory"), ("wal", "wall"), ("fil_size", "file_size"),
            ("openfiles", "open_files"), ("banana", nil), ("x", nil), ("", nil),
            (String(repeating: "c", count: 100_000), nil),
        ] as [(String, String?)])
    func suggestions(word: String, wanted: String?) {
        let names = ["cpu", "wall", "idle", "memory", "processes", "file_size", "open_files"]
        #expect(Suggestion.hint(for: word, among: names) == wanted.map { "did you mean \"\($0)\"?" })
    }
}
