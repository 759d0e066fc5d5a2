import Foundation
import Testing

@testable import ServiceMetrics

@Suite("The process, and labels")
struct ProcessStartTests {
    @Test("the process started in the past, and not long ago")
    func start() throws {
        let registry = MetricsRegistry()
        try registry.addProcess()
        let line = registry.text().split(separator: "\n").first { $0.hasPrefix("process_start_time_seconds ") }
        let start = try #require(line.flatMap { Double($0.split(separator: " ")[1]) })
        let age = Date().timeIntervalSince1970 - start
        #expect(age > -1 && age < 86_400)
    }

    @Test("labels are different ones, and not those Prometheus keeps to itself")
    func labels() {
        for labels in [["x", "x"], ["__name__"]] {
            #expect(throws: MetricsRegistry.InvalidName.self) {
                try MetricsRegistry().gauge("g", help: "G.", labels: labels)
            }
        }
    }
}
