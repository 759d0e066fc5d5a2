internal import Foundation
internal import Testing

extension Containment {
    /// A program cannot tell by what it does whether its interpreter was started for it: each of Differential/ runs bare, cold
    /// and warm, and every byte and the status have to be the same.
    @Suite("Differential", .enabled(if: TestWarmth.ofThisRun == .cold, "runs once, beside the cold suite"))
    struct Differential {
        /// How many programs run at once: more than processors, since they also wait.
        private static let width = 4

        @Test("programs do the same bare, cold and warm", arguments: DifferentialLanguage.all)
        func same(_ language: DifferentialLanguage) async throws {
            guard access(language.path, X_OK) == 0 else {
                return Attempts.skip("differential", "no \(language.path)")
            }
            let warden = try await TestWarden()
            let run = DifferentialRun(language: language, warden: warden)
            let programs = try language.programs()
            #expect(programs.count > 15)
            // One first, so that the zygotes are there.
            _ = try await run.sandboxed(programs[0].code, isWarm: true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, program) in programs.enumerated() {
                    if index >= Self.width { try await group.next() }
                    group.addTask {
                        let cold = try await run.sandboxed(program.code, isWarm: false)
                        let warm = try await run.sandboxed(program.code, isWarm: true)
                        #expect(
                            warm == cold,
                            "\(language.name), \(program.name): warm: \(warm.summary); cold: \(cold.summary)")
                        let bare = try await run.bare(program.code)
                        #expect(
                            bare == cold || language.differsBare.contains(program.name),
                            "\(language.name), \(program.name): bare: \(bare.summary); cold: \(cold.summary)")
                    }
                }
                try await group.waitForAll()
            }
            await warden.close()
        }
    }
}
