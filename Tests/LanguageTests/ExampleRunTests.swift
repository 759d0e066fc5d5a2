internal import Examples
internal import Foundation
internal import RunModel
internal import SandboxSpec
internal import Testing

@testable import nestbox

/// The examples that Nestbox comes with, in real sandboxes: one of each core language, all of all languages in the night.
@Suite("Examples", .enabled(if: Languages.canRun, "needs root"))
struct ExampleRunTests {
    private static let directory = Directory.tests.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("examples").path

    static let chosen: [Example] = {
        let isNight = ProcessInfo.processInfo.environment["NESTBOX_TEST_LANGUAGES"] == "all"
        do {
            let all = try ExampleLibrary.usable(directories: [directory]).examples
                .filter { Languages.isAsked($0.language) }
            return isNight ? all : sample(of: all)
        } catch {
            fatalError("no examples: \(error)")
        }
    }()

    /// One of each language, each time the same: the one with the fewest checks; and of one language what only parses.
    private static func sample(of all: [Example]) -> [Example] {
        let first = Dictionary(grouping: all, by: \.language).values.compactMap { own in
            own.filter { $0.needs == nil }.min { ($0.checks.count, $0.id) < ($1.checks.count, $1.id) }
        }
        return first + all.filter { $0.id == "lionagi-agent-basic" || $0.id == "python-fizzbuzz" }
    }

    @Test(
        "an example passes its checks; an exercise passes with its solution and not as it is",
        arguments: chosen.map(\.id))
    func run(id: String) async throws {
        let example = try #require(Self.chosen.first { $0.id == id })
        let workshop = try await Workshop.shared
        let planner = Languages.catalog.planner
        let bench = ExampleBench { (submission) async throws(APIError) -> RunResult in
            let plan = try ExampleBench.plan(submission, planner)
            do {
                return try await workshop.run(plan, stdin: submission.stdin ?? [])
            } catch {
                throw APIError(.internalError, "\(error)")
            }
        }
        let failure = await bench.failure(of: example)
        #expect(failure == nil)
    }

    @Test("a wrong expectation and a stub that passes are found", .enabled(if: Languages.isAsked("bash")))
    func wrong() async throws {
        let directory = NSTemporaryDirectory() + "nestbox-examples-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func write(_ slug: String, _ more: String) throws {
            let place = URL(fileURLWithPath: directory + "/bash/" + slug)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let yaml = """
                version: 1
                title: T
                description: D
                category: basics
                difficulty: beginner
                main: main.sh
                \(more)
                """
            try Data(yaml.utf8).write(to: place.appendingPathComponent("example.yaml"))
            for name in ["main.sh", "solution.sh"] {
                try Data("echo one\n".utf8).write(to: place.appendingPathComponent(name))
            }
        }
        try write("expects", "check: [{stdout: two}]")
        try write("passes", "solution: solution.sh\ncheck: [{stdout: \"one\\n\"}]")
        let library = try ExampleLibrary.usable(directories: [directory])
        let workshop = try await Workshop.shared
        let planner = Languages.catalog.planner
        let bench = ExampleBench { (submission) async throws(APIError) -> RunResult in
            let plan = try ExampleBench.plan(submission, planner)
            do {
                return try await workshop.run(plan, stdin: submission.stdin ?? [])
            } catch {
                throw APIError(.internalError, "\(error)")
            }
        }
        let expects = await bench.failure(of: try #require(library.example("bash-expects")))
        #expect(expects == "it printed \"one\\n\", expected is \"two\"")
        let passes = await bench.failure(of: try #require(library.example("bash-passes")))
        #expect(passes == "the stub passes all checks already")
    }
}
