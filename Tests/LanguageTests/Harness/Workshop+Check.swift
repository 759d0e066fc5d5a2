internal import Images
internal import RunModel
internal import RunPlanning
internal import Testing

@testable import nestbox

extension Workshop {
    /// The program an image is checked with, and what that prints.
    func check(of language: String) throws -> (plan: RunPlan, stdin: [UInt8], expectation: Expectation) {
        let check = try Languages.catalog.images.image(named: language).check
        let code = Array(check.code.utf8)
        return (
            try plan(RunRequest(language: language, code: code)), Array(check.stdin.utf8),
            Expectation(stdout: Array(check.stdout.utf8))
        )
    }

    /// Runs a plan cold, and warm where its language can be warm; both have to end as expected.
    func expect(
        _ expectation: Expectation, of plan: RunPlan, stdin: [UInt8] = [], named what: String
    ) async throws {
        for preparation in plan.isPrepared ? [Preparation.cold, .warm] : [.cold] {
            let result = try await run(plan, stdin: stdin, preparation)
            if let complaint = expectation.complaint(about: result) {
                Issue.record("\(what), \(preparation.rawValue): \(complaint)")
            }
        }
    }

    /// Runs the check of a language in the same warden, after somebody did there what he should not.
    func expectUnharmed(_ language: String, after what: String) async throws {
        let check = try check(of: language)
        let result = try await run(check.plan, stdin: check.stdin)
        if let complaint = check.expectation.complaint(about: result) {
            Issue.record("\(language) after \(what): \(complaint)")
        }
    }
}
