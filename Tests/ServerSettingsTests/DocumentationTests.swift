import Foundation
import Testing

@testable import ServerSettings

@Suite("docs/configuration.md")
struct DocumentationTests {
    private static let path = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/configuration.md").path

    private func rows() throws -> [[String]] {
        try String(contentsOfFile: Self.path, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| `") }
            .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
    }

    @Test("has a row for every setting, with its default and its range, and for nothing else")
    func settings() throws {
        let fixture = try SettingsFixture()
        let settings = Setting.all(fixture.paths)
        let rows = try rows()
        #expect(rows.compactMap(\.first).sorted() == settings.map { "`\($0.name)`" }.sorted())
        for setting in settings {
            let row = try #require(rows.first { $0.first == "`\(setting.name)`" })
            let isFixed = !setting.standard.isEmpty && !setting.standard.hasPrefix(fixture.path)
            if isFixed, !["max_running_runs", "max_running_per_client"].contains(setting.name) {
                #expect(row[1] == "`\(setting.standard)`", "\(setting.name)")
            }
            if case .count(let range) = setting.kind {
                #expect(row[2] == "\(range.lowerBound) to \(range.upperBound)", "\(setting.name)")
            }
        }
    }

    @Test("shows files that are taken")
    func examples() throws {
        let fixture = try SettingsFixture()
        let text = try String(contentsOfFile: Self.path, encoding: .utf8)
        let blocks = text.split(separator: "\n\n").map { $0.replacing("\n    ", with: "\n") }
            .filter {
                $0.split(separator: "\n").contains { $0.trimmingCharacters(in: .whitespaces).hasPrefix("listen: ") }
            }
        #expect(blocks.count == 2)
        for block in blocks {
            let yaml = block.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(
                separator: "\n")
            #expect(try fixture.settings(yaml: yaml + "\n").asksForKeys)
        }
    }
}
