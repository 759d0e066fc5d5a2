import Testing

@testable import ConfigurationFiles

@Suite("YAML that is none")
struct YAMLWordsTests {
    private func read(_ text: String) -> [String] {
        diagnostics { () throws(ConfigurationError) in _ = try YAMLReader.parse(text, file: "f.yaml") }
    }

    @Test(
        "is told in plain words, with line and column",
        arguments: [
            (
                "a:\n\tb: 1\n",
                "f.yaml:2: found a tab in column 1 that indents the line, allowed spaces: a tab cannot indent"
            ),
            ("a:\n  b: 1\n  \tc: 2\n", "f.yaml:3: found a tab in column 3 that indents the line"),
            (
                "a: 1\nbee\nc: 2\n",
                "f.yaml:2: found a line that is no key: value, in column 1, allowed a colon and a blank"
            ),
            ("a: b: c\n", "f.yaml:1: found a colon where no value can begin, in column 5"),
            ("a: - b\n", "f.yaml:1: found a list item (-) behind something else, in column 4"),
            (
                "a: @default\n",
                "f.yaml:1: found \"@\" at the beginning of a value, in column 4, allowed text that begins"
            ),
            ("a: 'b\nc: d\n", "f.yaml:1: found a quote that is never closed, in column 4"),
            ("a: \"\\q\"\n", "f.yaml:1: found an unknown escape (\\) in double quotes"),
            ("a: \"\\xg\"\n", "f.yaml:1: found an escape without its digits"),
            ("a: [1, 2\nb: 3\n", "f.yaml:2: "),
            ("a: {b: 1 c: 2}\n", "f.yaml:1: "),
            ("a: 1\n  b: 2\n", "f.yaml:2: found a colon where no value can begin"),
            ("a:\n  - 1\n b: 2\n", "f.yaml:3: "),
            ("- a\nb: 1\n", "f.yaml:2: found a line that is no item of the list around it, in column 1"),
            ("a: 1\n- b\n", "f.yaml:2: "),
            ("a: |x\n  b\n", "f.yaml:1: found text behind | or >"),
            ("a: |0\n  b\n", "f.yaml:1: found the indentation 0 behind | or >"),
            ("%YAML 9\n---\na: 1\n", "f.yaml:1: found a directive (%)"),
            ("a: \u{FFFE}\n", "f.yaml:1: found the character U+FFFE that no text has, allowed printable UTF-8 text"),
        ])
    func words(text: String, message: String) {
        let found = read(text)
        #expect(found.count == 1 && found.first?.hasPrefix(message) == true, "\(found)")
        #expect(found.first?.contains("not YAML") == false, "\(found)")
    }
}
