import Foundation
import Glibc
import TestSupport
import Testing

/// The benchmarks speak the protocols of this tree: a benchmark that has stopped working is noticed here.
@Suite("Benchmarks", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct BenchmarkTests {
    private static let state = ProcessInfo.processInfo.environment["NESTBOX_STATE"] ?? "/var/lib/nestbox"
    private static let hasRoots = access(state + "/roots", F_OK) == 0

    @Test(
        "each section of Benchmarks/warm measures something",
        .enabled(if: hasRoots, "needs the root of the image python: nestbox image build python"),
        arguments: ["latency,again,variants", "memory,stages", "stream,limits", "sessions"])
    func sections(names: String) async throws {
        let products = try #require(Service.products)
        let result = try await FinishedProgram.runAsync([
            Service.repository + "/Benchmarks/warm", "--quick", "--runs", "2", "--parked", "2,4", "--programs",
            "python",
            "--only", names, "--nestboxd", products + "/nestboxd", "--state", Self.state,
        ])
        #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
        for name in names.split(separator: ",") {
            #expect(result.stderr.contains("\(name): "), "\(result.stderr)")
        }
        #expect(result.stdout.contains("| figure "))
    }
}
