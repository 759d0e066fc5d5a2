internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// SIGKILL for each of ours, at several moments: one terminal event for the client, and nothing left.
    @Suite("Faults")
    struct Faults {
        enum Target: String, CaseIterable, Sendable { case warden, zygote, `init` }
        enum Moment: String, CaseIterable, Sendable { case parked, running, collecting }

        @Test("SIGKILL of a part of Nestbox", arguments: Target.allCases, Moment.allCases)
        func killed(target: Target, at moment: Moment) async throws {
            let shared = try await TestWarden.shared
            let before = HostBaseline.capture(warden: shared.pid)
            let warden = try await TestWarden()
            // One good run first, so that its zygote is there.
            #expect(try await ProbeRun.run(["true"], on: warden).verdict == .ok)
            var options = ProbeOptions.limits([.inodes: 4096, .disk: 64 << 20])
            options.input = nil
            if moment == .collecting { options.artifacts = ArtifactRequest(patterns: ["**"], maximumCount: 1024) }
            let probe = moment == .collecting ? ["fill", "files"] : ["end", "daemon", "sleep"]
            let sandbox = try await LiveSandbox(probe, options, on: warden)
            if moment != .parked { try sandbox.start() }
            switch moment {
            case .parked: break
            case .running:
                let runs = await Host.eventually(within: 5) { WardenFamily(of: warden.pid).programs.count >= 2 }
                #expect(runs, "the program did not start")
            // The program is over, and its files are being handed out.
            case .collecting:
                while sandbox.artifactCount == 0 { await Task.yield() }
            }
            let family = WardenFamily(of: warden.pid)
            let victim: Int32? =
                switch target {
                case .warden: warden.pid
                case .zygote: family.zygotes.first?.pid
                case .`init`: family.inits.first?.pid
                }
            if let victim { kill(victim, SIGKILL) }
            let found = try await sandbox.finish()
            // A collection may have been over before the fault; then everything came out, and the verdict stands.
            if moment == .collecting && found.artifacts.count == 1024 {
                #expect([.ok, .internalError].contains(found.verdict), "the client saw \(found.summary)")
            } else {
                #expect(
                    found.verdict == .internalError,
                    "the client saw \(found.summary), with \(found.artifacts.count) files")
            }
            if found.verdict == .internalError {
                #expect(found.failure != nil, "no reason was given: \(found.summary)")
            }
            if target != .warden {
                // A run that is asked for while a zygote dies is refused; one that comes later is not.
                _ = await Host.eventually(within: 5) { victim.map { HostProcess.isGone($0) } ?? true }
                // The warden itself goes on, with a new zygote where the old one died.
                let next = try await ProbeRun.run(["true"], on: warden)
                #expect(next.verdict == .ok, "the next run: \(next.summary)")
            }
            await warden.close()
            let gone = await Host.eventually(within: 2) { family.everybody.allSatisfy { HostProcess.isGone($0.pid) } }
            #expect(gone, "left: \(family.everybody.filter { !HostProcess.isGone($0.pid) })")
            await before.expectUnchanged("SIGKILL of the \(target) (\(moment))", warden: shared.pid, within: 5)
        }

        @Test("SIGKILL of the warden under eight runs")
        func killedUnderLoad() async throws {
            let shared = try await TestWarden.shared
            let before = HostBaseline.capture(warden: shared.pid)
            for round in 0..<3 {
                let warden = try await TestWarden()
                let verdicts = await withTaskGroup(of: Verdict?.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            try? await ProbeRun.run(["end", "tree", "stubborn"], on: warden).verdict
                        }
                    }
                    try? await Task.sleep(nanoseconds: UInt64(20_000_000 + round * 30_000_000))
                    kill(warden.pid, SIGKILL)
                    return await group.reduce(into: []) { $0.append($1) }
                }
                // nil: the sandbox was still being made, and making it failed with an error.
                #expect(verdicts.allSatisfy { $0 == nil || $0 == .internalError }, "\(verdicts)")
                await warden.close()
            }
            await before.expectUnchanged("SIGKILL of the warden under load", warden: shared.pid, within: 5)
        }
    }
}
