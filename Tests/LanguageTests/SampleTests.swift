internal import Foundation
internal import RunModel
internal import SandboxSpec
internal import Testing

/// The examples of the page: Sources/RunAPI/Web/samples.
@Suite("Examples of the page", .enabled(if: Languages.canRun, "needs root"))
struct SampleTests {
    struct Sample: Sendable, CustomTestStringConvertible, Decodable {
        struct Options: Sendable, Decodable {
            let artifacts: String?
        }

        let title: String
        let file: String
        let options: Options?
        let answers: [String]?
        var language = ""

        var testDescription: String { file }

        private enum CodingKeys: String, CodingKey {
            case title, file, options, answers
        }
    }

    private static let directory = Directory.tests.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/RunAPI/Web/samples")

    static let all: [Sample] = {
        do {
            let data = try Data(contentsOf: directory.appendingPathComponent("index.json"))
            return try JSONDecoder().decode([String: [Sample]].self, from: data).sorted { $0.key < $1.key }
                .flatMap { language, samples in
                    samples.map { sample in
                        var sample = sample
                        sample.language = language
                        return sample
                    }
                }
        } catch {
            fatalError("no samples: \(error)")
        }
    }()

    @Test("every core language has one that says hello and one that asks")
    func complete() {
        for language in Languages.core {
            let samples = Self.all.filter { $0.language == language }
            #expect(samples.first?.title == "Say hello", "\(language)")
            #expect(samples.contains { $0.answers != nil }, "\(language)")
        }
    }

    @Test("an example ends well and says something", arguments: all.filter { Languages.isAsked($0.language) })
    func run(sample: Sample) async throws {
        let code = Array(try Data(contentsOf: Self.directory.appendingPathComponent(sample.file)))
        let workshop = try await Workshop.shared
        let plan = try workshop.plan(
            RunRequest(
                language: sample.language, code: code,
                artifacts: sample.options?.artifacts?.split(separator: " ").map(String.init)))
        let input = (sample.answers ?? []).map { $0 + "\n" }.joined()
        let result = try await workshop.run(plan, stdin: Array(input.utf8))
        let output = result.output.rendered.data
        #expect(result.outcome.verdict == .ok, "\(output)")
        #expect(result.stderr.rendered.data.isEmpty && !output.isEmpty)
        if sample.title == "Say hello" { #expect(output.contains("Hello, green world!")) }
        if sample.answers?.first == "Ada" { #expect(output.contains("Hello, Ada! 6 times 7 is 42.")) }
        if sample.options?.artifacts != nil { #expect(!result.outcome.artifacts.files.isEmpty) }
    }
}
