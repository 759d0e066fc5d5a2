import Foundation
import Images
import Policies
import RunModel
import SandboxSpec
import TestSupport
import Testing

@testable import RunPlanning

@Suite struct RunPlannerTests {
    private static let limits = """
        limits: {cpu: 5s, wall: 15s, idle: 10s, memory: 256MiB, processes: 64, output: 1MiB, disk: 1MiB, inodes: 512,
          file_size: 1MiB, open_files: 64, cpus: 1.0}
        ceiling: {cpu: 30s}
        warn_at: 80%
        network: none
        syscalls: {allow: [read, write, exit_group]}
        pool: {min: 0, max: 4, warm: none}
        """

    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        for (name, text) in [
            (
                "toy",
                """
                aliases: [plaything]
                extensions: [toy]
                file: main.toy
                run: [toy, main.toy]
                env: {LANG: C, TOY: "1"}
                """
            ),
            (
                "cee",
                """
                extensions: [cee]
                file: main.cee
                compile: {run: [cc, main.cee], produces: [main], limits: {cpu: 20s, memory: 512MiB}}
                run: [./main]
                """
            ),
            (
                "gee",
                """
                extensions: [gee]
                file: main.gee
                run: [gee, "{live}", "{main}"]
                live: {run: [-l], env: {LIVE: "1"}, full: {FULL: "1"}}
                syntax: {run: [gee, -n, "{main}"], stderr: [bad form]}
                hints: [{kind: gum, language: toy, stderr: [no gum], text: chew}]
                """
            ),
            (
                "dee",
                """
                extensions: [dee]
                file: main.dee
                artifacts: ["*.png"]
                compile:
                  {run: [dc, "{options}", "{sources}"], options: [-g, "-O*"], produces: [main], boot: main.dee}
                run: [./main, "{class}"]
                """
            ),
        ] {
            try FileManager.default.createDirectory(
                atPath: directory.path + "/" + name, withIntermediateDirectories: false)
            let head = "version: 1\nname: \(name)\nroot: {host: true}\ncheck: {code: x, stdout: y}\n"
            try directory.write(head + text + "\n", to: name + "/image.yaml")
        }
    }

    func planner(root: RootSource = .host, failure: ImageError? = nil) throws -> RunPlanner {
        let policies = try PolicySet.parse(policies: [
            (file: "toy.yaml", text: "version: 1\nname: toy\nimage: toy\n" + Self.limits),
            (file: "strict.yaml", text: "version: 1\nname: strict\nextends: toy\nlimits: {cpu: 1s}\n"),
            (file: "cee.yaml", text: "version: 1\nname: cee\nimage: cee\n" + Self.limits),
            (file: "open.yaml", text: "version: 1\nname: open\nextends: cee\nceiling: {network: loopback}\n"),
            (file: "gee.yaml", text: "version: 1\nname: gee\nimage: gee\n" + Self.limits),
            (
                file: "dee.yaml",
                text: "version: 1\nname: dee\nimage: dee\n"
                    + Self.limits.replacingOccurrences(of: "warm: none", with: "warm: boot")
            ),
        ])
        return RunPlanner(images: try ImageLibrary(directory: directory.path), policies: policies) {
            (_) throws(ImageError) in
            if let failure { throw failure }
            return root
        }
    }

    func request(_ language: String = "toy", source: String = "x") -> RunRequest {
        RunRequest(language: language, code: Array(source.utf8))
    }

    func code(_ work: () throws -> some Any) -> APIError.Code? {
        do {
            _ = try work()
            return nil
        } catch {
            return (error as? APIError)?.code
        }
    }

    @Test func aPlanHoldsTheImageThePolicyAndTheRequest() throws {
        let planner = try planner(root: .tree("/roots/1"))
        var request = request("plaything")
        request.arguments = ["a", "b c"]
        request.environment = ["TOY": "2", "Z": "", "A": "="]
        request.files = [.init(path: "data/in", content: [0], executable: true)]
        request.artifacts = ["out/**", "/box/plot.png", "./.log"]
        let settings = try planner.settings(language: "plaything", limits: ["cpu": "20s", "memory": "8MiB"])
        let plan = try planner.plan(request, settings)
        #expect(plan.steps.map(\.name) == [.run])
        let step = try #require(plan.steps.first)
        #expect(step.job.arguments == ["toy", "main.toy", "a", "b c"])
        #expect(
            step.job.environment == [
                "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/box", "LANG=C", "USER=nestbox", "TOY=2", "A==", "Z=",
            ])
        #expect(step.job.artifacts.patterns == ["out/**", "plot.png", ".log"])
        #expect(step.limits[.cpu] == 20_000_000_000)
        #expect(step.spec.limits[.memory] == 8_388_608)
        #expect(step.spec.limits[.wall] == 15_000_000_000)
        #expect(step.spec.root == .tree("/roots/1"))
        #expect(step.spec.terminal == nil)
        #expect(step.spec.syscalls == ["exit_group", "read", "write"])
        #expect(plan.files.map(\.path.description) == ["main.toy", "data/in"])
        #expect(plan.files.map(\.executable) == [false, true])
    }

    @Test func theRequestChoosesMainFileAndCompilerOptions() throws {
        let planner = try planner()
        let settings = try planner.settings(language: "dee")
        var request = request("dee")
        let usual = try planner.plan(request, settings)
        #expect(usual.steps[0].job.arguments == ["dc", "main.dee"])
        #expect(usual.steps[1].job.arguments == ["./main", "main"])
        #expect(usual.steps[1].job.artifacts.patterns == ["*.png"])
        guard case .boot = usual.steps[0].spec.preparation else {
            Issue.record("the compiler is not booted ahead")
            return
        }

        request.main = "app/Start.dee"
        request.compilerOptions = ["-O3", "-g"]
        request.files = ["lib.dee", "app/x.dee", "notes.txt"].map { .init(path: $0, content: []) }
        request.artifacts = []
        let plan = try planner.plan(request, settings)
        #expect(plan.files.first?.path.description == "app/Start.dee")
        #expect(
            plan.steps[0].job.arguments == ["dc", "-O3", "-g", "lib.dee", "app/x.dee", "app/Start.dee"])
        // What has booted ahead was given the usual command.
        #expect(plan.steps[0].spec.preparation == .none)
        #expect(plan.steps[1].job.arguments == ["./main", "app.Start"])
        #expect(plan.steps[1].job.artifacts == .none)
    }

    @Test(
        arguments: [
            ("dee", "../x.dee", [], "main: found \"../x.dee\", allowed a path relative to /box"),
            ("dee", "", [], "it is empty"), ("dee", "x.c", [], "allowed a file of dee: .dee"), ("dee", "x", [], ".dee"),
            ("dee", "-x.dee", [], "the first a letter"), ("dee", "@x.dee", [], "the first a letter"),
            ("dee", "a b.dee", [], "letters, digits and _ - . + /"), ("dee", "a'|b.dee", [], "letters, digits"),
            ("toy", "x.toy", [], "allowed main.toy, as the main file"),
            ("dee", nil, ["-o"], "found \"-o\", allowed -g -O*"), ("dee", nil, ["-g3"], "\"-g3\""),
            ("dee", nil, ["-O2\n"], "\"-O2\\n\""),
            ("dee", nil, ["-O" + String(repeating: "x", count: 300)], "allowed -g"),
            ("dee", nil, Array(repeating: "-g", count: 65), "65 options, allowed at most 64"),
            ("toy", nil, ["-g"], "none: toy has no compiler"), ("cee", nil, ["-g"], "no options of its compiler"),
        ] as [(String, String?, [String], String)])
    func choicesAreChecked(language: String, main: String?, options: [String], expected: String) throws {
        let planner = try planner()
        var request = request(language)
        request.main = main
        request.compilerOptions = options
        let error = try #require(throws: APIError.self) {
            try planner.plan(request, try planner.settings(language: language))
        }
        #expect(error.code == .invalidRequest && error.message.contains(expected), "\(error.message)")
    }

    @Test func aTerminalComesWithItsName() throws {
        let planner = try planner()
        let size = TerminalSize(rows: 10, columns: 20)
        let plan = try planner.plan(request(), try planner.settings(language: "toy"), terminal: size)
        #expect(plan.steps.last?.spec.terminal == size)
        #expect(plan.steps.last?.job.environment.contains("TERM=xterm-256color") == true)
    }

    @Test func compilingHasLimitsOfItsOwn() throws {
        let planner = try planner()
        let settings = try planner.settings(language: "cee", limits: ["cpu": "1s"])
        let plan = try planner.plan(request("cee"), settings, terminal: TerminalSize(rows: 1, columns: 1))
        #expect(plan.steps.map(\.name) == [.compile, .run])
        #expect(plan.steps[0].spec.limits[.cpu] == 20_000_000_000)
        #expect(plan.steps[0].spec.limits[.memory] == 536_870_912)
        #expect(plan.steps[0].spec.limits[.wall] == 15_000_000_000)
        // For colours; a compiler that is booted ahead has none.
        #expect(plan.steps[0].spec.terminal == TerminalSize(rows: 1, columns: 1))
        #expect(plan.steps[0].job.environment.contains("TERM=xterm-256color"))
        let dee = try planner.plan(
            request("dee"), try planner.settings(language: "dee"), terminal: TerminalSize(rows: 1, columns: 1))
        #expect(dee.steps.map { $0.spec.terminal == nil } == [true, false])
        #expect(plan.steps[0].job.arguments == ["cc", "main.cee"])
        #expect(plan.steps[0].job.artifacts.patterns == ["main"])
        #expect(plan.steps[1].limits[.cpu] == 1_000_000_000)
        // One parked sandbox serves all: the times are set when it starts.
        #expect(plan.steps[1].spec.limits[.cpu] == 5_000_000_000)
        #expect(plan.maximumOutputBytes == 2_097_152)
    }

    @Test func aNetworkThatIsAskedForIsThatOfTheProgramAlone() throws {
        let planner = try planner()
        let plan = try planner.plan(
            request("cee"), try planner.settings(language: "cee", policy: "open", network: NetworkRequest(.loopback)))
        #expect(plan.steps.map(\.spec.network) == [.none, .loopback])
        let usual = try planner.plan(request("cee"), try planner.settings(language: "cee", policy: "open"))
        #expect(usual.steps.map(\.spec.network) == [.none, .none])
        do {
            _ = try planner.settings(language: "cee", network: NetworkRequest(.loopback))
            Issue.record("granted")
        } catch {
            #expect(error.code == .invalidRequest && error.details.keys.sorted() == ["network"])
        }
    }

    @Test func policiesAreFoundAndFitTheirImage() throws {
        let planner = try planner()
        #expect(try planner.settings(language: "toy").policy.name == "toy")
        #expect(try planner.settings(language: "toy", policy: "strict").limits[.cpu] == 1_000_000_000)
        #expect(code { try planner.settings(language: "toy", policy: "strikt") } == .unknownPolicy)
        #expect(code { try planner.settings(language: "cee", policy: "toy") } == .invalidRequest)
        #expect(code { try planner.settings(language: "fortran") } == .unknownLanguage)
        #expect(try planner.image(forFile: "dir/x.cee").name == "cee")
        #expect(code { try planner.image(forFile: "x.f90") } == .unknownLanguage)
        #expect(code { try planner.image(forFile: "x") } == .unknownLanguage)
    }

    @Test(arguments: [
        ["cpu": "0s"], ["cpu": "-1s"], ["cpu": "nan"], ["cpu": "inf"], ["cpu": "2"], ["cpu": "31s"], ["cpu": "1e9s"],
        ["cpu": "99999999999999999999999h"], ["wall": "16s"], ["memory": "0"], ["memory": "0B"], ["memory": "257MiB"],
        ["memory": ""], ["cpuu": "1s"], ["": "1s"], ["processes": "0"], ["processes": "1.5"], ["cpus": "1.1"],
    ])
    func badLimitsAreRefused(limits: [String: String]) throws {
        let planner = try planner()
        #expect(code { try planner.settings(language: "toy", limits: limits) } == .invalidLimit)
    }

    @Test(arguments: [
        "../x", "a/../b", "..", ".", "", "/etc/passwd", "a\nb", "a\0b", "a//b", "a/",
        String(repeating: "x", count: 256),
        String(repeating: "x/", count: 600) + "x", "main.toy", "main.toy/x",
    ])
    func badFileNamesAreRefused(name: String) throws {
        let planner = try planner()
        var request = request()
        request.files = [.init(path: name, content: [1])]
        let settings = try planner.settings(language: "toy")
        #expect(code { try planner.plan(request, settings) } == .invalidFileName)
    }

    @Test func goodFileNamesAreTaken() throws {
        let planner = try planner()
        var request = request()
        let names = ["a b", "ü/日本", ".hidden", "...", String(repeating: "x", count: 255), "a/b/c"]
        request.files = names.map { .init(path: $0, content: [1]) }
        let plan = try planner.plan(request, try planner.settings(language: "toy"))
        #expect(plan.files.map(\.path.description) == ["main.toy"] + names)
    }

    @Test func sourcesMayBeEmptyButNotTooLarge() throws {
        let planner = try planner()
        let settings = try planner.settings(language: "toy")
        #expect(try planner.plan(request(source: ""), settings).files.map(\.content) == [[]])
        let large = request(source: String(repeating: "x", count: 1_048_577))
        do {
            _ = try planner.plan(large, settings)
            Issue.record("a source larger than the disk was taken")
        } catch {
            #expect(error.code == .sourceTooLarge)
            #expect(error.message.contains("1048577"))
            #expect(error.message.contains("1MiB"))
        }
        var many = request()
        many.files = (0..<256).map { .init(path: "f\($0)", content: []) }
        #expect(code { try planner.plan(many, settings) } == .invalidRequest)
    }

    @Test func argumentsAndEnvironmentAreBounded() throws {
        let planner = try planner()
        let settings = try planner.settings(language: "toy")
        func plan(_ change: (inout RunRequest) -> Void) -> APIError.Code? {
            var request = request()
            change(&request)
            return code { try planner.plan(request, settings) }
        }
        #expect(plan { $0.arguments = ["a\0b"] } == .invalidRequest)
        #expect(plan { $0.arguments = Array(repeating: "a", count: 600) } == .invalidRequest)
        #expect(plan { $0.arguments = [String(repeating: "a", count: 50_000)] } == .invalidRequest)
        #expect(plan { $0.environment = ["A=B": "x"] } == .invalidRequest)
        #expect(plan { $0.environment = ["1A": "x"] } == .invalidRequest)
        #expect(plan { $0.environment = ["": "x"] } == .invalidRequest)
        #expect(plan { $0.environment = ["A": "x\0y"] } == .invalidRequest)
        #expect(plan { $0.artifacts = ["/etc/*"] } == .invalidRequest)
        #expect(plan { $0.artifacts = ["../*"] } == .invalidRequest)
        #expect(plan { $0.artifacts = [""] } == .invalidRequest)
        #expect(plan { $0.artifacts = Array(repeating: "a", count: 33) } == .invalidRequest)
        #expect(plan { $0.artifacts = [String(repeating: "a", count: 256)] } == .invalidRequest)
        #expect(plan { $0.artifacts = ["/box"] } == .invalidRequest)
        #expect(plan { $0.artifacts = ["/box/"] } == .invalidRequest)
        #expect(plan { $0.artifacts = ["/box/../etc/passwd"] } == .invalidRequest)
        #expect(plan { $0.artifacts = ["**/*.[ch]"] } == nil)
    }

    @Test func bufferedOutputLeavesOutWhatMakesItLive() throws {
        let planner = try planner()
        var request = RunRequest(language: "gee", code: [1])
        let settings = try planner.settings(language: "gee")
        let live = try #require(try planner.plan(request, settings).steps.last).job
        #expect(live.arguments == ["gee", "-l", "main.gee"])
        #expect(live.environment.contains("LIVE=1") && !live.environment.contains("FULL=1"))
        request.buffering = .full
        let full = try #require(try planner.plan(request, settings).steps.last).job
        #expect(full.arguments == ["gee", "main.gee"])
        #expect(!full.environment.contains("LIVE=1") && full.environment.contains("FULL=1"))
        request.environment = ["FULL": "2"]
        #expect(try planner.plan(request, settings).steps.last?.job.environment.contains("FULL=2") == true)
    }

    @Test func aProgramCanBeLookedAtWithoutBeingRun() throws {
        let planner = try planner()
        func plan(_ language: String) throws -> RunPlan {
            let request = RunRequest(language: language, code: [1], check: .syntax)
            return try planner.plan(request, try planner.settings(language: language))
        }
        let parsed = try plan("gee")
        #expect(parsed.steps.map(\.name) == [.compile])
        #expect(parsed.steps[0].job.arguments == ["gee", "-n", "main.gee"])
        #expect(parsed.aids.isLookOnly && parsed.aids.syntax == nil)
        let compiled = try plan("cee")
        #expect(compiled.steps.map(\.name) == [.compile])
        #expect(compiled.steps[0].job.arguments == ["cc", "main.cee"])
        #expect(compiled.steps[0].job.artifacts.patterns.isEmpty && !compiled.aids.isLookOnly)
        #expect(code { try plan("toy") } == .invalidRequest)
    }

    @Test func hintsAreOfTheLastWords() throws {
        let planner = try planner()
        let request = RunRequest(language: "gee", code: [1])
        let aids = try planner.plan(request, try planner.settings(language: "gee")).aids
        #expect(aids.hints(after: Array("x: no gum here".utf8)) == [Hint(kind: "gum", text: "chew", language: "toy")])
        #expect(aids.hints(after: Array("connect: Network is unreachable".utf8)).map(\.kind) == ["network"])
        #expect(aids.hints(after: []).isEmpty)
        #expect(aids.isWorthALook(after: Array("oops: bad form".utf8)) && !aids.isWorthALook(after: Array("oops".utf8)))
    }

    /// What is checked says nothing of this machine: its root is bound afterwards, here or elsewhere.
    @Test func aRunIsPortableUntilItIsBound() throws {
        let here = try planner(root: .tree("/roots/1"))
        let id = RunID()
        let run = try here.check(request("gee"), runID: id).run
        #expect(run == (try planner(failure: ImageError(.notBuilt, "not here")).check(request("gee"), runID: id).run))
        let plan = try here.bind(run)
        #expect(plan.steps.map(\.spec.root) == [.tree("/roots/1")] && plan.aids.syntax?.spec.root == .tree("/roots/1"))
        let there = try planner(root: .tree("/elsewhere/2")).bind(run)
        #expect(there.steps.map(\.spec.root) == [.tree("/elsewhere/2")])
        #expect(there.steps.map(\.job) == plan.steps.map(\.job) && there.files == plan.files)
        #expect(plan == (try here.plan(request("gee"), try here.settings(language: "gee"), runID: id)))
    }
}
