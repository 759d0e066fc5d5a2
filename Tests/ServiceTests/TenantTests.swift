import Foundation
import Glibc
import TestSupport
import Testing

/// Tenants of a running service: what each may do, what it is told, and what is kept.
@Suite("Tenants", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct TenantTests {
    /// Files of an operator and two keys; gone with its owner.
    private final class Site {
        let own = NSTemporaryDirectory() + "nestbox-tenants-" + UUID().uuidString
        let keys: [String]

        init() throws {
            for folder in ["policies", "images", "tenants"] {
                try FileManager.default.createDirectory(
                    atPath: own + "/" + folder, withIntermediateDirectories: true)
            }
            chmod(own, 0o755)
            let products = try #require(Service.products)
            let file = own + "/keys.json"
            keys = try ["shop", "admin"].map { name in
                let made = try FinishedProgram.run(
                    [products + "/nestbox", "key", "create", name, "--keys", file]
                        + (name == "admin" ? ["--role", "admin"] : []))
                try #require(made.status == 0, "\(made.stderr)")
                return made.stdout.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            chmod(file, 0o644)
        }

        deinit { try? FileManager.default.removeItem(atPath: own) }

        var id: String { String(keys[0].dropFirst(4).prefix(8)) }

        func write(_ name: String, _ rest: String) throws {
            try Data("version: 1\nname: \(name)\n\(rest)\n".utf8).write(
                to: URL(fileURLWithPath: own + "/tenants/\(name).yaml"))
        }

        func start(_ more: [String] = []) throws -> Service {
            try Service(["--overlay", own, "--auth", "required", "--keys", own + "/keys.json"] + more)
        }
    }

    private func run(
        _ service: Service, _ key: String, _ language: String = "bash", _ more: [String: Any] = [:]
    ) throws -> Answer {
        let body = ["language": language, "code": "echo 12345"].merging(more) { _, new in new }
        return try service.request(
            "POST", "/api/v1/execute", body: Service.json(body), headers: ["Authorization: Bearer \(key)"])
    }

    @Test("a tenant is held to its languages, priorities, sessions and limits of a day; a restart does not renew them")
    func limits() throws {
        let site = try Site()
        try site.write(
            "shop",
            "keys: [\(site.id)]\nlanguages: [bash]\nsessions: 0\npriority: {max: 3}\ndaily: {runs: 2}\nweight: 4")
        let service = try site.start()
        let key = site.keys[0]
        let python = try run(service, key, "python")
        #expect(python.status == 403 && python.code == "NOT_ALLOWED")
        #expect(python.text.contains("\"value\":\"python\"") && python.text.contains("\"allowed\":\"bash\""))
        let urgent = try run(service, key, "bash", ["priority": 9])
        #expect(urgent.status == 400 && urgent.text.contains("allowed are 0 to 3"), "\(urgent.text)")
        let session = try service.request(
            "POST", "/api/v1/sessions", body: "{\"language\": \"python\"}", headers: ["Authorization: Bearer \(key)"])
        #expect(session.status == 403, "\(session.text)")
        let first = try run(service, key, "bash", ["priority": 1])
        #expect(first.status == 200, "\(first.text)")
        #expect(first.headers["nestbox-queue"] == "shop")
        #expect(try run(service, key).status == 200)
        let third = try run(service, key)
        #expect(third.status == 429 && third.code == "QUOTA_EXCEEDED", "\(third.text)")
        #expect(third.text.contains("daily.runs") && third.text.contains("resets_at"))
        #expect(try run(service, site.keys[1], "python").status == 200, "keys of no tenant are not affected")

        func usage(_ service: Service) throws -> Answer {
            try service.request("GET", "/api/v1/usage", headers: ["Authorization: Bearer \(key)"])
        }
        let used = try usage(service)
        #expect(used.json["tenant"] as? String == "shop" && used.json["weight"] as? Int == 4, "\(used.text)")
        #expect((used.json["used"] as? [String: Any])?["runs"] as? Int == 2)
        #expect((used.json["used"] as? [String: Any])?["bytes"] as? Int == 12)
        let all = try service.request(
            "GET", "/api/v1/admin/tenants", headers: ["Authorization: Bearer \(site.keys[1])"])
        #expect((all.json["tenants"] as? [[String: Any]])?.count == 3, "\(all.text)")
        #expect(
            try service.request("GET", "/api/v1/admin/tenants", headers: ["Authorization: Bearer \(key)"]).status == 404
        )
        let metrics = try service.request("GET", "/metrics", headers: ["Authorization: Bearer \(key)"]).text
        #expect(metrics.contains("nestbox_tenant_runs_total{tenant=\"shop\"} 2"))
        // The file is written every two seconds; what a kill would lose is at most that.
        let file = service.directory + "/state/tenants/usage.json"
        #expect(service.eventually { (try? String(contentsOfFile: file, encoding: .utf8))?.contains("shop") == true })
    }

    @Test("a changed file counts without a restart; one with an error changes nothing, and says where it is wrong")
    func reloads() throws {
        let site = try Site()
        try site.write("shop", "keys: [\(site.id)]\nlanguages: [python]")
        let service = try site.start()
        #expect(try run(service, site.keys[0]).code == "NOT_ALLOWED")
        try site.write("shop", "keys: [\(site.id)]\nlanguages: [python, bahs]")
        let admin = ["Authorization: Bearer \(site.keys[1])"]
        #expect(
            service.eventually {
                (try? service.request("GET", "/api/v1/admin/policies", headers: admin))?.text
                    .contains("shop.yaml:4") == true
            })
        #expect(try run(service, site.keys[0]).code == "NOT_ALLOWED")
        try site.write("shop", "keys: [\(site.id)]\nlanguages: [python, bash]\nrate: 1")
        #expect(service.eventually { (try? run(service, site.keys[0]))?.status == 200 })
        #expect(try run(service, site.keys[0]).code == "RATE_LIMITED", "one request a minute")
    }
}
