internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Many runs leave what one leaves: nothing.
    @Suite("Lifecycle")
    struct Lifecycle {
        @Test("1,000 runs in a row leave every oracle at its baseline")
        func oneAfterAnother() async throws {
            let warden = try await TestWarden.shared
            let before = HostBaseline.capture(warden: warden.pid)
            let start = Host.now
            var failures: [String] = []
            for _ in 0..<1000 {
                let found = try await ProbeRun.run(["true"])
                if found.verdict != .ok { failures.append(found.summary) }
            }
            print("containment: 1,000 runs took \((Host.now - start) / Specs.millisecond) ms")
            #expect(failures.isEmpty, "\(failures.count) runs failed, such as \(failures.first ?? "")")
            await before.expectUnchanged("1,000 runs", warden: warden.pid, within: 10)
        }

        @Test("200 runs, 8 at a time, leave every oracle at its baseline")
        func manyAtOnce() async throws {
            let warden = try await TestWarden.shared
            let before = HostBaseline.capture(warden: warden.pid)
            let verdicts = try await withThrowingTaskGroup(of: Verdict.self) { group in
                var verdicts: [Verdict: Int] = [:]
                for index in 0..<200 {
                    if index >= 8, let verdict = try await group.next() { verdicts[verdict, default: 0] += 1 }
                    group.addTask {
                        // Some of each kind: a fine one, a crash, a daemon left behind, a few children.
                        let probe = [
                            ["true"], ["end", "single", "segv"], ["daemon", "keep", "20"], ["end", "tree", "exit"],
                        ]
                        return try await ProbeRun.run(probe[index % 4]).verdict
                    }
                }
                for try await verdict in group { verdicts[verdict, default: 0] += 1 }
                return verdicts
            }
            #expect(verdicts == [.ok: 100, .signaled: 50, .nonzeroExit: 50], "\(verdicts)")
            await before.expectUnchanged("200 runs, 8 at a time", warden: warden.pid, within: 10)
        }

        @Test("a warden that is closed leaves nothing")
        func closedWarden() async throws {
            let shared = try await TestWarden.shared
            let before = HostBaseline.capture(warden: shared.pid)
            let warden = try await TestWarden()
            var options = ProbeOptions()
            options.input = nil
            let parked = try await LiveSandbox(["true"], options, on: warden)
            let running = try await LiveSandbox(["end", "daemon", "sleep"], options, on: warden)
            try running.start()
            let family = WardenFamily(of: warden.pid).everybody
            #expect(family.count >= 4, "expected a zygote, two inits and programs: \(family.map(\.name))")
            await warden.close()
            let ends = [try await parked.finish().verdict, try await running.finish().verdict]
            #expect(ends.allSatisfy { [.cancelled, .internalError].contains($0) }, "\(ends)")
            let gone = await Host.eventually(within: 2) { family.allSatisfy { HostProcess.isGone($0.pid) } }
            #expect(gone, "processes outlived their warden")
            await before.expectUnchanged("closing a warden", warden: shared.pid)
        }

        @Test("no run ever showed the client's secret")
        func secrets() async throws {
            let everything = [
                ["posture"], ["processes"], ["cat", "/proc/self/environ", "/proc/self/mountinfo", "/proc/self/cgroup"],
                ["list", "/"], ["cat", "/etc/passwd", "/etc/shadow", "/etc/hostname", "/root/.bashrc"],
            ]
            for probe in everything {
                let found = try await ProbeRun.run(probe)
                #expect(!found.text.contains(TestWarden.canary), "the canary is visible in \(probe)")
            }
        }
    }
}
