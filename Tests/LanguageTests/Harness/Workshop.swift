internal import Foundation
internal import Images
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply
internal import WardenClient

@testable import nestbox

/// A warden and what runs programs with it, the way `nestbox run` and `nestbox image check` do. All tests share one: what a
/// hostile source did to it would show in the next test.
final class Workshop: Sendable {
    private let connection: WardenConnection
    private let turnstile = Turnstile(ProcessInfo.processInfo.activeProcessorCount)

    private init() async throws {
        var roots: [RootSource] = []
        // An image that cannot be used is told of by its tests.
        for image in Languages.asked {
            if let root = try? Languages.catalog.store.resolve(image) { roots.append(root) }
        }
        connection = try await WardenLauncher.launch(Languages.directories, roots: roots)
    }

    private static let sharing = Sharing()

    static var shared: Workshop {
        get async throws { try await sharing.get() }
    }

    private actor Sharing {
        private var launching: Task<Workshop, any Error>?

        func get() async throws -> Workshop {
            let task = launching ?? Task { try await Workshop() }
            launching = task
            return try await task.value
        }
    }

    /// How warm a run's sandboxes are: made for it, or with booted and forked interpreters, where the image has that.
    enum Preparation: String, Sendable {
        case cold, warm
    }

    /// Plans a request as the service does.
    ///
    /// - Throws: `APIError` when it is refused.
    func plan(_ request: RunRequest) throws(APIError) -> RunPlan {
        let planner = Languages.catalog.planner
        return try planner.plan(request, try planner.settings(language: request.language))
    }

    /// Runs a plan to its end when it is its turn.
    func run(_ plan: RunPlan, stdin: [UInt8] = [], _ preparation: Preparation = .cold) async throws -> RunResult {
        await turnstile.enter()
        let sink = CollectingSink(maximumBytes: plan.maximumOutputBytes)
        _ = await RunExecutor(source: source(preparation)).execute(plan, input: .bytes(stdin), sink: sink)
        await turnstile.leave()
        guard let result = sink.result else { throw NoResult() }
        return result
    }

    func source(_ preparation: Preparation) -> UnpooledSandboxes {
        UnpooledSandboxes(source: WardenSandboxes(connection: connection), isPrepared: preparation == .warm)
    }

    /// Runs one source cold.
    func run(_ language: String, _ source: [UInt8]) async throws -> RunResult {
        try await run(try plan(RunRequest(language: language, code: source)))
    }

    struct NoResult: Error, CustomStringConvertible {
        let description = "the run ended without a result"
    }
}
