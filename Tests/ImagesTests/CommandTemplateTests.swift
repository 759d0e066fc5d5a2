import SandboxSpec
import Testing

@testable import Images

@Suite struct CommandTemplateTests {
    private func program(_ main: String, _ others: [String] = [], options: [String] = []) throws -> ProgramFiles {
        ProgramFiles(
            main: try BoxPath(main), sources: try others.map { try BoxPath($0) } + [try BoxPath(main)], options: options
        )
    }

    @Test func placesAreFilled() throws {
        let template: CommandTemplate = ["cc", "{options}", "-o", "main", "{sources}", "-lm"]
        #expect(
            template.command(for: try program("main.c", ["a.c", "b/c.c"], options: ["-O3", "-g"]))
                == ["cc", "-O3", "-g", "-o", "main", "a.c", "b/c.c", "main.c", "-lm"])
        #expect(template.command(for: try program("main.c")) == ["cc", "-o", "main", "main.c", "-lm"])
    }

    @Test func whatMakesOutputLiveCanBeLeftOut() throws {
        let template = CommandTemplate(["cc", "{sources}", "{live}", "-lm"], live: ["live.o", "-x"])
        let main = try BoxPath("a.c")
        #expect(template.command(for: try program("a.c")) == ["cc", "a.c", "live.o", "-x", "-lm"])
        #expect(
            template.command(for: ProgramFiles(main: main, sources: [main], isLive: false)) == ["cc", "a.c", "-lm"])
        #expect(CommandTemplate.diagnostic(in: "-x{live}") != nil)
    }

    @Test(arguments: [
        ("{main}", "a/b.c/App.java"), ("{stem}", "a/b.c/App"), ("{class}", "a.b.c.App"), ("{directory}", "./a/b.c"),
        ("{stem}.js", "a/b.c/App.js"), ("-x={main}:{stem}", "-x=a/b.c/App.java:a/b.c/App"), ("{other}", "{other}"),
        ("{", "{"), ("$x{", "$x{"),
    ])
    func aPlaceMayBePartOfAWord(word: String, filled: String) throws {
        #expect(CommandTemplate([word]).command(for: try program("a/b.c/App.java")) == [filled])
    }

    @Test func whatIsPutInIsNotFilledAgain() throws {
        #expect(CommandTemplate(["{main}"]).command(for: try program("{stem}.x")) == ["./{stem}.x"])
        #expect(CommandTemplate(["{directory}"]).command(for: try program("main.go")) == ["."])
    }

    @Test func aNameIsNeverAnOption() throws {
        let template: CommandTemplate = ["{main}", "{sources}", "{stem}"]
        let command = template.command(for: try program("-m.c", ["-rf.c"]))
        #expect(command == ["./-m.c", "./-rf.c", "./-m.c", "./-m"])
        // What compilers read options from.
        #expect(template.command(for: try program("é.c", ["@x.c"])) == ["é.c", "./@x.c", "é.c", "é"])
    }

    @Test func onlyPlacesForTheMainFileLetOneChoose() throws {
        #expect(CommandTemplate(["sh", "{main}"]).takesMain)
        #expect(CommandTemplate(["java", "{class}"]).takesMain)
        #expect(!CommandTemplate(["cc", "{options}", "main.c"]).takesMain)
    }

    @Test(arguments: [
        ("3.11.2-6", "3.11.2"), ("4:12.2.0-3", "12.2.0"), ("2:2.2.9.debian-1", "2.2.9"), ("x", ""),
        ("4.2.2.20221110-2", "4.2.2"),
    ])
    func aDebianVersionBeginsWithTheUpstreamOne(debian: String, upstream: String) {
        #expect(Release.upstream(debian) == upstream)
    }

    @Test func theExactVersionIsThatOfThePackage() {
        let release = Release(version: "3.11", package: "python3.11")
        #expect(release.exact(in: [PackageVersion(name: "python3.11", version: "3.11.2-6")]) == "3.11.2")
        #expect(release.exact(in: [PackageVersion(name: "python3.11", version: "3.1.2-6")]) == "3.11")
        #expect(release.exact(in: []) == "3.11")
    }
}
