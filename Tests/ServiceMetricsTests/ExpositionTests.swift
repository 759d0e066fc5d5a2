import Testing

@testable import ServiceMetrics

@Suite("The text of GET /metrics")
struct ExpositionTests {
    @Test("a counter is named, explained and counted by its labels")
    func counter() throws {
        let registry = MetricsRegistry()
        let runs = try registry.counter("nestbox_runs_total", help: "Runs.", labels: ["language", "verdict"])
        runs.add(1, ["python", "ok"])
        runs.add(2, ["python", "ok"])
        runs.add(1, ["c", "cpu_limit"])
        #expect(
            registry.text() == """
                # HELP nestbox_runs_total Runs.
                # TYPE nestbox_runs_total counter
                nestbox_runs_total{language="c",verdict="cpu_limit"} 1
                nestbox_runs_total{language="python",verdict="ok"} 3

                """)
    }

    @Test("a counter never goes down and never becomes no number")
    func counterOnlyGrows() throws {
        let registry = MetricsRegistry()
        let counter = try registry.counter("a_total", help: "A.")
        for amount: Double in [3, -1, .nan, .infinity, -Double.infinity] { counter.add(amount) }
        #expect(registry.text().hasSuffix("\na_total 3\n"))
    }

    @Test("a family without labels is there before anything happened, one with labels is not")
    func empty() throws {
        let registry = MetricsRegistry()
        _ = try registry.counter("a_total", help: "A.")
        _ = try registry.gauge("b", help: "B.", labels: ["x"])
        #expect(registry.text().contains("\na_total 0\n"))
        #expect(!registry.text().contains("\nb{"))
    }

    @Test("a gauge goes up, down and to a value; one that is looked up is looked up each time")
    func gauges() throws {
        let registry = MetricsRegistry()
        let gauge = try registry.gauge("depth", help: "D.")
        try registry.gauge("seen", help: "S.") { 0.25 }
        gauge.add(5)
        gauge.add(-7)
        #expect(registry.text().contains("\ndepth -2\n"))
        gauge.set(1.5)
        #expect(registry.text().contains("\ndepth 1.5\n"))
        #expect(registry.text().contains("# TYPE seen gauge\nseen 0.25\n"))
    }

    @Test("a histogram counts upwards: each bucket has what is in those below it, +Inf has all")
    func histogram() throws {
        let registry = MetricsRegistry()
        let seconds = try registry.histogram("wait_seconds", help: "W.", labels: ["stage"], buckets: [0.1, 1, 2.5])
        for value in [0.1, 0.5, 1, 7, .nan, .infinity] { seconds.observe(value, ["start"]) }
        #expect(
            registry.text() == """
                # HELP wait_seconds W.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{stage="start",le="0.1"} 1
                wait_seconds_bucket{stage="start",le="1"} 3
                wait_seconds_bucket{stage="start",le="2.5"} 3
                wait_seconds_bucket{stage="start",le="+Inf"} 4
                wait_seconds_sum{stage="start"} 8.6
                wait_seconds_count{stage="start"} 4

                """)
    }

    @Test("no label and no help can begin a line of its own")
    func escaping() throws {
        let registry = MetricsRegistry()
        let counter = try registry.counter("a_total", help: "one\ntwo \\ \"three\"", labels: ["x"])
        counter.add(1, ["\"} 9\nb_total 1\\"])
        #expect(
            registry.text() == #"""
                # HELP a_total one\ntwo \\ "three"
                # TYPE a_total counter
                a_total{x="\"} 9\nb_total 1\\"} 1

                """#)
    }

    @Test(
        "numbers are spelled as Prometheus reads them",
        arguments: [
            (0, "0"), (-3, "-3"), (1_700_000_000, "1700000000"), (0.005, "0.005"), (.infinity, "+Inf"),
            (-Double.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"),
        ] as [(Double, String)])
    func numbers(value: Double, text: String) {
        #expect(Exposition.number(value) == text)
    }

    @Test("of a process there are memory, time and descriptors")
    func process() throws {
        let registry = MetricsRegistry()
        try registry.addProcess()
        let values = Dictionary(
            registry.text().split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
                let words = line.split(separator: " ")
                return (String(words[0]), Double(words[1]) ?? -1)
            }, uniquingKeysWith: { first, _ in first })
        #expect(try #require(values["process_resident_memory_bytes"]) > 1_000_000)
        #expect(try #require(values["process_cpu_seconds_total"]) > 0)
        #expect(try #require(values["process_open_fds"]) >= 3)
    }
}
