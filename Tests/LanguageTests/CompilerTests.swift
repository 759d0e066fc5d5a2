internal import Images
internal import RunModel
internal import SandboxSpec
internal import Testing

@testable import nestbox

/// Sources that do not compile, and sources that mean harm: Compilers/README.md.
@Suite("What compilers do with bad sources", .enabled(if: Languages.canRun, "needs root"))
struct CompilerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let language: String
        let row: CaseTable.Row

        var testDescription: String { row.words[0] }
    }

    static let all: [Case] = CaseTable.file("Compilers/cases", words: 1).map { row in
        do {
            return Case(language: try Languages.name(ofSource: row.words[0]), row: row)
        } catch {
            fatalError("Compilers/cases: \(error)")
        }
    }

    @Test("every source has its line, and every language that compiles has a broken source")
    func complete() throws {
        var sources: [String] = []
        for directory in ["broken", "hostile"] {
            sources += try Directory.names(in: "Compilers/\(directory)").map { "\(directory)/\($0)" }
        }
        #expect(Self.all.map(\.row.words[0]).sorted() == sources.sorted())
        let broken = Set(Self.all.filter { $0.row.words[0].hasPrefix("broken/") }.map(\.language))
        // Sources are of a language by their extension, not of a version.
        for image in Languages.catalog.images.images where image.compile != nil && image.language == image.name {
            #expect(broken.contains(image.name))
        }
    }

    @Test(
        "a source ends as its line says, and harms nobody", arguments: all.filter { Languages.isAsked($0.language) })
    func run(example: Case) async throws {
        let workshop = try await Workshop.shared
        let source = try Directory.bytes("Compilers/\(example.row.words[0])")
        let result = try await workshop.run(example.language, source)
        if let complaint = try example.row.complaint(about: result) {
            Issue.record("\(example.row.words[0]): \(complaint)")
        }
        // A compile step has nothing to say to whoever reads the program's output.
        if result.outcome.steps.count == 1, !result.stdout.bytes.isEmpty {
            Issue.record(
                "\(example.row.words[0]): the compiler wrote to stdout: \(Expectation.quote(result.stdout.bytes))")
        }
        try await workshop.expectUnharmed(example.language, after: example.row.words[0])
    }
}
