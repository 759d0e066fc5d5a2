internal import Images
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

        var directory: String { "Projects/\(language)/\(name)" }
        var testDescription: String { "\(language)/\(name)" }
    }

    /// What the file `request` of a project says, where there is one: lines `main PATH` and `option TEXT`.
    struct Wishes {
        private(set) var main: String?
        private(set) var options: [String] = []

        init(of project: Project) throws {
            guard try Directory.names(in: project.directory).contains("request") else { return }
            for line in String(decoding: try Directory.bytes("\(project.directory)/request"), as: UTF8.self).split(
                separator: "\n")
            {
                let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                switch words.first {
                case "main" where words.count == 2: main = words[1]
                case "option" where words.count == 2: options.append(words[1])
                default: throw UnknownWish(line: String(line))
                }
            }
        }
    }

    struct UnknownWish: Error {
        let line: String
    }

    static let all: [Project] = {
        do {
            return try Directory.names(in: "Projects").filter { $0 != "README.md" }.flatMap { language in
                try Directory.names(in: "Projects/\(language)").map { Project(language: language, name: $0) }
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
        let wishes = try Wishes(of: project)
        let main = try wishes.main ?? Languages.catalog.images.image(named: project.language).file.description
        var files: [RunRequest.File] = []
        for name in try Directory.files(below: project.directory) where !["expected.out", "request"].contains(name) {
            files.append(RunRequest.File(path: name, content: try Directory.bytes("\(project.directory)/\(name)")))
        }
        try #require(files.count > 1 && files.contains { $0.path == main })
        let workshop = try await Workshop.shared
        let plan = try workshop.plan(
            RunRequest(
                language: project.language, files: files, main: wishes.main,
                compilerOptions: wishes.options))
        let stdout = try Directory.bytes("\(project.directory)/expected.out")
        try await workshop.expect(Expectation(stdout: stdout), of: plan, named: project.testDescription)
    }
}
