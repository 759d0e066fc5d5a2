internal import Images
internal import Orchestrator
internal import RunModel
internal import SandboxSpec
internal import Testing

@testable import nestbox

/// Programs of several files: Projects/README.md.
@Suite("Programs of several files", .enabled(if: Languages.canRun, "needs root"))
struct ProjectTests {
    struct Project: Sendable, CustomTestStringConvertible {
        let language: String
        let name: String

        var folder: String { "Projects/\(language)/\(name)" }
        var testDescription: String { "\(language)/\(name)" }
    }

    static let all: [Project] = {
        do {
            return try Folder.names(in: "Projects").filter { $0 != "README.md" }.flatMap { language in
                try Folder.names(in: "Projects/\(language)").map { Project(language: language, name: $0) }
            }
        } catch {
            fatalError("no projects: \(error)")
        }
    }()

    @Test("every core language has one")
    func complete() {
        #expect(Set(Languages.core).isSubset(of: Self.all.map(\.language)))
    }

    @Test(
        "the files of a program find each other, cold and warm",
        arguments: all.filter { Languages.isAsked($0.language) })
    func run(project: Project) async throws {
        let main = try Languages.catalog.images.image(named: project.language).file.description
        var files: [RunRequest.File] = []
        for name in try Folder.files(below: project.folder) where name != "expected.out" {
            files.append(RunRequest.File(path: name, content: try Folder.bytes("\(project.folder)/\(name)")))
        }
        let source = try files.remove(at: #require(files.firstIndex { $0.path == main }))
        try #require(!files.isEmpty)
        let workshop = try await Workshop.shared
        let plan = try workshop.plan(RunRequest(language: project.language, source: source, files: files))
        let stdout = try Folder.bytes("\(project.folder)/expected.out")
        try await workshop.expect(Expectation(stdout: stdout), of: plan, named: project.testDescription)
    }
}
