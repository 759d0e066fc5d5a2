internal import Foundation
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import Testing

/// What an image does so that programs start or compile sooner, no program and no message shows: each program of Differential/
/// is run as the image has it, cold and warm, and by the plain command that people type.
@Suite("The image's way and the plain command", .enabled(if: Languages.canRun, "needs root"))
struct DifferentialTests {
    struct Program: Sendable, CustomTestStringConvertible {
        let language: String
        let name: String
        let code: String
        var testDescription: String { "\(language)/\(name)" }
    }

    static let programs: [Program] = {
        do {
            return try Directory.names(in: "Differential").flatMap { file in
                let language = String(file.prefix { $0 != "." })
                guard Languages.isAsked(language) else { return [] as [Program] }
                let text = String(decoding: try Directory.bytes("Differential/\(file)"), as: UTF8.self)
                return ("\n" + text).components(separatedBy: "\n### ").dropFirst().map { part in
                    let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
                    return Program(language: language, name: String(lines[0]), code: lines.dropFirst().joined() + "\n")
                }
            }
        } catch {
            fatalError("Differential: \(error)")
        }
    }()

    private static let input = Array("first line\nsecond\nénd\n".utf8)

    @Test("a program prints the same, and so does its compiler", arguments: programs)
    func same(program: Program) async throws {
        let workshop = try await Workshop.shared
        let plan = try workshop.plan(RunRequest(language: program.language, code: Array(program.code.utf8)))
        // The image takes modules for such without being told so.
        let isImagesOwn = program.name.hasPrefix("module")
        let plainPlan = isImagesOwn ? plan : Self.plain(plan, program.language)
        let plain = Self.printed(try await workshop.run(plainPlan, stdin: Self.input))
        for preparation in plan.isPrepared ? [Workshop.Preparation.cold, .warm] : [.cold] {
            let result = try await workshop.run(plan, stdin: Self.input, preparation)
            if preparation == .warm, let step = result.outcome.steps.first {
                #expect(step.warm != .cold, "\(program.testDescription)")
            }
            let found = Self.printed(result)
            if let difference = zip(found, plain).first(where: { $0 != $1 }) {
                Issue.record(
                    """
                    \(program.testDescription), \(preparation.rawValue): \(Expectation.quote(Array(difference.0.utf8)))
                    plain: \(Expectation.quote(Array(difference.1.utf8)))
                    """)
            }
        }
    }

    /// The same request with the command that the image stands in for.
    static func plain(_ plan: RunPlan, _ language: String) -> RunPlan {
        var plan = plan
        let step = plan.steps.startIndex
        let words = plan.steps[step].job.arguments
        switch language {
        case "node": plan.steps[step].job.arguments = ["node"] + words.suffix(1)
        case "ruby": plan.steps[step].spec.preparation = .none
        case "c": plan.steps[step].job.arguments = ["gcc"] + words.drop { !$0.hasPrefix("-") }
        case "cpp": plan.steps[step].job.arguments = ["g++"] + words.drop { !$0.hasPrefix("-") }
        default: fatalError("no plain command is known for \(language)")
        }
        return plan
    }

    /// Every byte and every status, but for addresses and the names of temporary files.
    private static func printed(_ result: RunResult) -> [String] {
        let texts = [result.stdout, result.stderr].map {
            String(decoding: $0.bytes, as: UTF8.self).replacing(/0x[0-9a-f]+|\/tmp\/cc[A-Za-z0-9]{6}/, with: "X")
        }
        let steps = result.outcome.steps.map { "\($0.step.rawValue): \($0.verdict.rawValue)" }
        return texts + [result.outcome.summary, result.error?.message ?? ""] + steps
    }
}
