import Testing

@testable import ServiceMetrics

@Suite("The registry of metrics")
struct RegistryTests {
    @Test(
        "refuses names Prometheus or its linter would refuse",
        arguments: ["", "9a_total", "A_total", "a-b_total", "a b_total", "größe_total", "a{b}_total", "a\n_total"])
    func names(name: String) {
        let registry = MetricsRegistry()
        #expect(throws: MetricsRegistry.InvalidName.self) { try registry.counter(name, help: "H.") }
        #expect(registry.text().isEmpty)
    }

    @Test("refuses a counter that does not end in _total, a name that is taken, and bad labels")
    func rules() throws {
        let registry = MetricsRegistry()
        _ = try registry.counter("a_total", help: "A.")
        #expect(throws: MetricsRegistry.InvalidName.self) { try registry.counter("runs", help: "R.") }
        #expect(throws: MetricsRegistry.InvalidName.self) { try registry.gauge("a_total", help: "A.") { 0 } }
        for label in ["le", "", "x-y", "X"] {
            #expect(throws: MetricsRegistry.InvalidName.self, "\(label)") {
                try registry.gauge("g", help: "G.", labels: [label])
            }
        }
    }

    @Test("refuses buckets that do not rise", arguments: [[], [1, 1], [2, 1], [1, .infinity], [.nan]] as [[Double]])
    func buckets(buckets: [Double]) {
        #expect(throws: MetricsRegistry.InvalidName.self) {
            try MetricsRegistry().histogram("h_seconds", help: "H.", buckets: buckets)
        }
    }

    @Test("has at most 256 series of a name; what comes beyond is counted under other, and nothing is lost")
    func bound() throws {
        let registry = MetricsRegistry()
        let counter = try registry.counter("a_total", help: "A.", labels: ["x", "y"])
        let gauge = try registry.gauge("b", help: "B.", labels: ["x"])
        let histogram = try registry.histogram("c_seconds", help: "C.", labels: ["x"], buckets: [1])
        for number in 0..<1000 {
            counter.add(1, ["\(number)", "y"])
            gauge.set(1, ["\(number)"])
            histogram.observe(0.5, ["\(number)"])
        }
        // One that was there before the table was full goes on counting under its name.
        counter.add(1, ["0", "y"])
        let lines = registry.text().split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("a_total{") } == 256)
        #expect(lines.count { $0.hasPrefix("b{") } == 256)
        #expect(lines.count { $0.hasPrefix("c_seconds_count{") } == 256)
        #expect(lines.contains("a_total{x=\"other\",y=\"other\"} 745"))
        #expect(lines.contains("a_total{x=\"0\",y=\"y\"} 2"))
    }

    @Test("takes labels that are too few or too many without a trap")
    func labels() throws {
        let registry = MetricsRegistry()
        let counter = try registry.counter("a_total", help: "A.", labels: ["x", "y"])
        counter.add(1, [])
        counter.add(1, ["1"])
        counter.add(1, ["1", "", "3"])
        #expect(registry.text().contains("a_total{x=\"1\",y=\"\"} 2\n"))
        #expect(registry.text().contains("a_total{x=\"\",y=\"\"} 1\n"))
    }

    @Test("counts right from many threads, while it is read")
    func threads() async throws {
        let registry = MetricsRegistry()
        let counter = try registry.counter("a_total", help: "A.", labels: ["x"])
        let histogram = try registry.histogram("h_seconds", help: "H.", buckets: [1])
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<2000 {
                        counter.add(1, ["\(task % 2)"])
                        histogram.observe(0.5)
                    }
                }
            }
            group.addTask { for _ in 0..<20 { _ = registry.text() } }
        }
        let text = registry.text()
        #expect(text.contains("a_total{x=\"0\"} 8000\n") && text.contains("a_total{x=\"1\"} 8000\n"))
        #expect(text.contains("h_seconds_count 16000\n"))
    }
}
