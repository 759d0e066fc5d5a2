import Foundation
import Testing

@testable import ConfigurationFiles
@testable import Examples

@Suite("Mistakes in example files")
struct MistakeTests {
    /// A good description with some lines replaced, and what has to be said.
    private static let cases: [(change: (String, String), said: [String])] = [
        (("version: 1", "version: 2"), ["example.yaml:1: version: found \"2\", allowed 1"]),
        (("title: Good\n", ""), ["title: found nothing"]),
        (("title: Good", "title: \"two\\nlines\""), ["example.yaml:2: title", "one line"]),
        (("title: Good", "titel: Good"), ["example.yaml:2: titel: found an unknown key", "did you mean \"title\"?"]),
        (("title: Good", "title: \(String(repeating: "x", count: 81))"), ["81 characters"]),
        (("category: basics", "category: basic"), ["example.yaml:4: category", "did you mean \"basics\"?"]),
        (("difficulty: beginner", "difficulty: easy"), ["beginner, intermediate, advanced"]),
        (("version: 1\n", "version: 1\nid: Big\n"), ["example.yaml:2: id: found \"Big\""]),
        (("main: main.py", "main: other.py"), ["example.yaml:6: main", "there is no such file"]),
        (("main: main.py", "main: ../main.py"), ["main: found \"../main.py\"", "a path in this directory"]),
        (("main: main.py", "main: example.yaml"), ["another file than the description itself"]),
        (("main: main.py", "main: main.py\nfiles: [a, a]"), ["files[1]", "twice"]),
        (("main: main.py", "main: main.py\nfiles: [gone.csv]"), ["gone.csv", "there is no such file"]),
        (("main: main.py", "main: main.py\nfiles: [link]"), ["this is a symbolic link"]),
        (("main: main.py", "main: main.py\nfiles: [binary]"), ["it is not UTF-8 text"]),
        (("main: main.py", "main: main.py\nfiles: [large]"), ["at most 65536 may be"]),
        (("main: main.py", "main: main.py\nfiles: [folder]"), ["this is no regular file"]),
        (("main: main.py", "main: empty.py"), ["which is empty"]),
        (("main: main.py", "main: main.py\nsolution: main.py"), ["a file that is not shown"]),
        (("main: main.py", "main: main.py\nshow: {first: 0, last: 1}"), ["show.first", "1 to 2"]),
        (("main: main.py", "main: main.py\nshow: {first: 2, last: 1}"), ["show.last", "2 or more"]),
        (("main: main.py", "main: main.py\nnetwork: egress"), ["network: found \"egress\"", "loopback"]),
        (("main: main.py", "main: main.py\ntags: [one, one]"), ["tags[1]", "twice"]),
        (("main: main.py", "main: main.py\nhints: [\"a\\nb\"]"), ["hints[0]", "one line"]),
        (("check:\n  - stdout: \"hello\\n\"\n", ""), ["check: found nothing"]),
        (("check:\n  - stdout: \"hello\\n\"\n", "check: []\n"), ["at least one check"]),
        (("  - stdout: \"hello\\n\"", "  - stdin: x"), ["check[0].stdout: found nothing"]),
        (("  - stdout:", "  - inputs: {who: x}\n    stdout:"), ["check[0].inputs.who", "none: there are no inputs"]),
        (("check:", "inputs: {n: {type: whole, default: 1}}\ncheck:"), ["inputs.n.type", "integer"]),
        (("check:", "inputs: {n: {type: integer, default: x}}\ncheck:"), ["inputs.n.default", "a whole number"]),
        (("check:", "inputs: {n: {type: integer}}\ncheck:"), ["inputs.n.default: found nothing"]),
        (
            ("check:", "inputs: {n: {type: integer, default: 9, minimum: 1, maximum: 5}}\ncheck:"),
            ["inputs.n.default: found \"9\"", "a whole number, 1 to 5"]
        ),
        (("check:", "inputs: {n: {type: integer, default: 1, minimum: 5, maximum: 1}}\ncheck:"), ["less than minimum"]),
        (("check:", "inputs: {c: {type: choice, default: a}}\ncheck:"), ["inputs.c.choices: found nothing"]),
        (("check:", "inputs: {c: {type: choice, default: c, choices: [a, b]}}\ncheck:"), ["one of a, b"]),
        (("check:", "inputs: {c: {type: text, default: c, choices: [a, b]}}\ncheck:"), ["because type is text"]),
        (("check:", "inputs: {c: {type: text, default: \"a\\nb\"}}\ncheck:"), ["one line of at most 1000 characters"]),
        (("check:", "inputs: {1st: {type: text, default: a}}\ncheck:"), ["inputs.1st", "a letter"]),
        (("check:", "inputs: {c: {type: text, default: a, through: shell}}\ncheck:"), ["stdin, argument, environment"]),
        (
            ("check:", "inputs: {c: {type: text, default: a, through: environment, name: LD_PRELOAD}}\ncheck:"),
            ["found \"LD_PRELOAD\"", "that no loader"]
        ),
        (("check:", "inputs: {c: {type: text, default: a, through: file}}\ncheck:"), ["the name of the file"]),
        (
            ("check:", "inputs: {c: {type: text, default: a, through: file, name: /etc/passwd}}\ncheck:"),
            ["a path relative to /box"]
        ),
        (("title: Good", "title: *anchor"), ["example.yaml:2", "an alias (*)"]),
        (("title: Good", "\ttitle: Good"), ["a tab"]),
        (("title: Good", "title: Good\ntitle: Again"), ["the key twice"]),
    ]

