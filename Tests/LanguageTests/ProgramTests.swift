internal import Foundation
internal import RunModel
internal import Testing

/// The ten programs of Programs/, whose README.md says what each does.
@Suite("Classic programs", .enabled(if: Languages.canRun, "needs root"))
struct ProgramTests {
    struct Program: Sendable, CustomTestStringConvertible {
        let language: String
        let name: String
        let file: String

        var testDescription: String { "\(language)/\(name)" }
    }

    /// All of them, in the languages that were asked for.
    static let programs: [Program] = {
        do {
            return try Directory.names(in: "Programs").filter(Languages.isAsked).flatMap { language in
                try Directory.names(in: "Programs/\(language)").map { file in
                    Program(
                        language: language, name: String(file.prefix { $0 != "." }),
                        file: "Programs/\(language)/\(file)")
                }
            }
        } catch {
            fatalError("no programs: \(error)")
        }
    }()

    /// A file of expected/, if it is there.
    private static func optional(_ name: String) -> [UInt8]? { try? Directory.bytes("Programs/expected/\(name)") }

    @Test("every core language has the ten")
    func complete() throws {
        let names = try Directory.names(in: "Programs/expected").filter { $0.hasSuffix(".out") }.map { $0.dropLast(4) }
        #expect(names.count == 10)
        let languages = try Directory.names(in: "Programs").filter { $0 != "expected" && $0 != "README.md" }
        #expect(Set(Languages.core).isSubset(of: languages))
        for language in languages {
            let there = try Directory.names(in: "Programs/\(language)").map { $0.prefix { $0 != "." } }
            #expect(there == names, "\(language)")
        }
    }

    @Test("a program prints the same in every language, cold and warm", arguments: programs)
    func run(program: Program) async throws {
        let status = Self.optional("\(program.name).status").map { String(decoding: $0, as: UTF8.self) } ?? "0"
        let expectation = Expectation(
            stdout: try Directory.bytes("Programs/expected/\(program.name).out"),
            status: try #require(UInt8(status.trimmingCharacters(in: .whitespacesAndNewlines))))
        let workshop = try await Workshop.shared
        let code = try Directory.bytes(program.file)
        let plan = try workshop.plan(RunRequest(language: program.language, code: code))
        try await workshop.expect(
            expectation, of: plan, stdin: Self.optional("\(program.name).in") ?? [], named: program.testDescription)
    }
}
