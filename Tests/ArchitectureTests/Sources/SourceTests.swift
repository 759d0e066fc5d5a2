internal import Testing

@Suite("Source files")
struct SourceTests {
    private static let swift = Repository.files(below: "Sources", extensions: ["swift"])
    private static let all = Repository.files(below: "Sources", extensions: ["swift", "c", "h", "modulemap"])

    @Test("Every unsafe expression says why it is safe, and nothing traps on purpose")
    func swiftRules() throws {
        var complaints: [String] = []
        for file in Self.swift {
            let code = SwiftCode(try Repository.text(file))
            let target = file.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            let privileged = TargetTable.zone(of: target)?.isPrivileged ?? false
            complaints += SourceGuard.unexplained(code, file: file, privileged: privileged)
            complaints += SourceGuard.traps(code, file: file)
        }
        #expect(complaints == [])
        try #require(Self.swift.count > 50, "the sources were not found")
    }

    @Test("Files are short, finished and at home on every machine")
    func textRules() throws {
        var complaints: [String] = []
        for file in Self.all {
            let text = try Repository.text(file)
            complaints += SourceGuard.tooLong(text, file: file)
            complaints += SourceGuard.unfinished(text, file: file)
        }
        let others =
            ["images", "policies", "deploy"].flatMap {
                Repository.files(below: $0, extensions: ["yaml", "py", "sh", ""])
            }
            + Repository.files(below: "docs", extensions: ["md"]) + ["Package.swift", "README.md"]
        for file in Self.all + others {
            complaints += SourceGuard.machinePaths(
                try Repository.text(file), file: file, root: Repository.path)
        }
        #expect(complaints == [])
        try #require(Self.all.count > Self.swift.count, "the C sources were not found")
    }

    // MARK: - The guards can fail

    @Test("An unsafe expression without a reason is noticed")
    func unexplained() {
        let bare = SwiftCode("let a = unsafe pointer.pointee\n")
        #expect(SourceGuard.unexplained(bare, file: "A+Unsafe.swift", privileged: true).count == 1)
        let explained = SwiftCode("// SAFETY: it lives as long as we do.\nlet a = unsafe pointer.pointee\n")
        #expect(SourceGuard.unexplained(explained, file: "A+Unsafe.swift", privileged: true) == [])
        let far = "// SAFETY: of something else.\n" + String(repeating: "\n", count: 12) + "unsafe free(p)\n"
        #expect(SourceGuard.unexplained(SwiftCode(far), file: "A+Unsafe.swift", privileged: true).count == 1)
        #expect(SourceGuard.unexplained(explained, file: "A.swift", privileged: true).count == 1)
        #expect(SourceGuard.unexplained(explained, file: "A.swift", privileged: false) == [])
    }

    @Test("The word unsafe elsewhere is none of it")
    func otherUnsafe() {
        let code = SwiftCode(
            "let a = \"--force-unsafe-io\" // unsafe\nnonisolated(unsafe) var b = 1\n@unsafe struct C {}\n")
        #expect(SourceGuard.unexplained(code, file: "A.swift", privileged: true) == [])
    }

    @Test(
        "A forced unwrap is noticed",
        arguments: [
            "a!", "f()!.b", "x[0]! + 1", "try! f()", "a as! B", "var a: Int!", "\"\\(a!)\"", "fatalError(\"no\")",
        ])
    func trap(_ line: String) {
        #expect(SourceGuard.traps(SwiftCode(line), file: "A.swift").count == 1)
    }

    @Test(
        "Other exclamation marks are none",
        arguments: ["if !a { }", "a != b", "f(!a)", "\"stop!\"", "// stop!", "/* a! */ b", "#\"a!\"#", "x!==y"])
    func noTrap(_ line: String) {
        #expect(SourceGuard.traps(SwiftCode(line), file: "A.swift") == [])
    }

    @Test("Literals over several lines are blanked, and the code behind them is not")
    func literals() {
        let code = SwiftCode("let a = \"\"\"\n  b! \\(c!)\n  \"\"\"; d!\n/* e!\n f! /* g! */ h! */ i!\n")
        #expect(
            SourceGuard.traps(code, file: "A.swift").map { $0.prefix(9) } == ["A.swift:2", "A.swift:3", "A.swift:5"])
    }

    @Test("Unfinished work, long files and paths of one machine are noticed")
    func texts() {
        #expect(SourceGuard.unfinished("// TO" + "DO later", file: "a.c") == ["a.c:1: TO" + "DO"])
        #expect(SourceGuard.unfinished("done", file: "a.c") == [])
        #expect(SourceGuard.tooLong(String(repeating: "\n", count: 401), file: "a.c").count == 1)
        #expect(SourceGuard.tooLong(String(repeating: "\n", count: 400), file: "a.c") == [])
        #expect(SourceGuard.machinePaths("x\n/ho" + "me/me/x", file: "a", root: "/src") == ["a:2: /ho" + "me/"])
        #expect(SourceGuard.machinePaths("in /a/b/c", file: "a", root: "/a/b") == ["a:1: /a/b/"])
        #expect(SourceGuard.machinePaths("in /src/c", file: "a", root: "/src") == [])
    }
}
