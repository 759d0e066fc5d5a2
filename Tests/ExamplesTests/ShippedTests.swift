import Foundation
import Testing

@testable import Examples

@Suite("The examples that Nestbox comes with")
struct ShippedTests {
    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    @Test("there are enough of them, without an error, in languages that there are")
    func shipped() throws {
        let library = try ExampleLibrary.usable(directories: [Self.repository + "/examples"])
        let images = try FileManager.default.contentsOfDirectory(atPath: Self.repository + "/images")
        #expect(library.errors(languages: Set(images)) == [])
        #expect(library.examples.count >= 120)
        #expect(Set(library.examples.map(\.language)).count >= 20)
        #expect(Set(library.examples.map(\.category)) == Set(ExampleCategory.allCases))
        for difficulty in ExampleDifficulty.allCases {
            #expect(library.examples.count { $0.difficulty == difficulty } >= 15)
        }
        #expect(library.examples.count(where: \.isExercise) >= 8)
        for id in ["01_hello_world", "lionagi-agent-basic", "lionagi-conversation"] {
            #expect(library.example(id) != nil, "\(id)")
        }
    }

    @Test("each has hints, and an exercise more than one check and more than one hint")
    func complete() throws {
        let library = try ExampleLibrary.usable(directories: [Self.repository + "/examples"])
        for example in library.examples {
            #expect(!example.hints.isEmpty && !example.tags.isEmpty, "\(example.id)")
            if example.isExercise { #expect(example.checks.count > 1 && example.hints.count > 1, "\(example.id)") }
        }
    }
}
