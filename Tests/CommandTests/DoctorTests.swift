import Foundation
import TestSupport
import Testing

@testable import nestbox

/// What `nestbox doctor` says of the service and its machine.
@Suite("doctor", .enabled(if: NestboxExecutable.path != nil, "needs nestbox built"))
struct DoctorTests {
    private struct Report: Decodable {
        struct Finding: Decodable {
            let name: String
            let status: String
            let found: String
            let consequence: String?
            let remedy: String?
        }

        let findings: [Finding]
        let runs_possible: Bool
    }

    private func doctor(_ environment: [String: String]) throws -> (status: Int32, report: Report) {
        let found = try FinishedProgram.run(
            [try #require(NestboxExecutable.path), "doctor", "--json"],
            environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 })
        return (found.status, try JSONDecoder().decode(Report.self, from: Data(found.output)))
    }

    @Test("everything is looked at, and what is not well says what follows and what to do")
    func report() throws {
        let directory = try TemporaryDirectory()
        let (status, report) = try doctor(["NESTBOX_STATE": directory.path + "/state"])
        let names = Set(report.findings.map(\.name))
        for name in [
            "kernel", "seccomp filter", "Landlock", "tmpfs", "clone3", "cpu controller", "memory controller",
            "pids controller", "root",
            "nestbox-warden", "policies",
            "images", "state directory", "settings", "user of the service", "open descriptors", "address", "API keys",
            "configuration",
            "directories", "clock", "units",
        ] {
            #expect(names.contains(name), "\(name) is missing in \(names.sorted())")
        }
        #expect(names.contains("warden") == (geteuid() == 0))
        for finding in report.findings {
            #expect(["ok", "degraded", "missing"].contains(finding.status))
            #expect((finding.status == "ok") == (finding.remedy == nil), "\(finding)")
            #expect((finding.status == "ok") == (finding.consequence == nil), "\(finding)")
        }
        // Nothing has been built into this state directory.
        #expect(report.runs_possible == (status == 0))
        #expect(report.findings.filter { $0.status == "missing" }.isEmpty == report.runs_possible)
    }

    @Test("settings the service would not start with")
    func settings() throws {
        let (_, report) = try doctor(["NESTBOX_MAX_BODY": "many", "NESTBOX_LOG_FORMAT": "loud"])
        let finding = try #require(report.findings.first { $0.name == "settings" })
        #expect(finding.status == "degraded" && finding.found.contains("and 1 more"), "\(finding)")
    }

    @Test("an address that is taken, a user that is not there, keys that are asked for and missing")
    func service() throws {
        let directory = try TemporaryDirectory()
        let taken = try LoopbackPort(isListening: true)
        let (_, report) = try doctor([
            "NESTBOX_LISTEN": "127.0.0.1:\(taken.number)", "NESTBOX_USER": "nestbox-nobody", "NESTBOX_AUTH": "required",
            "NESTBOX_STATE": directory.path,
        ])
        func finding(_ name: String) throws -> Report.Finding {
            try #require(report.findings.first { $0.name == name })
        }
        #expect(try finding("address").found.contains("127.0.0.1:\(taken.number)"))
        #expect(try finding("user of the service").status == "degraded")
        #expect(try finding("user of the service").found == "no user nestbox-nobody")
        #expect(try finding("API keys").status == "degraded")
        withExtendedLifetime(taken) {}
    }

    @Test("a clock that nobody sets, or that is years behind")
    func clock() {
        #expect(ClockChecks.finding(now: 1_800_000_000, isSynchronized: true).status == .ok)
        #expect(ClockChecks.finding(now: 1_800_000_000, isSynchronized: false).status == .degraded)
        #expect(ClockChecks.finding(now: 86_400, isSynchronized: true).found == "before 2026")
    }

    @Test("units that do not run")
    func units() {
        #expect(UnitChecks.finding(states: ["active", "active", "active"]).status == .ok)
        let finding = UnitChecks.finding(states: ["active", "active", "failed"])
        #expect(finding.status == .degraded && finding.found.hasSuffix("nestboxd.service failed"))
        // A service that listens by itself.
        let own = UnitChecks.finding(
            states: ["active", "inactive", "active"], enabled: ["enabled", "disabled", "enabled"])
        #expect(own.status == .ok && own.found.contains("nestboxd.socket disabled"))
        #expect(
            UnitChecks.finding(
                states: ["active", "inactive", "active"], enabled: ["enabled", "enabled", "enabled"]
            ).status == .degraded)
        #expect(UnitChecks.finding(states: []).status == .degraded)
    }
}
