import Testing

@testable import Daemon

@Suite("Descriptors")
struct DescriptorPlanTests {
    @Test("settings that fit are taken as they are")
    func fits() throws {
        let plan = try DescriptorPlan(limit: 1_048_576, connections: 4096, runs: 64, sandboxes: 256)
        #expect(plan.connections == 4096)
        #expect(plan.note == nil)
    }

    @Test("connections get what is left when everything else has its share, and the operator is told")
    func bounded() throws {
        let plan = try DescriptorPlan(limit: 2048, connections: 4096, runs: 8, sandboxes: 100)
        #expect(plan.connections == 2048 - 96 - 8 * 72 - 800)
        let note = try #require(plan.note)
        for word in ["max_connections", "4096", "RLIMIT_NOFILE", "2048", "576"] { #expect(note.contains(word)) }
    }

    @Test("too few for runs and parked sandboxes: said with the settings and the number that would do")
    func tooFew() {
        #expect(throws: DescriptorPlan.TooFew.self) {
            try DescriptorPlan(limit: 256, connections: 10, runs: 8, sandboxes: 100)
        }
        do throws(DescriptorPlan.TooFew) {
            _ = try DescriptorPlan(limit: 256, connections: 10, runs: 8, sandboxes: 100)
        } catch {
            for word in ["256", "max_running_runs", "pool_sandboxes", "1488"] {
                #expect(error.description.contains(word), "\(error)")
            }
        }
    }
}
