internal import Foundation
internal import TestSupport
internal import Testing

/// The parts of the deployment scripts that decide something, run by bash without the rest.
@Suite("deploy/test")
struct DeployScriptTests {
    /// Runs functions of deploy/test, with deploy/common.sh, and nothing else of it.
    private func bash(_ commands: String, functions: [String] = [], input: String = "") throws -> FinishedProgram {
        let script = try Repository.text("deploy/test")
        var source = "set -euo pipefail\nsource \(Repository.path)/deploy/common.sh\n"
        for name in functions {
            let lines = script.split(separator: "\n", omittingEmptySubsequences: false)
            let start = try #require(lines.firstIndex { $0.hasPrefix("\(name)() {") }, "no function \(name)")
            let end = lines[start].hasSuffix("}") ? start : try #require(lines[start...].firstIndex(of: "}"))
            source += lines[start...end].joined(separator: "\n") + "\n"
        }
        return try FinishedProgram.run(["bash", "-c", source + commands], input: Array(input.utf8))
    }

    @Test("skipped tests are found in what the runner prints, and nothing else is")
    func skips() throws {
        let log = """
            ◇ Test a() started.
            ➜ Test b() skipped: "needs perl"
            ➜ Suite "Of c" skipped: "needs root"
            ➜ Test g() skipped.
            ◇ Test "what may be skipped, and what not" started.
            ✔ Test "what may be skipped, and what not" passed after 0.001 seconds.
            ✔ Test d() passed after 0.001 seconds.
            the program said: Test e() skipped
            ✘ Test f() failed after 0.001 seconds with 1 issue.

            """
        let found = try bash("skips_in /dev/stdin", functions: ["skips_in"], input: log)
        #expect(found.status == 0, "\(found.stderr)")
        #expect(
            found.stdout.split(separator: "\n") == [
                "Test b() skipped: \"needs perl\"", "Test g() skipped.",
            ])
    }

    @Test("as many skips as are allowed pass, and one more fails and names them all")
    func allowedSkips() throws {
        for few in ["", "'Test a() skipped'", "'Test a() skipped' b"] {
            let found = try bash("check_skips 2 \(few)", functions: ["check_skips"])
            #expect(found.status == 0 && found.output == [] && found.errors == [], "\(few)")
        }
        let many = try bash("check_skips 1 'Test a() skipped' 'Test b() skipped'; echo on", functions: ["check_skips"])
        #expect(many.status == 1 && many.output == [])
        for name in ["Test a() skipped\n", "Test b() skipped\n", "2 tests", "allows 1"] {
            #expect(many.stderr.contains(name), "\(many.stderr)")
        }
    }

    @Test("the tree says how many may be skipped, in the form that the script reads")
    func number() throws {
        let numbers = try Repository.text("Tests/skips").split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(numbers.count == 1 && numbers.first.flatMap { Int($0) } != nil, "\(numbers)")
    }

    @Test("phases are written down as they end, also when a later one fails")
    func phases() throws {
        let directory = try TemporaryDirectory()
        let found = try bash(
            """
            phases_file=\(directory.path)/phases
            phase "first one" echo working
            add_phase "beside it" 7
            print_phases
            phase "second" false
            """)
        #expect(found.status == 1)
        #expect(found.stdout.contains("== first one\nworking\n"))
        #expect(found.stdout.contains("    7 s  beside it\n"))
        let lines = try directory.text("phases").split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(lines.map(\.last) == ["first one", "beside it"])
        #expect(lines.allSatisfy { Int($0[0]) != nil })
    }
}
