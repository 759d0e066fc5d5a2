import ConfigurationFiles
import Foundation
import RunModel
import SandboxSpec
import Testing

@testable import Policies

@Suite("docs/policies.md")
struct DocumentationTests {
    static let path = URL(fileURLWithPath: Fixture.shipped).deletingLastPathComponent().path + "/docs/policies.md"

    @Test("says of every limit what its range is")
    func limits() throws {
        let lines = try String(contentsOfFile: Self.path, encoding: .utf8).split(separator: "\n")
        for name in LimitName.allCases {
            let row = try #require(lines.first { $0.hasPrefix("| `\(name.rawValue)` | ") })
            #expect(row.contains("| \(LimitText.range(of: name)) |"), "\(row)")
        }
    }

    @Test("says of every limit of sessions what its range is, and what holds when nobody says anything")
    func sessions() throws {
        let text = try String(contentsOfFile: Self.path, encoding: .utf8)
        let section = try #require(
            text.components(separatedBy: "## Sessions").last?.components(separatedBy: "\n## ").first)
        for name in SessionLimitName.allCases {
            let kind = QuantityKind(name.unit)
            let row = try #require(section.split(separator: "\n").first { $0.hasPrefix("| `\(name.rawValue)` | ") })
            #expect(row.contains("| \(Quantity.rangeText(name.range, of: kind)) |"), "\(row)")
            let usual = try #require(row.split(separator: "`").dropLast().last)
            #expect(
                try Quantity.parse(String(usual), as: kind, in: name.range) == SessionLimits.usual[name], "\(row)")
        }
    }

    @Test("lists every key, every group and the whole never-list")
    func names() throws {
        let text = try String(contentsOfFile: Self.path, encoding: .utf8)
        for key in PolicyDocument.keys where key != "syscalls" && key != "pool" {
            #expect(text.contains("| `\(key)` |"))
        }
        for group in try PolicySet.load(directory: Fixture.shipped).groups.names {
            #expect(text.contains("| `@\(group)` |"))
        }
        for call in NeverSyscalls.names { #expect(text.contains("`\(call)`"), "\(call)") }
    }
}
