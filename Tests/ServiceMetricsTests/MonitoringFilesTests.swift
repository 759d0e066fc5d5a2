import Foundation
import TestSupport
import Testing

/// What `deploy/prometheus` and `deploy/grafana` ask for exists: every query is one, and names metrics and labels of docs/metrics.md.
@Suite("Rules and dashboards")
struct MonitoringFilesTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    private static var prometheus: String { root + "/deploy/prometheus" }

    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: root + "/" + path, encoding: .utf8)
    }

    /// Of docs/metrics.md: labels by name; histograms under their three names.
    private static func metrics() throws -> [String: Set<String>] {
        var metrics: [String: Set<String>] = ["up": []]
        for line in try text("docs/metrics.md").split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count >= 5 else { continue }
            let name = cells[1].trimmingCharacters(in: ["`"])
            let labels = Set(cells[3].split(separator: ",").map { $0.trimmingCharacters(in: ["`", " "]) })
            if cells[2] == "histogram" {
                metrics[name + "_bucket"] = labels.union(["le"])
                metrics[name + "_sum"] = labels
                metrics[name + "_count"] = labels
            } else {
                metrics[name] = labels
            }
        }
        return metrics
    }

    /// Recording rules with their expressions.
    private static func rules() throws -> [(name: String, expression: String)] {
        var rules: [(name: String, expression: String)] = []
        for line in try text("deploy/prometheus/recording.yml").split(separator: "\n") {
            let words = line.trimmingCharacters(in: .whitespaces)
            if words.hasPrefix("- record: ") {
                rules.append((String(words.dropFirst("- record: ".count)), ""))
            } else if !rules.isEmpty, !words.hasPrefix("#") {
                rules[rules.count - 1].expression += " " + words.replacing(/^expr: (>-)?/, with: "")
            }
        }
        return rules
    }

    private static func alerts() throws -> [(name: String, expression: String, runbook: String)] {
        var alerts: [(name: String, expression: String, runbook: String)] = []
        for line in try text("deploy/prometheus/alerts.yml").split(separator: "\n") {
            let words = line.trimmingCharacters(in: .whitespaces)
            if words.hasPrefix("- alert: ") { alerts.append((String(words.dropFirst(9)), "", "")) }
            if words.hasPrefix("expr: ") { alerts[alerts.count - 1].expression = String(words.dropFirst(6)) }
            if words.hasPrefix("runbook_url: ") { alerts[alerts.count - 1].runbook = String(words.dropFirst(13)) }
        }
        return alerts
    }

    /// The queries of all panels, and those that fill variables.
    private static func dashboards() throws -> [(file: String, query: String)] {
        let directory = root + "/deploy/grafana"
        var queries: [(file: String, query: String)] = []
        func walk(_ value: Any, _ file: String) {
            if let object = value as? [String: Any] {
                if let query = object["expr"] as? String { queries.append((file, query)) }
                for value in object.values { walk(value, file) }
            } else if let list = value as? [Any] {
                for value in list { walk(value, file) }
            }
        }
        for file in try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        where file.hasSuffix(".json") {
            let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + file))
            walk(try JSONSerialization.jsonObject(with: data), file)
        }
        return queries
    }

    /// What is wrong with the names in a query.
    private static func wrong(
        _ query: String, _ metrics: [String: Set<String>], _ rules: Set<String>
    ) -> [String] {
        let plain = query.replacing(/"[^"]*"/, with: "\"\"")
        let names = plain.matches(of: /(?:nestbox|process)[a-z0-9_:]*/).map { String($0.0) }
        var labels: Set = ["job", "instance"]
        var wrong: [String] = []
        for name in names {
            if name.contains(":") {
                if rules.contains(name) {
                    labels.formUnion(["stage", "thread", "resource", "kind", "language", "image", "policy", "step"])
                } else {
                    wrong.append("\(name) is no rule")
                }
            } else if let known = metrics[name] {
                labels.formUnion(known)
            } else {
                wrong.append("\(name) is no metric")
            }
        }
        if names.isEmpty, !plain.contains("up{") { wrong.append("no metric") }
        let used =
            plain.matches(of: /([a-z_]+) ?(?:=~|!~|!=|=) ?""/).map { String($0.1) }
            + plain.matches(of: /(?:by|on|ignoring|without) \(([a-z_, ]*)\)/).flatMap {
                $0.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            }
        return wrong + used.filter { !labels.contains($0) }.map { "\($0) is no label of these metrics" }
    }

    @Test("rules, alerts and dashboards name metrics and labels that exist")
    func names() throws {
        let (metrics, rules) = (try Self.metrics(), try Self.rules())
        let names = Set(rules.map(\.name))
        for rule in rules { #expect(Self.wrong(rule.expression, metrics, names) == [], "\(rule.name)") }
        for alert in try Self.alerts() { #expect(Self.wrong(alert.expression, metrics, names) == [], "\(alert.name)") }
        let queries = try Self.dashboards()
        for (file, query) in queries { #expect(Self.wrong(query, metrics, names) == [], "\(file): \(query)") }
        #expect(rules.count >= 10 && queries.count >= 60)
    }

    @Test("names that do not exist are found")
    func finds() throws {
        let metrics = try Self.metrics()
        for query in [
            "nestbox_run_total", "rate(nestbox_runs_total{lang=\"c\"}[5m])", "sum by (code) (nestbox_runs_total)",
            "nestbox:none:rate5m", "nestbox_run_seconds", "1 + 1", "nestbox_run_seconds_sum{le=\"1\"}",
        ] {
            #expect(!Self.wrong(query, metrics, []).isEmpty, "\(query)")
        }
    }

    @Test("every alert has a section in docs/troubleshooting.md, and two tests in tests.yml")
    func runbooks() throws {
        let headings = try Self.text("docs/troubleshooting.md").split(separator: "\n").filter { $0.hasPrefix("#") }
            .map { $0.drop { $0 == "#" || $0 == " " }.replacing("`", with: "") }
        let anchors = Set(headings.map { $0.lowercased().replacing(" ", with: "-") })
        let tests = try Self.text("deploy/prometheus/tests.yml")
        let alerts = try Self.alerts()
        #expect(alerts.count >= 20)
        for alert in alerts {
            #expect(alert.runbook == "docs/troubleshooting.md#\(alert.name.lowercased())")
            #expect(anchors.contains(alert.name.lowercased()), "no section about \(alert.name)")
            #expect(
                tests.contains("- name: \(alert.name) fires\n") && tests.contains("- name: \(alert.name) is quiet\n"))
        }
    }

    @Test(
        "promtool takes the configuration and the rules, and every alert fires when it should and only then",
        .enabled(if: Promtool.path != nil, "there is no promtool"))
    func promtool() throws {
        for arguments in [
            ["check", "config", "prometheus.yml"], ["check", "rules", "recording.yml", "alerts.yml"],
            ["test", "rules", "tests.yml"],
        ] {
            let result = try Promtool.execute(try #require(Promtool.path), arguments, directory: Self.prometheus)
            #expect(result.status == 0, "\(arguments): \(result.output)")
        }
    }

    @Test("promtool parses every query of the dashboards", .enabled(if: Promtool.path != nil, "there is no promtool"))
    func queries() throws {
        var rules = "groups:\n  - name: dashboards\n    rules:\n"
        for (index, (_, query)) in try Self.dashboards().enumerated() {
            let plain = query.replacing("$__rate_interval", with: "5m").replacing("$instance", with: ".*")
            #expect(!plain.contains("$"), "an unknown variable: \(query)")
            rules += "      - record: q:\(index)\n        expr: '\(plain.replacing("'", with: "''"))'\n"
        }
        let path = NSTemporaryDirectory() + "nestbox-queries-\(UUID().uuidString).yml"
        try Data(rules.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let result = try Promtool.run(["check", "rules", path])
        #expect(result.status == 0, "\(result.output)")
        try Data((rules + "      - record: q:last\n        expr: 'sum by ('\n").utf8).write(
            to: URL(fileURLWithPath: path))
        #expect(try Promtool.run(["check", "rules", path]).status != 0, "promtool is not really asked")
    }
}
