import TestSupport
import Testing

@testable import ConfigurationFiles

@Suite("YAML reader")
struct YAMLReaderTests {
    func read(_ text: String) -> [String] {
        diagnostics { () throws(ConfigurationError) in _ = try YAMLReader.parse(text, file: "f.yaml") }
    }

    @Test("knows line and column of keys and values")
    func locations() throws {
        let root = try YAMLReader.parse("# comment\na: 1\nb:\n  - x\n  - {y: z}\n", file: "f.yaml")
        guard case .mapping(let entries) = root.content else {
            Issue.record("not a mapping")
            return
        }
        #expect(entries.map(\.key) == ["a", "b"])
        #expect(entries[0].keyLocation == SourceLocation(file: "f.yaml", line: 2, column: 1))
        #expect(entries[0].value.location == SourceLocation(file: "f.yaml", line: 2, column: 4))
        guard case .sequence(let items) = entries[1].value.content, case .mapping(let inner) = items[1].content else {
            Issue.record("not a list with a mapping")
            return
        }
        #expect(items[0].location == SourceLocation(file: "f.yaml", line: 4, column: 5))
        #expect(inner[0].value.content == .scalar("z", quoted: false))
        #expect(inner[0].value.location == SourceLocation(file: "f.yaml", line: 5, column: 9))
    }

    @Test(
        "refuses what a configuration has no need of",
        arguments: [
            ("a: 1\nb: &x 2\n", "f.yaml:2: found an anchor (&), allowed plain values"),
            ("a: &x {b: c}\nd: *x\n", "f.yaml:1: found an anchor (&), allowed plain values"),
            ("a: *nobody\n", "f.yaml:1: found an alias (*), allowed plain values"),
            ("a: [*.png]\n", "f.yaml:1: found an alias (*), allowed plain values"),
            ("? &k [1]\n: 2\n", "f.yaml:1: found an anchor (&), allowed plain values"),
            ("a: 1\r\nb: !!str 2\r\n", "f.yaml:2: found a tag (!), allowed plain values"),
            ("a: !<tag:x> 2\n", "f.yaml:1: found a tag (!), allowed plain values"),
            (
                "a:\n  b: 1\n  c: 2\n  b: 3\n",
                "f.yaml:4: b: found the key twice, first at line 2, allowed each key once"
            ),
            ("a: 1\n\"a\": 2\n", "f.yaml:2: a: found the key twice, first at line 1, allowed each key once"),
            ("{a: 1, a: 2}\n", "f.yaml:1: a: found the key twice, first at line 1, allowed each key once"),
            ("a: 1\n<<: {b: 2}\n", "f.yaml:2: found the merge key \"<<\", allowed the keys themselves"),
            ("? [a, b]\n: 1\n", "f.yaml:1: found a collection as a key, allowed a word as a key"),
            ("{{a: 1}: 2, {a: 1}: 3}\n", "f.yaml:1: found a collection as a key, allowed a word as a key"),
            ("a: 1\n---\nb: 2\n", "f.yaml:2: found a second document, allowed one document in a file"),
            ("a: 1\nb: [1, 2\nc: 3\n", "f.yaml:3: "),
            ("a: 1\n\tb: 2\n", "f.yaml:2: found a tab in column 1 that indents the line, allowed spaces"),
            ("a: 1\nb: \u{7}\n", "f.yaml:2: found the control character 7, allowed printable text"),
            ("a: 1\nb: \u{FEFF}x\n", "f.yaml:2: found a byte order mark (U+FEFF), allowed UTF-8 text without one"),
            ("", "f.yaml: this file says nothing (every file begins with version: 1)"),
            ("# nothing but a comment\n", "f.yaml: this file says nothing"),
        ])
    func refuses(text: String, message: String) {
        let found = read(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(message) == true, "\(found)")
    }

    @Test("takes the same characters inside text and comments")
    func harmless() throws {
        let text = "a: \"& * !\" # &x *y !z\nb: x & y * z!\nc: |\n  &a *b !c\nd: '*'\n"
        let reader = try #require(MappingReader(try YAMLReader.parse(text, file: "f.yaml"), log: DiagnosticLog()))
        #expect(reader.string("a")?.value == "& * !")
        #expect(reader.string("b")?.value == "x & y * z!")
        #expect(reader.string("c")?.value == "&a *b !c\n")
        #expect(reader.string("d")?.value == "*")
    }

