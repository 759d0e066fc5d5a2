import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A folder of an operator's own over the shipped policies, and a service that follows it.
final class Operator {
    let own: String
    let service: Service

    init(_ settings: [String] = [], environment: [String: String] = [:]) throws {
        own = NSTemporaryDirectory() + "nestbox-reload-" + UUID().uuidString
        for directory in ["", "/policies", "/images"] {
            try FileManager.default.createDirectory(atPath: own + directory, withIntermediateDirectories: true)
            chmod(own + directory, 0o755)
        }
        service = try Service(
            [
                "--overlay", own, "--max-running-per-client", "64", "--rate-per-minute", "1000000", "--rate-burst",
                "100000",
            ] + settings, environment: environment)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: own)
    }

    func write(_ limits: String, to name: String = "bash") throws {
        let path = own + "/policies/\(name).yaml"
        try Data("version: 1\nname: \(name)\nextends: default\nimage: bash\nlimits: {\(limits)}\n".utf8)
            .write(to: URL(fileURLWithPath: path), options: .atomic)
        chmod(path, 0o644)
    }

    /// Has the files read, and waits for it.
    func reload() throws -> [String: Any] {
        try service.request("POST", "/api/v1/admin/policies/reload", seconds: 60).json
    }

    func status() throws -> [String: Any] {
        try service.request("GET", "/api/v1/admin/policies").json["status"] as? [String: Any] ?? [:]
    }
}

@Suite("Policies that change while the service runs", .enabled(if: Service.canRun, "needs root, and nestboxd built"))
struct ReloadTests {
    /// 6 in the usual suite; 100 at night.
    private static let reloads =
        ProcessInfo.processInfo.environment["NESTBOX_TEST_RELOADS"].flatMap { Int($0) } ?? 6

    @Test("every run during reloads names one generation, and is held to exactly that one", .timeLimit(.minutes(10)))
    func duringRuns() throws {
        let site = try Operator()
        try site.write("open_files: 200")
        #expect(try site.reload()["outcome"] as? String == "switched")
        let results = Mutex<[(generation: Int, files: Int, digest: String)]>([])
        let failures = Mutex<[String]>([])
        let isOver = Mutex(false)
        let service = site.service
        let threads = (0..<4).map { _ in
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                while !isOver.withLock({ $0 }) {
                    do {
                        let answer = try service.execute("bash", "ulimit -n")
                        let json = answer.json
                        guard json["verdict"] as? String == "ok", let generation = json["generation"] as? Int,
                            let files = (json["stdout"] as? String).flatMap({ Int($0.dropLast()) }),
                            let digest = json["policy_digest"] as? String,
                            answer.headers["nestbox-policy"] == "bash@\(generation)"
                        else {
                            failures.withLock { $0.append(answer.text) }
                            continue
                        }
                        results.withLock { $0.append((generation, files, digest)) }
                    } catch {
                        failures.withLock { $0.append("\(error)") }
                    }
                }
                done.signal()
            }
            return done
        }
        var expected: [Int: Int] = [:]
        let first = try site.status()["generation"] as? Int ?? 0
        expected[first] = 200
        for number in 1...Self.reloads {
            try site.write("open_files: \(200 + number)")
            let attempt = try site.reload()
            // The service may have noticed by itself just before.
            #expect(["switched", "unchanged"].contains(attempt["outcome"] as? String ?? ""), "\(attempt)")
            expected[attempt["generation"] as? Int ?? 0] = 200 + number
            let before = results.withLock { $0.count }
            #expect(service.eventually { results.withLock { $0.count } >= before + 10 })
        }
        isOver.withLock { $0 = true }
        for done in threads { done.wait() }
        #expect(failures.withLock { $0 } == [])
        let seen = results.withLock { $0 }
        #expect(seen.count >= 10 * Self.reloads && expected.count == Self.reloads + 1)
        #expect(Set(seen.map(\.generation)).count > Self.reloads)
        for result in seen { #expect(expected[result.generation] == result.files, "generation \(result.generation)") }
        #expect(Set(seen.map { "\($0.files) \($0.digest)" }).count == Set(seen.map(\.files)).count)
    }

