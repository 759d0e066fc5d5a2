internal import Foundation
internal import SandboxSpec
internal import WardenClient

/// A warden of the suite. Most tests share one; tests that break it start their own.
final class TestWarden: Sendable {
    /// NESTBOX_WARDEN, or the warden that was built beside this test executable.
    static let executable: String? = {
        if let path = ProcessInfo.processInfo.environment["NESTBOX_WARDEN"] { return path }
        guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
        let path = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("nestbox-warden").path
        return access(path, X_OK) == 0 ? path : nil
    }()

    /// A secret in the environment and memory of the client, which must show up in no sandbox.
    static let canary = "canary-\(Host.token())-\(Host.token())"

    let connection: WardenConnection
    let pid: Int32
    /// Where trees of a test may lie, for `RootSource.tree`.
    let imageRoot: String

    /// Launches a warden of its own, with the suite's image root.
    ///
    /// - Parameters:
    ///   - configuration: what its warden.conf says; nil for the machine's own.
    ///   - options: further ones of its command line.
    init(configuration: String? = nil, options: [String] = []) async throws {
        setenv("NESTBOX_TEST_CANARY", Self.canary, 1)
        imageRoot = try ProbeProgram.shared.get().directory + "/roots"
        try FileManager.default.createDirectory(atPath: imageRoot, withIntermediateDirectories: true)
        guard let executable = Self.executable else { throw ProbeProgram.BuildFailure(description: "no warden") }
        var arguments = ["--image-root", imageRoot] + options
        if let configuration {
            let path = try ProbeProgram.shared.get().directory + "/warden-\(Host.token()).conf"
            try Data(configuration.utf8).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o644)
            arguments += ["--config", path]
        }
        connection = try await WardenConnection.launch(executable: executable, arguments: arguments)
        pid = connection.pid
    }

    private static let sharing = SharedInstance()

    /// The shared warden, launched on first use and ended with the test process.
    static var shared: TestWarden {
        get async throws { try await sharing.get() }
    }

    /// Ends a warden started by `init()`, and waits until it is gone.
    func close() async {
        await connection.close()
        _ = await Host.eventually(within: 5) { HostProcess.isGone(pid) }
    }

    private actor SharedInstance {
        private var launching: Task<TestWarden, any Error>?

        func get() async throws -> TestWarden {
            if let launching { return try await launching.value }
            let task = Task {
                let warden = try await TestWarden()
                // The host's zygote starts with the first sandbox; baselines are taken after it.
                _ = try await ProbeRun.run(["true"], on: warden)
                return warden
            }
            launching = task
            return try await task.value
        }
    }
}
