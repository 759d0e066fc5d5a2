internal import Images
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply
internal import SessionModel
internal import Testing

@testable import nestbox

/// A session of each language that has some: from a plan over its sandbox to a cell, cold and as warm as its image says.
@Suite("Sessions", .enabled(if: Languages.canRun, "needs root"))
struct SessionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let language: String
        let preparation: Workshop.Preparation
        var testDescription: String { "\(language), \(preparation.rawValue)" }
    }

    /// Without sqlite: the rows of a cell's last statement are its result there, and no output; `Tests/SessionDrivers` has its cases.
    static let all: [Case] = Languages.asked.filter { $0.session != nil && $0.name != "sqlite" }.flatMap { image in
        [Case(language: image.name, preparation: .cold), Case(language: image.name, preparation: .warm)]
    }

    @Test("python has sessions, forked as soon as its policy lets it")
    func python() throws {
        let plan = try Languages.catalog.planner.session(SessionRequest(language: "python"))
        guard case .fork(.python, let interpreter) = plan.spec.preparation else {
            Issue.record("\(plan.spec.preparation)")
            return
        }
        #expect(plan.spec.hasChannel && plan.job.files.first?.path.description == interpreter.script)
    }

    @Test("the check program of an image runs as a cell, and the driver ends when nobody speaks to it", arguments: all)
    func check(example: Case) async throws {
        let image = try Languages.catalog.images.image(named: example.language)
        let plan = try Languages.catalog.planner.session(SessionRequest(language: example.language))
        let workshop = try await Workshop.shared
        let session = try await workshop.openSession(plan, example.preparation)
        let ready = try await session.nextRecord()
        guard case .ready(let driver) = ready else {
            Issue.record("\(example.testDescription): \(ready) instead of ready")
            return
        }
        #expect(image.language.hasPrefix(driver.language) || image.name == driver.language, "\(driver)")
        if example.preparation == .warm, plan.spec.preparation != .none {
            #expect(session.warmth == WarmStart(parked: plan.spec.preparation), "\(example.testDescription)")
        }
        session.write(image.check.stdin)
        try session.execute(image.check.code, id: "e1")
        var last = try await session.nextRecord()
        while last.isOutput { last = try await session.nextRecord() }
        #expect(last == .done(id: "e1", .ok), "\(example.testDescription): \(last)")
        let output = try await session.close()
        #expect(output.stdout == image.check.stdout, "\(example.testDescription): \(output.stderr)")
        #expect(output.verdict == .ok, "\(example.testDescription): \(output.verdict) \(output.stderr)")
    }
}

extension DriverRecord {
    /// Whether it is something a cell gives, and the cell goes on.
    fileprivate var isOutput: Bool {
        switch self {
        case .result, .display, .clear: true
        case .ready, .error, .done, .answer, .restored, .password: false
        }
    }
}
