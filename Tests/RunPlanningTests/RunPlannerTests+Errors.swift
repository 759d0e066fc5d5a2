import Foundation
import Images
import Policies
import RunModel
import SandboxSpec
import TestSupport
import Testing

@testable import RunPlanning

/// What is wrong with a request, and in which order that is reported.
extension RunPlannerTests {
    @Test func anImageThatIsNotBuiltIsToldLast() throws {
        let planner = try planner(failure: ImageError(.notBuilt, "run `nestbox image build toy`"))
        let settings = try planner.settings(language: "toy")
        #expect(code { try planner.plan(request(), settings) } == .imageNotBuilt)
        var wrong = request()
        wrong.arguments = ["a\0b"]
        #expect(code { try planner.plan(wrong, settings) } == .invalidRequest)
    }

    /// The kind of an error does not matter: all of them come together, each by the name its writer knows.
    @Test func allMistakesComeAtOnce() throws {
        var submission = Submission(RunRequest(language: "toy"))
        submission.request.files = [
            .init(path: "../x", content: [1]), .init(path: "ok", content: [1]), .init(path: "ok", content: [1]),
        ]
        submission.request.arguments = ["a", "b\0"]
        submission.request.environment = ["1A": "x", "B": "\0"]
        submission.request.limits = ["cpu": "31s", "wall": "much", "cpuu": "1s", "memory": "8MiB"]
        submission.request.artifacts = ["/etc/*"]
        submission.request.compilerOptions = ["-g"]
        submission.request.policy = "strikt"
        submission.errors.note("tty", "is a number, expected is a boolean or {rows, cols}")
        let error = try #require(throws: APIError.self) { try planner().check(submission) }
        #expect(
            error.details.keys.filter { $0 != "known" }.sorted() == [
                "args[1]", "artifacts[0]", "code", "compiler_options", "env.1A", "env.B", "files", "files[0].name",
                "files[2].name", "limits.cpuu", "limits.wall", "policy", "tty",
            ])
        #expect(error.code == .invalidRequest)
        #expect(error.message == "tty is a number, expected is a boolean or {rows, cols} (and 12 more)")

        submission.request.policy = nil
        let more = try #require(throws: APIError.self) { try planner().check(submission) }
        #expect(more.details["limits.cpu"] == "found 31s, allowed 1ms to 30s, the ceiling of policy \"toy\"")
        submission.request.limits = ["memory": "8MiB"]
        let most = try #require(throws: APIError.self) { try planner().check(submission) }
        #expect(most.details["compiler_options"]?.contains("none: toy has no compiler") == true)
        #expect(most.details["code"] != nil && most.details["files"] != nil, "there is no program")
        #expect(most.details["args[1]"] != nil)
    }

    @Test func mistakesOfOneKindKeepTheirCode() throws {
        var submission = Submission(RunRequest(language: "toyy"))
        submission.request.code = [0x78]
        let unknown = try #require(throws: APIError.self) { try planner().check(submission) }
        #expect(unknown.code == .unknownLanguage)
        #expect(unknown.message.contains("did you mean \"toy\"?"))
        #expect(unknown.message.utf8.count < 200, "names are for those who ask")
        #expect(unknown.details["known"]?.contains("cee") == true)
        submission.request.language = "toy"
        submission.request.limits = ["cpu": "31s", "memory": "much"]
        let limits = try #require(throws: APIError.self) { try planner().check(submission) }
        #expect(limits.code == .invalidLimit)
        #expect(limits.details.keys.sorted() == ["limits.cpu", "limits.memory"])
    }

    /// However many errors there are, an error stays small.
    @Test func errorsAreBounded() throws {
        var submission = Submission(RunRequest(language: "toy"))
        submission.request.code = [0x78]
        submission.request.arguments = (0..<500).map { _ in String(repeating: "\0", count: 50) }
        submission.request.environment = Dictionary(
            uniqueKeysWithValues: (0..<400).map { ("\($0)" + String(repeating: "=", count: 200), "") })
        let error = try #require(throws: APIError.self) { try planner().check(submission) }
        #expect(error.details.count == RequestErrors.maximum)
        #expect(error.message.hasSuffix("(and 899 more)") || error.message.contains("more)"))
        #expect(error.details.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count } < 16_384)
    }
}