    @Test("a bad change is told in the log, /readyz, /api/v1/health, metrics and the status, and disturbs nothing")
    func badChange() throws {
        let site = try Operator()
        try site.write("open_files: 64")
        #expect(site.service.eventually { (try? site.status()["generation"] as? Int) == 2 }, "noticed by itself")
        try site.write("open_filess: 64")
        let attempt = try site.reload()
        #expect(attempt["outcome"] as? String == "refused")
        let place = "policies/bash.yaml:5"
        #expect((attempt["errors"] as? [String])?.first?.contains(place) == true, "\(attempt)")
        #expect(site.service.records.replacing("\\/", with: "/").contains(place))
        let ready = try site.service.request("GET", "/readyz")
        #expect(ready.status == 200 && ready.text.contains("degraded: policies: generation 2 stays in force"))
        #expect(ready.text.contains(place))
        let health = try site.service.request("GET", "/api/v1/health")
        #expect(health.status == 200 && health.json["status"] as? String == "degraded")
        let metrics = try site.service.request("GET", "/metrics").text
        #expect(metrics.contains("nestbox_policy_last_reload_successful 0\n"))
        #expect(metrics.contains("nestbox_policy_generation 2\n"))
        let run = try site.service.execute("bash", "ulimit -n")
        #expect(run.json["stdout"] as? String == "64\n" && run.json["generation"] as? Int == 2)
        try site.write("open_files: 65")
        #expect(site.service.eventually { (try? site.status()["generation"] as? Int) == 3 })
        // Told as soon as the attempt is over.
        let isMended = site.service.eventually {
            (try? site.service.request("GET", "/readyz").text.contains("policies")) == false
        }
        let now = try site.service.request("GET", "/readyz").text
        #expect(isMended, "\(now)")
    }

    @Test("a policy that the warden will not enforce is refused before it is in force, with file, line and reason")
    func unenforceable() throws {
        let products = try #require(Service.products)
        let directory = NSTemporaryDirectory() + "nestbox-warden-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        chmod(directory, 0o755)
        try Data("ceiling.open_files = 300\n".utf8).write(to: URL(fileURLWithPath: directory + "/warden.conf"))
        try Data("#!/bin/sh\nexec \(products)/nestbox-warden --config \(directory)/warden.conf \"$@\"\n".utf8)
            .write(to: URL(fileURLWithPath: directory + "/warden"))
        chmod(directory + "/warden.conf", 0o644)
        chmod(directory + "/warden", 0o755)
        let site = try Operator(environment: ["NESTBOX_WARDEN": directory + "/warden"])
        try site.write("open_files: 290")
        #expect(try site.reload()["outcome"] as? String == "switched")
        try site.write("open_files: 310")
        let attempt = try site.reload()
        #expect(attempt["outcome"] as? String == "refused")
        let error = try #require((attempt["errors"] as? [String])?.first)
        #expect(error.contains("policies/bash.yaml:1: found rules that cannot be enforced here"), "\(error)")
        #expect(error.contains("open_files"), "\(error)")
        let run = try site.service.execute("bash", "ulimit -n")
        #expect(run.json["stdout"] as? String == "290\n" && run.json["generation"] as? Int == 2)
    }

