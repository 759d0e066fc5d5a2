import Foundation
import Glibc
import TestSupport
import Testing

/// nestboxd below a service manager, and one service that takes the place of another.
@Suite("Activation", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct ActivationTests {
    @Test(
        "sockets passed on by systemd, or taken from the service before: ready is said, no request is refused, no run lost",
        .timeLimit(.minutes(3)), arguments: ["activate", "replace"])
    func exchange(_ mode: String) async throws {
        let directory = try TemporaryDirectory()
        let found = try await FinishedProgram.runAsync(
            [
                "/usr/bin/python3", Service.repository + "/Tests/ServiceTests/Activation/manager.py", mode,
                try #require(Service.products), Service.repository, directory.path,
            ])
        #expect(found.status == 0 && found.stdout.hasPrefix("fine"), "\(found.stdout)\(found.stderr)")
    }

    @Test("what cannot be taken over is said, and nothing is started")
    func refusals() throws {
        for (settings, environment, words) in [
            (["--replace", "\(getpid())"], [:], "and not nestboxd"),
            (["--replace", "x"], [:], "--replace: found \"x\", allowed is the process id of a nestboxd"),
            (["--replace", "4194304"], [:], "cannot be looked at"),
            ([], ["NESTBOX_KEEPER": "/nonexistent/keeper.sock"], "/nonexistent/keeper.sock"),
        ] {
            do {
                _ = try Service(settings, environment: environment)
                Issue.record("it started")
            } catch {
                #expect("\(error)".contains(words), "\(error)")
            }
        }
    }
}
