import Foundation
import TestSupport
import Testing

/// Programs that others have written, unchanged, with kernels of a real service: `Tests/JupyterClients/check`, whose packages
/// `deploy/test` installs. `deploy/test --all-languages` runs its other suites.
@Suite("Jupyter's clients", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct JupyterClientTests {
    private static let python = Service.repository + "/.build/jupyter/bin/python"
    private static let isThere = FileManager.default.isExecutableFile(atPath: python)

    @Test(
        "aiohttp and websockets, nbclient, the tests of Enterprise Gateway, jupyter_kernel_test for python",
        .enabled(if: isThere, "needs .build/jupyter"))
    func quick() async throws {
        let service = try Service.forSessions()
        let result = try await FinishedProgram.runAsync(
            [Self.python, Service.repository + "/Tests/JupyterClients/check", service.url])
        #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
        #expect(result.stdout.contains("0 failed"))
    }
}
