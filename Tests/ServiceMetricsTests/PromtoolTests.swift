import TestSupport
import Testing

@testable import ServiceMetrics

@Suite("promtool check metrics", .enabled(if: Promtool.path != nil, "there is no promtool"))
struct PromtoolTests {
    private func check(_ text: String) throws -> (status: Int32, words: String) {
        let answer = try Promtool.run(["check", "metrics"], input: text)
        return (answer.status, answer.output)
    }

    @Test("takes every kind of metric, empty and filled, whatever is in a label, and its linter finds nothing")
    func takes() throws {
        let registry = MetricsRegistry()
        try registry.addProcess()
        let counter = try registry.counter("nestbox_runs_total", help: "Runs \\ of\n\"all\".", labels: ["a", "b"])
        let gauge = try registry.gauge("nestbox_open_streams", help: "Streams.", labels: ["x"])
        let histogram = try registry.histogram("nestbox_run_seconds", help: "T.", labels: ["x"], buckets: [0.001, 1])
        #expect(try check(registry.text()).words.isEmpty)
        for value in ["ok", "", "\"", "\\", "a\nb", "}", "🪺", "\r\t\u{0}\u{7f}", "{x=\"1\"} 1"] {
            counter.add(1, [value, value])
            gauge.set(-0.5, [value])
            histogram.observe(1e-5, [value])
        }
        gauge.set(.nan, ["nan"])
        let answer = try check(registry.text())
        #expect(answer.status == 0 && answer.words.isEmpty, "\(answer.words)")
    }

    @Test("is really asked: it refuses what is wrong")
    func refuses() throws {
        #expect(try check("# TYPE a counter\na 1\n").status != 0)
        #expect(try check("a{x=\"1} 1\n").status != 0)
    }
}
