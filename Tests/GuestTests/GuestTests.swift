import Foundation
import Testing

/// Real sandboxes on the kernel of Debian 12, in a machine whose cgroups are in v2 alone: what the machine the tests
/// run on may not have. It boots once and does all it has to do then; the tests look at what it reported.
@Suite(
    .enabled(
        if: GuestMachine.missing.isEmpty,
        "the guest cannot boot without \(GuestMachine.missing.joined(separator: ", "))"))
struct GuestTests {
    /// One boot for all tests.
    private static let boot = Task { try await GuestMachine.boot(deadline: 300) }

    /// What `theGuestGetsToItsEnd` says more about.
    private struct Incomplete: Error {}

    private func report() async throws -> GuestReport {
        let report = GuestReport(parsing: try await Self.boot.value.report)
        guard report.isComplete else { throw Incomplete() }
        return report
    }

    @Test func theGuestGetsToItsEnd() async throws {
        let ending = try await Self.boot.value
        print("the guest ran for \(ending.seconds) s, its first root has \(ending.imageSize >> 20) MiB")
        #expect(
            GuestReport(parsing: ending.report).isComplete,
            """
            status \(ending.status)
            report: \(ending.report.suffix(2000))
            console: \(ending.console.suffix(4000))
            """)
        #expect(ending.status == 0)
    }

    @Test func theMachineIsTheOneThatIsMeant() async throws {
        let report = try await report()
        #expect(report.facts["kernel"]?.hasPrefix("6.1.") == true)
        // One line in /proc/self/cgroup: no v1 hierarchy anywhere.
        #expect(report.facts["hierarchies"] == "0:")
        let controllers = report.facts["controllers"]?.split(separator: " ") ?? []
        #expect(["cpu", "memory", "pids"].allSatisfy { controllers.contains($0) })
    }

    @Test func theDoctorFindsWhatIsThere() async throws {
        let doctor = try #require(try await report().doctors["delegated"])
        #expect(doctor.status == 0)
        #expect(doctor.findings["Landlock"]?.found == "ABI 2")
        for name in ["cpu controller", "memory controller", "pids controller"] {
            #expect(doctor.findings[name]?.status == "ok")
            #expect(doctor.findings[name]?.found == "cgroup v2, /sys/fs/cgroup")
        }
    }

    @Test(arguments: GuestCase.all)
    func aProgramEndsInItsVerdict(_ guestCase: GuestCase) async throws {
        let run = try #require(try await report().runs[guestCase.name])
        #expect(run.status == guestCase.status)
        let result = try #require(run.result, "\(run.words)")
        #expect(result.verdict == guestCase.verdict, "\(result)")
        #expect(result.limit?.name == guestCase.limit)
        if let limit = result.limit { #expect(limit.used >= limit.allowed) }
        if let stdout = guestCase.stdout { #expect(result.stdout == stdout, "\(result.stderr)") }
    }

    @Test func anInterpreterIsForked() async throws {
        let check = try await report().facts["check"] ?? ""
        #expect(check.hasPrefix("perl: cold: ok, wall ") && check.contains(", fork: ok, wall "), "\(check)")
    }

    @Test func usageIsMeasured() async throws {
        let runs = try await report().runs
        #expect(try #require(runs["cpu"]?.result).usage.cpu >= 1000)
        let memory = try #require(runs["memory-in-files"]?.result).usage.memoryPeak
        #expect(memory > 12 << 20 && memory <= 16 << 20)
        #expect(try #require(runs["processes"]?.result).usage.processesPeak <= 8)
    }

    @Test func artifactsComeOut() async throws {
        let report = try await report()
        let result = try #require(report.runs["ok"]?.result)
        #expect(result.artifacts == [GuestOutcome.Artifact(path: "kept/answer.txt", bytes: 3)])
        #expect(report.facts["artifact"] == "42")
    }

    @Test func aTerminalIsThere() async throws {
        let run = try #require(try await report().runs[GuestCase.terminal.name])
        #expect(run.status == 0)
        #expect(run.words.hasPrefix("terminal "))
    }

    // MARK: - Where the warden may make groups

    @Test func aGroupWithProcessesBelowNoDelegationIsRefused() async throws {
        let report = try await report()
        #expect(report.facts["session"] == "0::/session")
        let run = try #require(report.runs["undelegated"])
        #expect(run.status == 125)
        #expect(run.words.contains("/sys/fs/cgroup/session"), "\(run.words)")
    }

    @Test func theDoctorSeesThatAGroupIsNotDelegated() async throws {
        let doctor = try #require(try await report().doctors["undelegated"])
        #expect(doctor.status == 1)
        for name in ["cpu controller", "memory controller", "pids controller"] {
            #expect(doctor.findings[name]?.status == "missing", "\(String(describing: doctor.findings[name]))")
            #expect(doctor.findings[name]?.found == "not delegated to /sys/fs/cgroup/session")
        }
    }

    @Test func aGroupWithProcessesUsesTheOneAboveThatDelegates() async throws {
        let report = try await report()
        let delegated = report.facts["delegated"]?.split(separator: " ") ?? []
        #expect(["cpu", "memory", "pids"].allSatisfy { delegated.contains($0) })
        let run = try #require(report.runs["swept"])
        #expect(run.status == 0)
        #expect(run.result?.stdout == "hello\n", "\(run.words)")
    }

    @Test func theUnitsScriptMakesRoomForSandboxes() async throws {
        let report = try await report()
        let doctor = try #require(report.doctors["unit"])
        for name in ["cpu controller", "memory controller", "pids controller"] {
            #expect(doctor.findings[name]?.status == "ok", "\(String(describing: doctor.findings[name]))")
        }
        let run = try #require(report.runs["unit"])
        #expect(run.status == 0 && run.result?.stdout == "hello\n", "\(run.words)")
    }

    // MARK: - What is left

    @Test(arguments: ["undelegated", "cases", "killed-command", "killed-warden", "swept"])
    func nothingIsLeft(after moment: String) async throws {
        let states = try await report().states
        let start = try #require(states["start"])
        #expect(start.cgroups == "/sys/fs/cgroup/session")
        #expect(start.processes == "")
        #expect(states[moment] == start)
    }

    @Test func aKilledWardenIsAnInternalError() async throws {
        let report = try await report()
        #expect(report.facts["killed-warden-running"] == "1")
        #expect(report.runs["killed-warden"]?.status == 125)
        #expect(report.runs["killed-warden"]?.result?.verdict == "internal_error")
    }

    @Test func aKilledCommandTakesItsRunAlong() async throws {
        let report = try await report()
        #expect(report.facts["killed-command-running"] == "1")
        #expect(report.runs["killed-command"]?.status == 137)
    }

    @Test func whatNobodyCouldRemoveIsSweptByTheNextWarden() async throws {
        let report = try await report()
        #expect(report.facts["killed-both-running"] == "1")
        #expect(report.facts["abandoned"]?.contains("/sys/fs/cgroup/nestbox-") == true)
        // That nothing is left afterwards is looked at with the rest.
        #expect(report.runs["swept"]?.status == 0)
    }
}
