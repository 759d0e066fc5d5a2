internal import ArgumentParser
internal import Images
internal import Orchestrator
internal import RunModel
internal import SandboxSpec
internal import WardenClient

struct ImageCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Run each image's check program in a sandbox and compare what it prints.",
        discussion: """
            Needs root. The program and its output are in the image's image.yaml; the policy is that of the language.

            EXAMPLES
              nestbox image check python
              nestbox image check --all
            """)

    @OptionGroup var places: Places
    @OptionGroup var selection: ImageSelection

    mutating func run() async throws {
        do throws(APIError) {
            let catalog = try Catalog(places)
            let planner = catalog.planner
            var isGood = true
            var checks: [(image: Image, plan: RunPlan)] = []
            for image in try selection.images(in: catalog.images) {
                do throws(APIError) {
                    checks.append((image, try Self.plan(image, planner)))
                } catch {
                    isGood = false
                    Console.complain("image \(image.name): \(error.message)")
                }
            }
            if !checks.isEmpty {
                let connection = try await WardenLauncher.launch(
                    places, roots: checks.flatMap { $0.plan.steps.map(\.spec.root) })
                let wardens = WardenSandboxes(connection: connection)
                for check in checks {
                    var results: [String] = []
                    for isPrepared in [false, true] where !isPrepared || check.plan.isPrepared {
                        let executor = RunExecutor(source: UnpooledSandboxes(source: wardens, isPrepared: isPrepared))
                        do throws(APIError) {
                            results.append(try await Self.check(check.image, check.plan, executor))
                        } catch {
                            isGood = false
                            results.append(isPrepared ? "warm: unhealthy" : "cold: failed")
                            Console.complain(
                                "image \(check.image.name)\(isPrepared ? " (warm)" : ""): \(error.message)")
                        }
                    }
                    Console.say("\(check.image.name): \(results.joined(separator: ", "))")
                }
                await connection.close()
            }
            if !isGood { Console.exit(CommandFailure.failedStatus) }
        } catch {
            throw CommandFailure(error)
        }
    }

    private static func plan(_ image: Image, _ planner: RunPlanner) throws(APIError) -> RunPlan {
        let source = RunRequest.File(path: "", content: Array(image.check.code.utf8))
        return try planner.plan(
            RunRequest(language: image.name, source: source), try planner.settings(language: image.name))
    }

    /// - Returns: how warm the last step was, and how long it took.
    private static func check(
        _ image: Image, _ plan: RunPlan, _ executor: RunExecutor
    ) async throws(APIError) -> String {
        let sink = CollectingSink(maximumBytes: plan.maximumOutputBytes)
        let ending = await executor.execute(plan, input: .bytes(Array(image.check.stdin.utf8)), sink: sink)
        guard let result = sink.result else { throw APIError(.internalError, "the check ended without a result") }
        if let error = result.error { throw error }
        guard ending.verdict == .ok else {
            throw APIError(
                .sandboxFailed, "the check program ended with \(ending.verdict.rawValue)\(words(result.stderr))")
        }
        guard result.stdout.bytes == Array(image.check.stdout.utf8) else {
            throw APIError(
                .sandboxFailed,
                "the check program printed \(quote(result.stdout.bytes)), "
                    + "expected is \(quote(Array(image.check.stdout.utf8)))\(words(result.stderr))")
        }
        let warmth = ending.steps.last?.warm.rawValue ?? "cold"
        return "\(warmth): ok, wall \(Summary.milliseconds(ending.usage.wallMilliseconds))"
    }

    private static func words(_ stderr: OutputText) -> String {
        stderr.bytes.isEmpty ? "" : ", stderr \(quote(stderr.bytes))"
    }

    private static func quote(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(400), as: UTF8.self)
        let shown = text.unicodeScalars.map { $0.escaped(asASCII: false) }.joined()
        return "\"\(shown)\"" + (bytes.count > 400 ? "…" : "")
    }
}
