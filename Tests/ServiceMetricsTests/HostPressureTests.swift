import Testing

@testable import ServiceMetrics

@Suite("Pressure on the machine")
struct HostPressureTests {
    @Test("the kernel's lines are read, with totals in seconds; lines of another form are left out")
    func parse() {
        let text = """
            some avg10=12.50 avg60=3.25 avg300=0.10 total=2500000
            full avg10=0.00 avg60=0.00 avg300=0.00 total=0
            other avg10=1 avg60=1 avg300=1 total=1
            some avg10=x avg60=1 avg300=1 total=1
            full avg10=1

            """
        let lines = HostPressure.parse(text, of: .io)
        #expect(lines.map(\.kind) == [.some, .full])
        #expect(lines.first?.averages == [12.5, 3.25, 0.1] && lines.first?.total == 2.5)
        #expect(HostPressure.parse("", of: .cpu).isEmpty)
    }

    @Test("a machine has memory, and not more of it available than there is")
    func memory() {
        let memory = HostMemory.read()
        #expect(memory.total > 1e8 && memory.available > 0 && memory.available <= memory.total)
    }

    @Test("numbers that are looked up beyond 256 are added up under other, as those that are counted")
    func lookedUp() throws {
        let registry = MetricsRegistry()
        try registry.gauge("a", help: "A.", labels: ["x"]) { (0..<300).map { (["\($0)"], 2) } }
        let lines = registry.text().split(separator: "\n").filter { $0.hasPrefix("a{") }
        #expect(lines.count == 256)
        #expect(lines.contains("a{x=\"other\"} 90"))
        #expect(lines.contains("a{x=\"254\"} 2"))
    }
}
