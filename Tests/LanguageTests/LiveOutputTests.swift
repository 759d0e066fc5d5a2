internal import RunModel
internal import SandboxSpec
internal import Testing

/// What a program prints comes as it is written, in its order, in every language that can be told so; and what is said of programs
/// that do not parse.
@Suite("Live output", .enabled(if: Languages.canRun, "needs root"))
struct LiveOutputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let language: String
        let source: String
        var testDescription: String { language }
    }

    /// Each writes `a` and `c` to stdout and `b` to stderr between them, without a flush of its own: buffered, `b` would be first.
    /// Nothing is here of languages whose output is not live: docs/languages.md.
    static let cases = [
        Case(language: "awk", source: #"BEGIN { print "a"; print "b" > "/dev/stderr"; print "c" }"#),
        Case(language: "bash", source: "echo a; echo b >&2; echo c"),
        Case(
            language: "c",
            source: "#include <stdio.h>\nint main(void) { puts(\"a\"); fputs(\"b\\n\", stderr); puts(\"c\"); }\n"),
        Case(
            language: "cpp",
            source:
                "#include <iostream>\nint main() { std::cout << \"a\\n\"; std::cerr << \"b\\n\"; std::cout << \"c\\n\"; }\n"
        ),
        Case(
            language: "fortran",
            source: "print '(a)', 'a'\nwrite (0, '(a)') 'b'\nprint '(a)', 'c'\nend\n"),
        Case(
            language: "java",
            source: """
                class Main {
                    public static void main(String[] a) { System.out.println("a"); System.err.println("b"); System.out.println("c"); }
                }
                """),
        Case(language: "lua", source: #"io.write("a\n") io.stderr:write("b\n") io.write("c\n")"#),
        Case(language: "node", source: #"console.log("a"); console.error("b"); console.log("c")"#),
        Case(language: "perl", source: #"print "a\n"; print STDERR "b\n"; print "c\n";"#),
        Case(language: "php", source: #"<?php echo "a\n"; fwrite(STDERR, "b\n"); echo "c\n";"#),
        Case(language: "python", source: "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')\n"),
        Case(language: "r", source: "cat('a\\n'); message('b'); cat('c\\n')"),
        Case(language: "ruby", source: "puts 'a'; STDERR.puts 'b'; puts 'c'"),
    ]

    @Test(
        "stdout and stderr keep their order, cold and warm", arguments: cases.filter { Languages.isAsked($0.language) })
    func order(of one: Case) async throws {
        let workshop = try await Workshop.shared
        let plan = try workshop.plan(
            RunRequest(language: one.language, code: Array(one.source.utf8)))
        for preparation in [Workshop.Preparation.cold, .warm] {
            let result = try await workshop.run(plan, preparation)
            #expect(String(decoding: result.output.bytes, as: UTF8.self) == "a\nb\nc\n", "\(preparation.rawValue)")
        }
    }

    @Test("a shell that writes to both in turns is read in its turns")
    func turns() async throws {
        let workshop = try await Workshop.shared
        let source = "for i in 1 2 3 4 5 6 7 8 9; do echo out$i; echo err$i >&2; done"
        let result = try await workshop.run("bash", Array(source.utf8))
        let expected = (1...9).map { "out\($0)\nerr\($0)\n" }.joined()
        #expect(String(decoding: result.output.bytes, as: UTF8.self) == expected)
    }

    @Test("who wants it buffered has it buffered", arguments: ["c", "perl", "python", "ruby"])
    func full(language: String) async throws {
        let workshop = try await Workshop.shared
        let source = try #require(Self.cases.first { $0.language == language }).source
        let plan = try workshop.plan(
            RunRequest(
                language: language, code: Array(source.utf8), buffering: .full))
        let result = try await workshop.run(plan, .warm)
        #expect(String(decoding: result.output.bytes, as: UTF8.self) == "b\na\nc\n")
    }

    static let unparsable = [
        Case(language: "bash", source: "if then\n"), Case(language: "lua", source: "x = = 1\n"),
        Case(language: "node", source: "console.log(1\n"), Case(language: "perl", source: "print (1;\n"),
        Case(language: "php", source: "<?php echo (;\n"), Case(language: "python", source: "print(\n"),
        Case(language: "r", source: "x <- (1\n"), Case(language: "ruby", source: "puts (\n"),
    ]

    @Test("a program that does not parse is told from one that failed", arguments: unparsable)
    func syntax(of one: Case) async throws {
        guard Languages.isAsked(one.language) else { return }
        let workshop = try await Workshop.shared
        var request = RunRequest(language: one.language, code: Array(one.source.utf8))
        let run = try await workshop.run(try workshop.plan(request)).outcome
        #expect(run.verdict == .nonzeroExit && run.syntaxError)
        request.check = .syntax
        let look = try await workshop.run(try workshop.plan(request)).outcome
        #expect(look.verdict == .compileError && look.syntaxError)
        #expect(look.steps.map(\.step) == [.compile])
        // Empty programs parse, in all of these.
        request.code = []
        #expect(try await workshop.run(try workshop.plan(request)).outcome.verdict == .ok)
    }

    @Test("words of the program are no proof that it does not parse")
    func impostor() async throws {
        let source = "import sys\nprint('SyntaxError: no', file=sys.stderr)\nsys.exit(1)\n"
        let outcome = try await Workshop.shared.run("python", Array(source.utf8)).outcome
        #expect(outcome.verdict == .nonzeroExit && !outcome.syntaxError)
    }

    @Test("the commonest misses have a hint")
    func hints() async throws {
        let workshop = try await Workshop.shared
        let numpy = try await workshop.run("python", Array("import numpy\n".utf8)).outcome
        #expect(numpy.hints.first?.kind == "language" && numpy.hints.first?.language == "python-data")
        let network = "import urllib.request\nurllib.request.urlopen('http://example.org')\n"
        #expect(try await workshop.run("python", Array(network.utf8)).outcome.hints.map(\.kind) == ["network"])
        #expect(try await workshop.run("python", Array("1/0\n".utf8)).outcome.hints.isEmpty)
    }

    @Test("time zones are there")
    func zones() async throws {
        let source = "TZ=Asia/Shanghai date -d @1700000000 '+%F %T %z'"
        let result = try await Workshop.shared.run("bash", Array(source.utf8))
        #expect(String(decoding: result.stdout.bytes, as: UTF8.self) == "2023-11-15 06:13:20 +0800\n")
    }
}
