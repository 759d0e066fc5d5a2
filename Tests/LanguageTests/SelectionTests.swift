internal import Images
internal import SandboxSpec
internal import Testing

@testable import nestbox

@Suite("What the languages under test are chosen by")
struct SelectionTests {
    private func names(_ text: String) throws(ImageError) -> [String] {
        try Languages.chosen(by: text, among: Languages.catalog.images).map(\.name)
    }

    @Test func coreIsTwelveAndTheDefault() throws {
        #expect(Languages.core.count == 12)
        #expect(try names("core") == Languages.core)
        #expect(try names("") == Languages.core)
    }

    @Test func allIsAll() throws {
        #expect(try names("all") == Languages.catalog.images.images.map(\.name))
    }

    @Test func namesAndAliases() throws {
        #expect(try names("lua,py") == ["lua", "python"])
    }

    @Test(arguments: ["nope", "lua,", "lua nope", "ALL, core"])
    func whatIsNoLanguageIsRefused(text: String) {
        #expect(throws: ImageError.self) { try names(text) }
    }

    @Test func tablesAreReadStrictly() throws {
        let rows = try CaseTable("# for people\n\na b ok,memory_limit ^x y$\nc d ok\n", words: 2).rows
        #expect(rows.map(\.words) == [["a", "b"], ["c", "d"]])
        #expect(rows.map(\.verdicts) == [[.ok, .memoryLimit], [.ok]])
        #expect(rows.map(\.expression) == ["^x y$", nil])
        for text in ["a ok", "a b", "a b fine", "a b ok ("] {
            #expect(throws: CaseTable.Mistake.self, "\(text)") { try CaseTable(text, words: 2) }
        }
    }

    @Test func theFirstLineThatDiffersIsNamed() {
        func difference(_ found: String, _ expected: String) -> String? {
            Expectation.difference(found: Array(found.utf8), expected: Array(expected.utf8))
        }
        #expect(difference("a\nb\n", "a\nb\n") == nil)
        #expect(difference("a\nx\n", "a\nb\n") == #"differs in line 2: found "x", expected "b""#)
        #expect(difference("a\n", "a\nb\n") == #"differs in line 2: found "", expected "b""#)
        #expect(difference("a", "a\n") == #"differs in line 2: found the end, expected """#)
    }
}
