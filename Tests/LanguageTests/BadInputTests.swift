internal import Foundation
internal import Images
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import Testing

@testable import nestbox

/// Damaged sources: BadInput/README.md.
@Suite("Sources nobody wrote by hand", .enabled(if: Languages.canRun, "needs root"))
struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let damage: Damage
        let language: String
        let row: CaseTable.Row

        var testDescription: String { row.words.joined(separator: " ") }
    }

    static let all: [Case] = CaseTable.file("BadInput/cases", words: 2).map { row in
        guard let damage = Damage(rawValue: row.words[0]) else {
            fatalError("BadInput/cases: there is no \(row.words[0])")
        }
        return Case(damage: damage, language: row.words[1], row: row)
    }

    @Test("every damage is tried in every core language")
    func complete() {
        for damage in Damage.allCases {
            #expect(Self.all.filter { $0.damage == damage }.map(\.language).sorted() == Languages.core, "\(damage)")
        }
        #expect(Syntax.all.keys.sorted() == Languages.core)
    }

    @Test(
        "a damaged source ends as its line says, and harms nobody",
        arguments: all.filter { Languages.isAsked($0.language) })
    func run(example: Case) async throws {
        let workshop = try await Workshop.shared
        let check = try Languages.catalog.images.image(named: example.language).check
        let source = example.damage.source(
            of: Array(check.code.utf8), in: try #require(Syntax.all[example.language]))
        let plan = try workshop.plan(
            RunRequest(language: example.language, code: source))
        let result = try await workshop.run(plan, stdin: Array(check.stdin.utf8))
        if let complaint = try example.row.complaint(about: result) {
            Issue.record("\(example.testDescription): \(complaint)")
        }
        if result.outcome.verdict != .ok {
            try await workshop.expectUnharmed(example.language, after: example.testDescription)
        }
    }

    @Test("a source beyond the disk limit is refused, and is told the limit", arguments: ["c", "python"])
    func tooLarge(language: String) async throws {
        let planner = Languages.catalog.planner
        let settings = try planner.settings(language: language)
        let limit = settings.limits[.disk]
        let content = Array(Data(count: Int(limit) + 1))
        let error = #expect(throws: APIError.self) {
            try planner.plan(RunRequest(language: language, code: content), settings)
        }
        #expect(error?.code == .sourceTooLarge)
        #expect(error?.details["limit"] == String(limit))
    }
}
