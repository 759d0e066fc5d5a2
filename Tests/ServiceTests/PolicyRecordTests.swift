import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// Who changed policies, as the audit log and the routes of administrators tell it.
@Suite(
    "The record of policies that change", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct PolicyRecordTests {
    /// A service with an operator's folder and an audit log.
    private final class Site {
        let folder: TemporaryDirectory
        let site: Operator
        var service: Service { site.service }

        init() throws {
            folder = try TemporaryDirectory()
            chmod(folder.path, 0o777)
            site = try Operator(["--audit-log", folder.path + "/audit.jsonl"])
        }

        /// The records about policies, by and by: the writer does not hold up reloads.
        func records(_ count: Int) throws -> [[String: Any]] {
            var found: [[String: Any]] = []
            let path = folder.path + "/audit.jsonl"
            _ = try service.eventually {
                found = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap {
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                }.filter { ($0["action"] as? String ?? "").hasPrefix("policies.") }
                return found.count >= count
            }
            return found
        }

        func command(_ words: [String]) throws -> [String] {
            [try #require(Service.products) + "/nestbox", "policy"] + words + [
                "--overlay", site.own, "--policies", Service.repository + "/policies", "--images",
                service.directory + "/images", "--state", service.directory + "/state",
            ]
        }

        func nestbox(_ words: [String]) throws -> (status: Int32, output: String) {
            let done = try FinishedProgram.run(try command(words))
            return (done.status, done.stdout + done.stderr)
        }

        /// A draft of a policy, for `apply`.
        func draft(_ name: String, _ limits: String) throws -> String {
            let path = service.directory + "/\(name).yaml"
            try Data("version: 1\nname: \(name)\nextends: default\nimage: \(name)\nlimits: {\(limits)}\n".utf8)
                .write(to: URL(fileURLWithPath: path))
            return path
        }
    }

    @Test("changes are recorded with who, before, after and outcome: by request, by command, by other means, refused")
    func records() throws {
        let site = try Site()
        try site.site.write("open_files: 70")
        #expect(try site.site.reload()["by"] as? String == "anyone")
        #expect(try site.nestbox(["apply", try site.draft("bash", "open_files: 80")]).status == 0)
        #expect(try site.nestbox(["rollback", "2"]).status == 0)
        try site.site.write("open_filess: 90")
        #expect(site.service.eventually { (try? site.site.status()["refused"] as? Int) == 1 })
        let records = try site.records(5)
        let told = records.map { record in
            let details = record["details"] as? [String: String]
            let words = [record["action"], record["actor"], details?["cause"], record["outcome"]]
            return words.compactMap { $0 as? String }.joined(separator: " ")
        }
        try #require(told.count == 5, "\(told)")
        #expect(told[0] == "policies.reload anyone attempted")
        // It may have been noticed before it was asked for.
        #expect(["policies.change anyone request done", "policies.change service change done"].contains(told[1]))
        #expect(told[2].hasPrefix("policies.change user:") && told[2].hasSuffix(" apply done"), "\(told)")
        #expect(told[3].hasPrefix("policies.change user:") && told[3].hasSuffix(" rollback to 2 done"), "\(told)")
        #expect(told[4].hasPrefix("policies.change service change refused: "), "\(told)")
        #expect(told[4].contains("policies/bash.yaml:5"))
        // What is in force after one is what is in force before the next.
        let changes = records.filter { $0["action"] as? String == "policies.change" }
        for (one, next) in zip(changes, changes.dropFirst()) {
            #expect(one["after"] as? String == next["before"] as? String)
        }
        #expect(changes[0]["after"] as? String == changes[2]["after"] as? String, "a rollback is what was")
        #expect((changes[1]["details"] as? [String: String])?["policies"] == "bash")
        let verified = try Promtool.execute(
            try #require(Service.products) + "/nestbox", ["audit", "verify", site.folder.path + "/audit.jsonl"])
        #expect(verified.status == 0, "\(verified.output)")
    }

    @Test("two who apply at the same time are both done, one after the other, and nothing of either is lost")
    func together() throws {
        let site = try Site()
        let drafts = [try site.draft("bash", "open_files: 71"), try site.draft("python", "open_files: 72")]
        let answers = Mutex<[(Int32, String)]>([])
        let threads = try drafts.map { draft in
            let command = try site.command(["apply", draft])
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                let finished = try? FinishedProgram.run(command)
                answers.withLock { $0.append((finished?.status ?? -1, finished?.stdout ?? "not started")) }
                done.signal()
            }
            return done
        }
        for done in threads { done.wait() }
        for (status, output) in answers.withLock({ $0 }) {
            #expect(status == 0 && output.contains("is in force"), "\(output)")
        }
        let status = try site.site.status()
        #expect(status["generation"] as? Int == 3 && status["refused"] as? Int == 0, "\(status)")
        #expect(try site.service.execute("bash", "ulimit -n").json["stdout"] as? String == "71\n")
        let code = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
        #expect(try site.service.execute("python", code).json["stdout"] as? String == "72\n")
    }

    @Test("a file that the service may not read is told, and what is in force stays; so is a folder")
    func unreadable() throws {
        let site = try Site()
        try site.site.write("open_files: 70")
        #expect(try site.site.reload()["outcome"] as? String != "refused")
        for (path, mode) in [(site.site.own + "/policies/bash.yaml", 0o644), (site.site.own + "/policies", 0o755)] {
            chmod(path, 0o000)
            let attempt = try site.site.reload()
            #expect(attempt["outcome"] as? String == "refused", "\(attempt)")
            #expect((attempt["errors"] as? [String])?.first?.contains(path) == true, "\(attempt)")
            #expect(try site.service.execute("bash", "ulimit -n").json["stdout"] as? String == "70\n")
            chmod(path, mode_t(mode))
            #expect(try site.site.reload()["outcome"] as? String == "unchanged")
        }
    }

    @Test("the history and what differs are there for administrators, and bad questions are told apart")
    func routes() throws {
        let site = try Site()
        try site.site.write("open_files: 70")
        _ = try site.site.reload()
        try site.site.write("open_files: 80, cpu: 3s")
        let generation = try #require(try site.site.reload()["generation"] as? Int)
        let history = try site.service.request("GET", "/api/v1/admin/policies/history")
        let kept = history.json["generations"] as? [[String: Any]] ?? []
        #expect(kept.first?["generation"] as? Int == generation && kept.first?["changed"] as? [String] == ["bash"])
        func diff(_ query: String) throws -> Answer {
            try site.service.request("GET", "/api/v1/admin/policies/diff?" + query)
        }
        let changes = try diff("from=\(generation - 1)&to=\(generation)").json["changes"] as? [[String: Any]] ?? []
        let files = try #require(changes.first { $0["key"] as? String == "limits.open_files" })
        #expect(files["before"] as? String == "70" && files["after"] as? String == "80")
        #expect((files["source_after"] as? String)?.hasSuffix("policies/bash.yaml:5") == true)
        #expect(try diff("from=1&to=99").status == 404)
        for query in ["", "from=1", "from=x&to=2", "from=0&to=2", "from=1&to=2&more=1"] {
            #expect(try diff(query).status == 400, "\(query)")
        }
    }
}
