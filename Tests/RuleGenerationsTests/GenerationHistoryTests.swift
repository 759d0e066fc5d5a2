import Foundation
import RuleGenerations
import RunPlanning
import TestSupport
import Testing

@Suite("The history of generations")
struct GenerationHistoryTests {
    private func record(_ number: Int64, digest: String, text: String = "x") -> GenerationRecord {
        GenerationRecord(
            RuleGeneration(number: number, digest: digest), loadedAt: 1_800_000_000_000, reason: "change",
            policies: ["python": digest], policyFiles: [.init(path: "/p/python.yaml", text: text)], groupFiles: [],
            networkFiles: [],
            imageFiles: [])
    }

    @Test("keeps the last 20, counts on over restarts, and knows the files of the last one again")
    func keeping() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let history = GenerationHistory(state: directory.path)
        #expect(history.numbers.isEmpty && history.last == nil)
        #expect(history.generation(of: "a") == RuleGeneration(number: 1, digest: "a"))
        for number in 1...25 { try history.keep(record(Int64(number), digest: "d\(number)")) }
        #expect(history.numbers == Array(6...25))
        #expect(try history.record(25) == record(25, digest: "d25"))
        // Another process, later.
        let later = GenerationHistory(state: directory.path)
        #expect(later.generation(of: "d25").number == 25)
        #expect(later.generation(of: "d24").number == 26)
        #expect(throws: GenerationHistory.Failure.self) { try later.record(5) }
    }

    @Test("a file that is cut, of another version or of another number is refused, and its number is not used again")
    func broken() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let history = GenerationHistory(state: directory.path)
        try history.keep(record(1, digest: "a"))
        let text = try String(contentsOfFile: history.directory + "/1.json", encoding: .utf8)
        for (bad, number) in [
            (String(text.dropLast(10)), 2), (text, 3), (text.replacing("\"version\":1", with: "\"version\":9"), 4),
            ("", 5),
        ] {
            try directory.write(bad, to: "generations/\(number).json")
            #expect(throws: GenerationHistory.Failure.self) { try history.record(Int64(number)) }
        }
        // Names that are no numbers of generations.
        for name in ["06.json", "-1.json", "x.json", "status", ".7.json.1.new"] {
            try directory.write(text, to: "generations/" + name)
        }
        #expect(history.numbers == [1, 2, 3, 4, 5])
        #expect(history.generation(of: "a").number == 6)
        #expect(history.last == record(1, digest: "a"))
    }

    @Test("where nothing can be written, keeping fails and says where")
    func unwritable() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        try directory.write("a file", to: "generations")
        let history = GenerationHistory(state: directory.path)
        let failure = #expect(throws: GenerationHistory.Failure.self) { try history.keep(record(1, digest: "a")) }
        #expect(failure?.description.contains(history.directory) == true)
    }
}
