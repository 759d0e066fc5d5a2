internal import Foundation
internal import LinuxSystem
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

extension Containment {
    /// Sandboxes whose calls are answered by their client: `nestbox policy trace`.
    @Suite("Observation")
    struct Observation {
        private static func observed(_ limits: [LimitName: Int64] = [:]) throws -> SandboxSpec {
            var spec = try Specs.spec(limits)
            spec.isObserved = true
            return spec
        }

        private static func refusal(_ spec: SandboxSpec, by warden: TestWarden) async -> StageFailure? {
            do {
                let handle = try await warden.connection.makeSandbox(spec)
                handle.kill(.cancelled)
                return nil
            } catch {
                return error as? StageFailure
            }
        }

        private static func job(_ script: String) -> Job {
            Job(arguments: ["bash", "-c", script], environment: ["PATH=/usr/bin:/bin"])
        }

        private static func outcome(of handle: SandboxHandle) async -> SandboxOutcome {
            while let event = await handle.nextEvent() { if case .finished(let outcome) = event { return outcome } }
            return await handle.finished()
        }

        @Test("a warden that was not started for it makes no observed sandbox, whatever its client says")
        func refused() async throws {
            let failure = await Self.refusal(try Self.observed(), by: try await TestWarden.shared)
            #expect(failure?.stage == "admit" && failure?.errno == EPERM, "\(String(describing: failure))")
            let contained = failure?.errno == EPERM
            Attempts.record(
                "K01", "observed sandbox of a client", capable: true, contained: contained,
                "\(failure?.object ?? "made")")
        }

        @Test("one that was started for it makes no observed sandbox with a channel or an interpreter")
        func shapes() async throws {
            let warden = try await TestWarden(options: ["--observe"])
            var channel = try Self.observed()
            channel.hasChannel = true
            var forked = try Self.observed()
            forked.preparation = .fork(
                .python,
                try Interpreter(command: ["python3", "main.py"], environment: ["PATH=/usr/bin"], script: "main.py"))
            for spec in [channel, forked] {
                let failure = await Self.refusal(spec, by: warden)
                #expect(failure?.stage == "admit" && failure?.errno == EINVAL)
            }
            await warden.close()
        }

        @Test("without an observer, calls that would be answered fail with ENOSYS, and nothing goes through")
        func abandoned() async throws {
            let warden = try await TestWarden(options: ["--observe"])
            let handle = try await warden.connection.makeSandbox(try Self.observed())
            let observation = try #require(handle.observation)
            observation.listener.close()
            // execve itself is among them.
            try handle.start(Self.job("true"))
            let outcome = await Self.outcome(of: handle)
            #expect(outcome.verdict == .internalError && outcome.failure?.stage == "exec")
            #expect(outcome.failure?.errno == ENOSYS)
            await warden.close()
        }

        @Test("an observer that does not answer holds up the program, and no limit")
        func silent() async throws {
            let warden = try await TestWarden(options: ["--observe"])
            let handle = try await warden.connection.makeSandbox(
                try Self.observed([.wall: 300 * Specs.millisecond, .idle: 300 * Specs.millisecond]))
            try handle.start(Self.job("true"))
            let outcome = await Self.outcome(of: handle)
            #expect([.wallLimit, .idleLimit].contains(outcome.verdict), "\(outcome)")
            withExtendedLifetime(handle) {}
            await warden.close()
        }
    }
}
