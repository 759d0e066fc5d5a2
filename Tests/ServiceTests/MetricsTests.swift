import Foundation
import TestSupport
import Testing

/// `/metrics` of a service that has had all kinds of work, against docs/metrics.md and against readers of others.
@Suite("GET /metrics", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct MetricsTests {
    /// One row of the table in docs/metrics.md.
    private struct Row: Equatable {
        let type: String
        let labels: Set<String>
    }

    private static func documented() throws -> [String: Row] {
        let text = try String(contentsOfFile: Service.repository + "/docs/metrics.md", encoding: .utf8)
        var rows: [String: Row] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count >= 5 else { continue }
            let labels = cells[3].split(separator: ",").map { $0.trimmingCharacters(in: ["`", " "]) }
            rows[cells[1].trimmingCharacters(in: ["`"])] = Row(type: cells[2], labels: Set(labels))
        }
        return rows
    }

    /// Runs that end well and badly, refusals, a session: most families have series after that.
    private static func used() throws -> Service {
        let service = try Service.shared([
            "--max-running-runs", "4", "--rate-burst", "100000", "--rate-per-minute", "100000",
        ])
        for code in ["echo x", "exit 3", "kill -9 $$"] { _ = try service.execute("bash", code) }
        _ = try service.execute("none", "x")
        _ = try service.request("POST", "/api/v1/sessions", body: Service.json(["language": "bash"]))
        _ = try service.request(
            "POST", "/execute", body: Service.json(["language": "python", "code": "6 * 7"]))
        return service
    }

    private func text(_ service: Service) throws -> String { try service.request("GET", "/metrics").text }

    @Test("docs/metrics.md has the metrics of the service, no others, with their types and labels")
    func documented() throws {
        let rows = try Self.documented()
        let text = try text(try Self.used())
        var found: [String: Row] = [:]
        var name = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                name = String(words[2])
                found[name] = Row(type: String(words[3]), labels: [])
            } else if !line.hasPrefix("#"), let open = line.firstIndex(of: "{"), let close = line.lastIndex(of: "}") {
                let labels = line[line.index(after: open)..<close].matches(of: /([a-z_]+)="/).map { String($0.1) }
                let all = Set(labels).subtracting(["le"])
                found[name] = Row(type: found[name]?.type ?? "", labels: all)
            }
        }
        #expect(Set(rows.keys).subtracting(found.keys).sorted() == [], "documented, and not there")
        #expect(Set(found.keys).subtracting(rows.keys).sorted() == [], "there, and not documented")
        for (name, row) in found {
            guard let documented = rows[name] else { continue }
            #expect(row.type == documented.type, "\(name)")
            if !row.labels.isEmpty { #expect(row.labels == documented.labels, "\(name)") }
        }
        #expect(found.values.count { !$0.labels.isEmpty } >= 20, "too few families had series to compare labels")
    }

    @Test("the stages of a run are told apart, a thread's delay is measured, refusals are counted by code")
    func values() throws {
        let service = try Self.used()
        for stage in ["queue", "lease", "start", "run", "stream"] {
            #expect(try text(service).contains("nestbox_run_stage_seconds_count{stage=\"\(stage)\"}"), "\(stage)")
        }
        #expect(try text(service).contains("nestbox_runs_refused_total{code=\"UNKNOWN_LANGUAGE\"}"))
        #expect(try text(service).contains("\nnestbox_limit{setting=\"max_running_runs\"} 4\n"))
        for thread in ["runs", "sessions", "connections"] {
            #expect(
                try service.eventually {
                    try text(service).contains("nestbox_thread_delay_seconds_count{thread=\"\(thread)\"}")
                }, "\(thread)")
        }
    }

    @Test(
        "promtool finds nothing in it",
        .enabled(if: Promtool.path != nil, "there is no promtool"))
    func promtool() throws {
        let text = try text(try Self.used())
        let answer = try Promtool.run(["check", "metrics"], input: text)
        #expect(answer.status == 0 && answer.output.isEmpty, "\(answer.output)")
    }

    @Test(
        "prometheus-client reads it under load, again and again, and no counter goes down",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: Service.repository + "/.build/venv/bin/python"),
            "needs .build/venv with prometheus-client"))
    func reader() throws {
        let service = try Self.used()
        let reads = ProcessInfo.processInfo.environment["NESTBOX_TEST_READS"] ?? "60"
        let result = try Promtool.execute(
            Service.repository + "/.build/venv/bin/python",
            [Service.repository + "/Tests/ServiceTests/Metrics/read.py", service.url, reads])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("\(reads) passed, 0 failed"))
    }
}
