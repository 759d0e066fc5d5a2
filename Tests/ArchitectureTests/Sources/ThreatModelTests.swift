internal import Testing

@Suite("The threat model")
struct ThreatModelTests {
    @Test("names tests that exist")
    func namedTests() throws {
        let files = Repository.files(below: "Tests/ContainmentTests", extensions: ["swift"])
        var titles: [String: String] = [:]
        for file in files {
            let name = file.split(separator: "/").last.map { String($0.dropLast(".swift".count)) } ?? ""
            titles[name] = try Repository.text(file)
        }
        let named = Self.references(in: try Repository.text("docs/threat-model.md"))
        try #require(named.count > 20, "the table was not found")
        #expect(Self.missing(named, in: titles) == [])
    }

    @Test("A test that does not exist is noticed")
    func missingTest() {
        let named = Self.references(in: "| a | b | `OutputTests` A10, F06; `Tests/Other` (more) |\n")
        #expect(named.map { "\($0.file) \($0.id)" } == ["OutputTests A10", "OutputTests F06"])
        #expect(Self.missing(named, in: ["OutputTests": "@Test(\"A10: words\")"]) == ["OutputTests F06"])
        #expect(Self.missing(named, in: [:]).count == 2)
    }

    /// Pairs like "`OutputTests` A10, F06": a file of the containment suite and the numbers of tests in it.
    private static func references(in text: String) -> [(file: String, id: String)] {
        var found: [(String, String)] = []
        for row in text.split(separator: "\n") where row.hasPrefix("|") {
            var file: String?
            for word in row.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "/" }) {
                if word.hasSuffix("Tests"), !word.contains("/") { file = String(word) }
                if word.contains("/") { file = nil }
                if let file, isNumber(word) { found.append((file, String(word))) }
            }
        }
        return found
    }

    private static func missing(_ named: [(file: String, id: String)], in titles: [String: String]) -> [String] {
        named.filter { titles[$0.file]?.contains($0.id) != true }.map { "\($0.file) \($0.id)" }
    }

    /// A letter and two digits, as attempts are numbered.
    private static func isNumber(_ word: Substring) -> Bool {
        word.count == 3 && word.first?.isUppercase == true && word.dropFirst().allSatisfy(\.isNumber)
    }
}