    @Test("stops bombs before they go off", .timeLimit(.minutes(1)))
    func bombs() {
        var laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1...30 {
            let alias = "*a\(level - 1)"
            laughs += "a\(level): &a\(level) [\(Array(repeating: alias, count: 9).joined(separator: ", "))]\n"
        }
        #expect(read(laughs) == read("a0: &a0 1"))
        // As keys, they would be expanded by the check for duplicates, while the document is still being read.
        var keys = "- &a0 [x, x]\n"
        for level in 1...40 { keys += "- &a\(level) {? [*a\(level - 1), *a\(level - 1)] : 1}\n" }
        #expect(read(keys).first?.contains("an anchor") == true)
    }

    @Test("bounds size, depth and number of values")
    func bounds() {
        let big = "a: " + String(repeating: "x", count: YAMLReader.maximumBytes)
        #expect(read(big) == ["f.yaml:1: found 262147 bytes, allowed at most 262144 bytes"])
        for depth in [17, 900, 5000, 100_000] {
            for text in [
                String(repeating: "[", count: depth) + String(repeating: "]", count: depth),
                String(repeating: "- ", count: depth) + "a",
            ] {
                let found = read(text)
                #expect(found.count == 1)
                #expect(found.first?.contains("more than 16 collections inside each other") == true, "\(found)")
            }
        }
        #expect(read(String(repeating: "[", count: 16) + String(repeating: "]", count: 16)).isEmpty)
        let many = "a: [" + String(repeating: "x,", count: 30_000) + "]"
        #expect(read(many).first?.contains("more than 20000 values, allowed at most 20000 in one file") == true)
    }

    @Test("never traps, and never lets an anchor, alias or tag through")
    func fuzz() {
        let pieces = [
            "a", "b: ", "- ", "? ", ": ", "\n", "\n  ", "\n    ", " ", "&x ", "*x ", "!t ", "!!str ", "\"", "'", "|\n",
            ">\n",
            "[", "]", "{", "}", ",", "#", " # ", "\\", "---\n", "...\n", "%YAML 1.1\n", "<<: ", "~", "é", "\u{2028}",
            "\u{FEFF}", "\t", "\r\n", "@", "`", "1", "5s", "\"\\x", "\\u12", "&", "*", "!", "%TAG ! a\n",
        ]
        var random = SeededGenerator(seed: 2026)
        var accepted = 0
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...14, using: &random) { text += pieces.randomElement(using: &random) ?? "" }
            let node: YAMLNode
            do throws(ConfigurationError) {
                node = try YAMLReader.parse(text, file: "f")
            } catch {
                // Everything the parser can complain about is told in words of ours.
                for words in [
                    "while scanning", "while parsing", "did not find", "could not find", "not YAML", "context",
                ] {
                    #expect(!error.description.contains(words), "\(text.debugDescription): \(error)")
                }
                continue
            }
            accepted += 1
            // A marker that got through would have left an anchored name behind, or a mark with no text.
            for scalar in plainScalars(node) {
                let first = scalar.unicodeScalars.first
                #expect(first != "&" && first != "*" && first != "!", "\(text.debugDescription)")
            }
            let once = text.unicodeScalars.filter { "&*!".unicodeScalars.contains($0) }.count
            let kept = allText(node).unicodeScalars.filter { "&*!".unicodeScalars.contains($0) }.count
            // Comments may lose some; nothing may gain any, which an expanded alias would.
            #expect(kept <= once, "\(text.debugDescription)")
        }
        #expect(accepted > 500, "the fuzzer makes too little that is YAML: \(accepted)")
    }

    func plainScalars(_ node: YAMLNode) -> [String] {
        switch node.content {
        case .scalar(let text, let quoted): quoted ? [] : [text]
        case .sequence(let items): items.flatMap(plainScalars)
        case .mapping(let entries): entries.flatMap { plainScalars($0.value) }
        }
    }

    func allText(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let text, _): text
        case .sequence(let items): items.map(allText).joined()
        case .mapping(let entries): entries.map { $0.key + allText($0.value) }.joined()
        }
    }
}
