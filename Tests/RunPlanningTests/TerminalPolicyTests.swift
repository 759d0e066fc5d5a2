import Policies
import RunPlanning
import SandboxSpec
import Testing

@Suite("The policy of terminals")
struct TerminalPolicyTests {
    @Test("terminals stay open for hours, and end unused; runs of bash have their own policy")
    func shipped() throws {
        let planner = try Shipped.planner()
        let settings = try planner.settings(language: "bash", policy: "terminal")
        let hour: Int64 = 3_600_000_000_000
        #expect(settings.policy.ceiling[.wall] == 8 * hour && settings.policy.ceiling[.idle] == hour / 2)
        #expect(try planner.settings(language: "bash", policy: nil).policy.name == "bash")
    }
}