    @Test("each is named with its file, line and key, what was found and what is allowed", arguments: cases.indices)
    func mistake(index: Int) throws {
        let (change, said) = Self.cases[index]
        let yaml = ExampleFixture.good.replacing(change.0, with: change.1)
        try #require(yaml != ExampleFixture.good)
        let fixture = try ExampleFixture()
        for file in ["a", "empty.py"] { try fixture.write(file == "a" ? "x" : "", file: file) }
        try fixture.write(String(repeating: "x", count: 65_537), file: "large")
        try fixture.write("x", "python/good/folder", file: "x")
        let place = fixture.path + "/one/python/good"
        try FileManager.default.createSymbolicLink(atPath: place + "/link", withDestinationPath: "/etc/passwd")
        try Data([0x66, 0xff, 0x00]).write(to: URL(fileURLWithPath: place + "/binary"))
        let lines = try fixture.mistakes(yaml)
        let all = lines.joined(separator: "\n")
        #expect(!lines.isEmpty && lines[0].hasPrefix("example.yaml:"), "\(all)")
        for words in said { #expect(all.contains(words), "\(words) in \(all)") }
        #expect(try fixture.library().examples.isEmpty)
    }

    @Test("several are named together")
    func together() throws {
        let yaml = ExampleFixture.good.replacing("category: basics", with: "category: x")
            .replacing("difficulty: beginner", with: "difficulty: y").replacing("main: main.py", with: "main: z")
        #expect(try ExampleFixture().mistakes(yaml).count == 3)
    }

    @Test("a directory without a description, or with a bad name, is an error; a file beside directories is none")
    func directories() throws {
        let fixture = try ExampleFixture()
        try fixture.write("x", "python/nothing", file: "main.py")
        try fixture.write(ExampleFixture.good, "python/Bad Name")
        try fixture.write("x", "python", file: "README.md")
        let library = try fixture.library()
        #expect(Set(library.broken.keys) == ["python/nothing", "python/Bad Name"])
        let all = library.diagnostics?.description ?? ""
        #expect(all.contains("nothing/example.yaml: there is no such file"), "\(all)")
        #expect(all.contains("the directory has the name \"Bad Name\""), "\(all)")
    }

    @Test("of two with one id the second is named, with the first")
    func sameID() throws {
        let fixture = try ExampleFixture()
        let yaml = ExampleFixture.good.replacing("version: 1", with: "version: 1\nid: same")
        for place in ["python/a", "python/b"] {
            try fixture.write(yaml, place)
            try fixture.write("print()\n", place, file: "main.py")
        }
        let library = try fixture.library()
        #expect(library.examples.map(\.place) == ["python/a"])
        #expect(library.diagnostics?.description.contains("python/a/example.yaml has too") == true)
    }

    @Test("a language that is no image is an error of the check")
    func unknownLanguage() throws {
        let fixture = try ExampleFixture()
        _ = try fixture.example(ExampleFixture.good)
        let library = try fixture.library()
        #expect(library.errors(languages: ["python"]).isEmpty)
        let errors = library.errors(languages: ["pyton"])
        #expect(errors.count == 1 && errors[0].contains("did you mean \"pyton\"?"), "\(errors)")
    }
}
