internal import Examples
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply
internal import WardenClient

/// Runs examples, and compares what they print.
struct ExampleBench {
    /// Runs a submission to its end.
    let run: (Submission) async throws(APIError) -> RunResult

    /// - Parameter run: runs a submission to its end.
    init(run: @escaping (Submission) async throws(APIError) -> RunResult) {
        self.run = run
    }

    /// In sandboxes of this command, made for each run.
    init(_ planner: RunPlanner, _ connection: WardenConnection) {
        let executor = RunExecutor(source: UnpooledSandboxes(source: WardenSandboxes(connection: connection)))
        run = { (submission) async throws(APIError) -> RunResult in
            let plan = try Self.plan(submission, planner)
            let sink = CollectingSink(maximumBytes: plan.maximumOutputBytes)
            _ = await executor.execute(plan, input: .bytes(submission.stdin ?? []), sink: sink)
            guard let result = sink.result else { throw APIError(.internalError, "the run ended without a result") }
            if let error = result.error { throw error }
            return result
        }
    }

    /// The plan of a submission.
    static func plan(_ submission: Submission, _ planner: RunPlanner) throws(APIError) -> RunPlan {
        try planner.bind(try planner.check(submission).run)
    }

    /// What is wrong with an example when it is run; nil when nothing is.
    func failure(of example: Example) async -> String? {
        do throws(APIError) {
            guard example.needs == nil else {
                let result = try await run(example.syntaxSubmission)
                return result.outcome.verdict == .ok ? nil : "it does not parse\(words(result.stderr))"
            }
            for (number, check) in example.checks.enumerated() {
                let result = try await run(example.submission(for: check, code: example.solution))
                let name = example.checks.count > 1 ? "check \(number + 1): " : ""
                guard result.outcome.verdict == .ok else {
                    return "\(name)it ended with \(result.outcome.verdict.rawValue)\(words(result.stderr))"
                }
                guard result.stdout.bytes == Array(check.stdout.utf8) else {
                    return "\(name)it printed \(Self.quote(result.stdout.bytes)), expected is "
                        + "\(Self.quote(Array(check.stdout.utf8)))\(words(result.stderr))"
                }
            }
            return example.isExercise ? try await failure(ofExercise: example) : nil
        } catch {
            return error.message
        }
    }

    /// An exercise whose stub passes is none.
    private func failure(ofExercise example: Example) async throws(APIError) -> String? {
        for check in example.checks {
            let result = try await run(example.submission(for: check))
            guard result.outcome.verdict == .ok else {
                return "the stub ended with \(result.outcome.verdict.rawValue)\(words(result.stderr))"
            }
            if result.stdout.bytes != Array(check.stdout.utf8) { return nil }
        }
        return "the stub passes all checks already"
    }

    private func words(_ stderr: OutputText) -> String {
        stderr.bytes.isEmpty ? "" : ", stderr \(Self.quote(stderr.bytes))"
    }

    private static func quote(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(400), as: UTF8.self)
        return "\"\(text.unicodeScalars.map { $0.escaped(asASCII: false) }.joined())\"" + (bytes.count > 400 ? "…" : "")
    }
}
