import APIFormat
import HTTPInterface
import HTTPTypes
import RunModel
import RunService
import SandboxSupply
import Testing

@testable import RunAPI

@Suite("Health")
struct HealthTests {
    /// Of a service to which nothing has happened yet.
    private let fresh: RunService.Vitals

    init() throws {
        fresh = try RunAPIFixture().services.runs.vitals
    }

    private func report(
        _ vitals: RunService.Vitals? = nil, isStopping: Bool = false, isReady: Bool = true,
        quarantined: Int = 0
    ) -> HealthReport {
        var status = WardenSupervisor.Status()
        status.givenUp = quarantined
        return HealthReport(vitals ?? fresh, isStopping: isStopping, warden: (isReady, status))
    }

    @Test("all is well when nothing is wrong, also before anything was tried")
    func well() {
        let report = report()
        #expect(report.status == .ok)
        #expect(report.checks.values.allSatisfy { $0 == "ok" })
        #expect(!report.isHopeless)
    }

    @Test("each thing that keeps runs from working is a failure of its own check")
    func failures() throws {
        var lastError = fresh
        lastError.lastError = "a test run failed"
        var slow = fresh
        slow.isStartOverdue = true
        slow.oldestStarting = 31_000_000_000
        var unwatched = fresh
        unwatched.unwatched = 11_000_000_000
        for (check, report) in [
            ("runs", report(lastError)), ("starting", report(slow)), ("watch", report(unwatched)),
            ("warden", report(isReady: false)), ("admission", report(isStopping: true)),
        ] {
            #expect(report.status == .failing, "\(check)")
            #expect(report.checks.filter { $0.value != "ok" }.map(\.key) == [check])
            let text = String(decoding: try JSONText.encode(report), as: UTF8.self)
            #expect(text.contains("\"reasons\":[\"\(check): "), "\(text)")
        }
    }

    @Test("a sandbox that does not end is told, and is no reason to send nobody")
    func quarantine() throws {
        let report = report(quarantined: 2)
        #expect(report.status == .degraded && !report.isFailing)
        #expect(String(decoding: try JSONText.encode(report), as: UTF8.self).contains("\"sandboxes_quarantined\":2"))
    }

    @Test("only what does not mend itself makes the process not worth keeping")
    func hopeless() {
        var vitals = fresh
        vitals.lastError = "a test run failed"
        #expect(!report(vitals).isHopeless)
        vitals.isHopeless = true
        #expect(report(vitals).isHopeless)
        var hung = fresh
        hung.unwatched = 29_000_000_000
        #expect(!report(hung).isHopeless)
        hung.unwatched = 30_000_000_000
        #expect(report(hung).isHopeless)
    }

    @Test("a service that runs nothing any more says so in JSON with 503")
    func routes() throws {
        let services = try RunAPIFixture().services
        let status = StatusRoutes(services: services)
        #expect(try status.ready().status == .ok && status.alive().status == .ok)
        services.runs.close()
        let reply = try status.ready()
        #expect(reply.status == .serviceUnavailable)
        #expect(reply.headers[.contentType] == "application/json")
        #expect(try status.alive().status == .ok, "stopping is no reason to be killed")
    }

    @Test("a reader goes on behind the last event it has; however large the number, nothing is told again")
    func lastEventID() throws {
        #expect(try RouteRequest.event(after: "0") == 1)
        #expect(try RouteRequest.event(after: "41") == 42)
        for huge in ["9223372036854775806", "9223372036854775807", "9223372036854775808", "99999999999999999999999"] {
            #expect(try RouteRequest.event(after: huge) == .max)
        }
        for bad in ["", "-1", "1.0", "x", " 1", "+1", String(repeating: "9", count: 65)] {
            #expect(throws: APIError.self, "\(bad)") { try RouteRequest.event(after: bad) }
        }
    }
}
