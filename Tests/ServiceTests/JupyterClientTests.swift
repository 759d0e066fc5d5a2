import Foundation
import TestSupport
import Testing

/// Programs that others have written, unchanged, with kernels of a real service: `Tests/JupyterClients/check`, whose packages
/// `deploy/test` installs.
@Suite("Jupyter's clients", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct JupyterClientTests {
    private static let python = Service.repository + "/.build/jupyter/bin/python"
    private static let isThere = FileManager.default.isExecutableFile(atPath: python)
    /// All languages, and a browser: minutes, for the night.
    private static let isNight = ProcessInfo.processInfo.environment["NESTBOX_TEST_LANGUAGES"] == "all"

    private static let nightly = ["papermill", "kernel:node", "kernel:bash", "kernel:ruby", "kernel:r", "lab"]

    private func check(_ suites: [String]) async throws {
        let service = try Service.forSessions()
        let result = try await FinishedProgram.runAsync(
            [Self.python, Service.repository + "/Tests/JupyterClients/check", service.url] + suites)
        #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
        #expect(result.stdout.contains("0 failed"))
    }

    @Test(
        "aiohttp and websockets, nbclient, the tests of Enterprise Gateway, jupyter_kernel_test for python",
        .enabled(if: isThere, "needs .build/jupyter"))
    func quick() async throws { try await check(["flow", "enterprise", "notebook", "kernel:python3"]) }

    /// No test of the day: a skip would count.
    @Test(
        "papermill, jupyter_kernel_test for other languages, JupyterLab in a browser",
        arguments: isThere && isNight ? nightly : [])
    func night(suite: String) async throws { try await check([suite]) }
}
