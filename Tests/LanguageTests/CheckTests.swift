internal import Images
internal import Policies
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import Testing

@testable import nestbox

/// What `nestbox image check` does, for each language that was asked for.
@Suite("The checks of images", .enabled(if: Languages.canRun, "needs root"))
struct CheckTests {
    @Test("an image prints what it says it does, cold and warm", arguments: Languages.asked.map(\.name))
    func check(language: String) async throws {
        let image = try Languages.catalog.images.image(named: language)
        let workshop = try await Workshop.shared
        let (plan, stdin, expectation) = try workshop.check(of: language)
        let cold = try await workshop.run(plan, stdin: stdin)
        if let complaint = expectation.complaint(about: cold) { Issue.record("\(language), cold: \(complaint)") }

        let wanted = image.warm.mode
        #expect(wanted == .none || plan.isPrepared, "\(language) can be warm, and its policy does not let it")
        guard plan.isPrepared else { return }
        let warm = try await workshop.run(plan, stdin: stdin, .warm)
        if let complaint = expectation.complaint(about: warm) { Issue.record("\(language), warm: \(complaint)") }
        if wanted != .none {
            #expect(
                warm.outcome.steps.last?.warm.rawValue == wanted.rawValue, "\(language) is not as warm as it can be")
        }
    }
}