    @Test("a run is explained by the rules it was accepted under, also after they have changed")
    func explanation() throws {
        let site = try Operator()
        try site.write("open_files: 90, wall: 2s")
        #expect(try site.reload()["outcome"] as? String == "switched")
        let run = try site.service.execute("bash", "sleep 60", ["limits": ["wall": "1s"]])
        #expect(run.json["verdict"] as? String == "wall_limit")
        let id = try #require(run.json["run_id"] as? String)
        try site.write("open_files: 91")
        #expect(try site.reload()["generation"] as? Int == 3)
        let answer = try site.service.request("GET", "/api/v1/runs/\(id)/policy")
        #expect(answer.json["generation"] as? Int == 2 && answer.json["policy"] as? String == "bash", "\(answer.text)")
        #expect(answer.headers["nestbox-policy"] == "bash@2")
        #expect((answer.json["limits"] as? [String: Any])?["wall"] as? Int == 1000)
        let values = (answer.json["values"] as? [[String: String]] ?? [])
        let files = values.first { $0["key"] == "limits.open_files" }
        #expect(files?["value"] == "90" && files?["source"] == "policies/bash.yaml:5", "\(values)")
        #expect(values.first { $0["key"] == "limits.idle" }?["source"] == "follows limits.wall")
        let hits = answer.json["hits"] as? [[String: String]] ?? []
        #expect(
            hits.first?["rule"] == "limits.wall" && hits.first?["meaning"]?.contains("of 1000 ms") == true, "\(hits)")
        #expect(
            try site.service.request("GET", "/api/v1/runs/\(String(repeating: "0", count: 32))/policy").status == 404)
        let products = try #require(Service.products)
        let shown = try FinishedProgram.run(
            [products + "/nestbox", "policy", "explain", "--server", site.service.url, id])
        #expect(shown.status == 0 && shown.stdout.contains("policy   bash@2"), "\(shown.stderr)")
        #expect(shown.stdout.contains("hit      limits.wall"))
    }

    @Test("the routes of administrators are not there for other keys")
    func roles() throws {
        let directory = NSTemporaryDirectory() + "nestbox-keys-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        chmod(directory, 0o755)
        let products = try #require(Service.products)
        func key(_ role: String) throws -> String {
            let made = try FinishedProgram.run(
                [products + "/nestbox", "key", "create", role, "--role", role, "--keys", directory + "/keys.json"])
            try #require(made.status == 0, "\(made.stderr)")
            return made.stdout.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let (user, admin) = (try key("user"), try key("admin"))
        chmod(directory + "/keys.json", 0o644)
        let service = try Service(["--auth", "required", "--keys", directory + "/keys.json"])
        func status(_ key: String?, _ method: String = "GET", _ path: String = "/api/v1/admin/policies") throws -> Int {
            try service.request(
                method, path, headers: key.map { ["Authorization: Bearer \($0)"] } ?? []
            ).status
        }
        #expect(try status(nil) == 401)
        #expect(try status(user) == 404)
        #expect(try status(user, "POST", "/api/v1/admin/policies/reload") == 404)
        #expect(try status(admin) == 200)
        // What monitoring reads is for every key, as before.
        #expect(try status(user, "GET", "/metrics") == 200)
        let foreign = try service.request(
            "POST", "/api/v1/admin/policies/reload",
            headers: ["Authorization: Bearer \(admin)", "Origin: https://app.example.org"])
        #expect(foreign.status == 403)
    }

    @Test("apply, status, history, diff and rollback, at a running service and without one")
    func commands() throws {
        let site = try Operator()
        let products = try #require(Service.products)
        let places = [
            "--overlay", site.own, "--policies", Service.repository + "/policies", "--images",
            site.service.directory + "/images", "--state", site.service.directory + "/state",
        ]
        func nestbox(_ words: [String]) throws -> (status: Int32, output: String) {
            let done = try FinishedProgram.run([products + "/nestbox", "policy"] + words + places)
            return (done.status, done.stdout + done.stderr)
        }
        let file = site.service.directory + "/bash.yaml"
        func draft(_ limits: String) throws {
            try Data("version: 1\nname: bash\nextends: default\nimage: bash\nlimits: {\(limits)}\n".utf8)
                .write(to: URL(fileURLWithPath: file))
        }
        try draft("open_files: 70")
        var done = try nestbox(["apply", file])
        #expect(done.status == 0 && done.output.contains("generation 2 is in force"), "\(done)")
        #expect(try site.service.execute("bash", "ulimit -n").json["stdout"] as? String == "70\n")
        try draft("open_files: 80, cpu: 3s")
        #expect(try nestbox(["apply", file]).status == 0)
        // Wrong: refused before anything is written.
        try draft("open_filess: 80")
        done = try nestbox(["apply", file])
        #expect(done.status == 1 && done.output.contains("bash.yaml:5: limits.open_filess"), "\(done)")
        #expect(try String(contentsOfFile: site.own + "/policies/bash.yaml", encoding: .utf8).contains("cpu: 3s"))
        done = try nestbox(["status"])
        #expect(done.status == 0 && done.output.contains("generation  3"), "\(done)")
        done = try nestbox(["history"])
        #expect(done.output.contains("CHANGED POLICIES") && done.output.contains("bash"), "\(done)")
        done = try nestbox(["diff", "2", "3"])
        #expect(done.output.contains("bash: limits.open_files  70 -> 80"), "\(done)")
        #expect(done.output.contains("policies/bash.yaml:5"))
        done = try nestbox(["diff", "bash@2", "bash"])
        #expect(done.output.contains("limits.open_files  70 -> 80"), "\(done)")
        done = try nestbox(["rollback", "2"])
        #expect(done.status == 0 && done.output.contains("generation 4 is in force"), "\(done)")
        #expect(try site.service.execute("bash", "ulimit -n").json["stdout"] as? String == "70\n")
        done = try nestbox(["rollback", "1"])
        #expect(done.status == 0 && done.output.contains("remove"), "\(done)")
        #expect(!FileManager.default.fileExists(atPath: site.own + "/policies/bash.yaml"))
        done = try nestbox(["rollback", "99"])
        #expect(done.status != 0 && done.output.contains("not kept"), "\(done)")
        #expect(site.service.stop() == 0)
        try draft("open_files: 90")
        done = try nestbox(["apply", file])
        #expect(done.status == 0 && done.output.contains("from the next start"), "\(done)")
        #expect(try nestbox(["status"]).output.contains("which has ended"))
    }
}
