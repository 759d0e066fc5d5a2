import Foundation
import Glibc
import RunModel
import TestSupport
import Testing

@Suite(.enabled(if: NestboxExecutable.path != nil, "nestbox has not been built"))
struct RunErrorTests {
    private let toys: Toys

    init() throws {
        toys = try Toys()
    }

    /// Exit status 125, nothing on stdout, one line on stderr that says who speaks and contains `words`.
    private func refuses(
        _ arguments: [String], _ words: String..., input: String = "", location: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try toys.nestbox(["run"] + arguments, input: input)
        #expect(answer.status == 125, sourceLocation: location)
        #expect(answer.stdout == "", sourceLocation: location)
        #expect(answer.stderr.hasPrefix("nestbox: "), sourceLocation: location)
        #expect(answer.stderr.split(separator: "\n").count == 1, "\(answer.stderr)", sourceLocation: location)
        for word in words { #expect(answer.stderr.contains(word), "\(answer.stderr)", sourceLocation: location) }
    }

    @Test func filesThatCannotBeRun() throws {
        try refuses([], "<file>")
        try refuses(["missing.toy"], "cannot read source missing.toy: there is no such file")
        try refuses(["images"], "extension")
        try refuses(["-l", "toy", "images"], "directory")
        try refuses(["-l", "toy", "/dev/null"], "regular file")
        try refuses(["-"], "--language")
        try refuses(["--stdin", "missing", "hello.toy"], "stdin", "missing")
    }

    @Test func aSourceThatIsTooLargeIsNamedWithItsSizeAndTheLimit() throws {
        let path = toys.path + "/large.toy"
        try #require(FileManager.default.createFile(atPath: path, contents: nil))
        // 200 MB without a block on the disk.
        try #require(truncate(path, 200_000_000) == 0)
        try refuses(["large.toy"], "200000000 bytes", "1MiB")
        try refuses(["--file", "a=large.toy", "hello.toy"], "200000000 bytes", "1MiB")
        try refuses(["-l", "toy", "-"], "1MiB", input: String(repeating: "x", count: 1_200_000))
    }

    @Test func wordsThatAreNotKnown() throws {
        try refuses(["-l", "toi", "hello.toy"], "\"toi\"; did you mean \"toy\"?", "'nestbox image list' shows all")
        try refuses(["-p", "toi", "hello.toy"], "\"toi\"; did you mean \"toy\"?", "'nestbox policy list' shows all")
        try refuses(["--bogus", "hello.toy"], "--bogus", "'nestbox run --help'")
        try toys.scratch.write("x", to: "hello.f90")
        try refuses(["hello.f90"], "f90")
    }

    @Test(arguments: [
        "cpu=0s", "cpu=-1s", "cpu=nan", "cpu=1000h", "cpu=2", "cpu", "=2s", "cpuu=2s", "cpu=6s", "memory=0",
    ])
    func limitsThatCannotBe(limit: String) throws {
        try refuses(["--limit", limit, "hello.toy"], "limit")
    }

    @Test func aLimitSaidTwiceIsOneTooMany() throws {
        try refuses(["--limit", "cpu=1s", "--limit", "cpu=2s", "hello.toy"], "twice")
    }

    @Test(arguments: ["../x", "a/../../x", "/x", "a\nb", "a//b", "main.toy"])
    func fileNamesThatCannotBe(name: String) throws {
        try refuses(["--file", name + "=hello.toy", "hello.toy"], "file name")
    }

    @Test func moreFileNamesThatCannotBe() throws {
        try refuses(["--file", String(repeating: "x", count: 256) + "=hello.toy", "hello.toy"], "255 bytes")
        try refuses(["--file", "noequals", "hello.toy"], "NAME=PATH")
        try refuses(["--file", "x=missing", "hello.toy"], "cannot read file missing: there is no such file")
        try refuses(["--env", "noequals", "hello.toy"], "KEY=VALUE")
        try refuses(["--env", "1A=x", "hello.toy"], "1A")
    }

    /// Of whatever kind they are, each by the name it has on the command line, a line each.
    @Test func allDiagnosticsAreToldAtOnce() throws {
        let answer = try toys.nestbox(
            [
                "run", "--limit", "cpu=6h", "--limit", "wall=soon", "--env", "1A=x", "--file", "../x=hello.toy",
                "--main",
                "other.toy", "--compiler-option=-g", "hello.toy",
            ])
        #expect(answer.status == 125 && answer.stdout == "")
        let lines = answer.stderr.split(separator: "\n").map(String.init)
        for name in [
            "--limit cpu: ", "--limit wall: ", "--env 1A ", "--file (number 1) ", "--main: ", "--compiler-option: ",
        ] {
            #expect(lines.contains { $0.hasPrefix("nestbox: " + name) }, "\(name) in \(answer.stderr)")
        }
        #expect(lines.count == 6, "\(answer.stderr)")
        #expect(lines.first?.hasSuffix("(and 5 more)") == true)
        let json = try toys.nestbox(["run", "--json", "--limit", "cpu=6h", "--limit", "wall=soon", "hello.toy"])
        let body = try JSONText.decode(APIErrorBody.self, from: Array(json.stdout.utf8))
        #expect(body.error.code == .invalidLimit)
        #expect(body.error.details.keys.sorted() == ["--limit cpu", "--limit wall"])
    }

    @Test func optionsThatDoNotGoTogether() throws {
        try refuses(["--artifacts", "*", "hello.toy"], "--output")
        try refuses(["--artifacts", "../*", "--output", "out", "hello.toy"], "../*")
        try refuses(["--tty", "--json", "hello.toy"].filter { $0 != "--json" } + ["--quiet"], "image toy")
    }

    @Test func anImageThatIsNotBuiltSaysHowToBuildIt() throws {
        try refuses(["hello.toy"], "nestbox image build toy")
    }

    @Test(arguments: ["--json", "--events"])
    func errorsAreAlsoJSON(option: String) throws {
        for (arguments, code) in [
            (["missing.toy"], APIError.Code.fileUnreadable), (["hello.toy"], .imageNotBuilt),
            (["--limit", "cpu=0s", "hello.toy"], .invalidLimit), (["--bogus", "hello.toy"], .invalidRequest),
            (["--limit", "x", "hello.toy"], .invalidRequest),
        ] {
            let answer = try toys.nestbox(["run", option] + arguments)
            #expect(answer.status == 125)
            #expect(answer.stderr.split(separator: "\n").count == 1)
            let body = try JSONText.decode(APIErrorBody.self, from: Array(answer.stdout.utf8))
            #expect(body.error.code == code)
            #expect(answer.stderr == "nestbox: \(body.error.message)\n")
        }
    }

    @Test func aPolicyWithADiagnosticNamesItsPlace() throws {
        let text = try toys.scratch.text("policies/toy.yaml").replacing("cpu: 5s", with: "cpu: 5")
        try toys.scratch.write(text, to: "policies/toy.yaml")
        try refuses(["hello.toy"], "policies/toy.yaml:4", "cpu")
    }
}
