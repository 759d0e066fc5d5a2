internal import Examples
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSpec

/// What an answer says about a run besides its output: as much as the mode shows.
struct ExampleMetadata: Encodable {
    let outcome: ExampleOutcome
    let mode: ExampleMode

    private enum Key: String, CodingKey {
        case mode, title, verdict, signal, stderr, hints, truncated, language, commands, usage, steps, warm, limit
        case policy, network, limits, events
        case exampleID = "example_id"
        case exitCode = "exit_code"
        case runID = "run_id"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(outcome.example.id, forKey: .exampleID)
        try container.encode(mode.rawValue, forKey: .mode)
        if ExampleMode.normie < mode { try encodeEnd(in: &container) }
        if ExampleMode.explorer < mode { try encodeSteps(in: &container) }
        if ExampleMode.developer < mode { try encodeRules(in: &container) }
    }

    private func encodeEnd(in container: inout KeyedEncodingContainer<Key>) throws {
        let end = outcome.result.outcome
        try container.encode(outcome.example.title, forKey: .title)
        try container.encode(end.verdict.rawValue, forKey: .verdict)
        switch end.status {
        case .exited(let code)?: try container.encode(code, forKey: .exitCode)
        case .signaled(let number)?: try container.encode(number, forKey: .signal)
        case nil: break
        }
        try container.encode(outcome.result.stderr.lossyText, forKey: .stderr)
        try container.encode(end.truncated, forKey: .truncated)
        try container.encode(end.hints.map(\.text), forKey: .hints)
    }

    private func encodeSteps(in container: inout KeyedEncodingContainer<Key>) throws {
        let end = outcome.result.outcome
        try container.encode(outcome.example.language, forKey: .language)
        try container.encode(outcome.commands, forKey: .commands)
        try container.encode(end.usage, forKey: .usage)
        try container.encode(end.steps, forKey: .steps)
        try container.encode(end.warm, forKey: .warm)
        try container.encode(end.limit, forKey: .limit)
    }

    private func encodeRules(in container: inout KeyedEncodingContainer<Key>) throws {
        try container.encode("\(outcome.record.id)", forKey: .runID)
        try container.encode(outcome.record.identity.policy, forKey: .policy)
        if let settings = outcome.record.identity.settings {
            try container.encode(settings.network.name, forKey: .network)
            try container.encode(LimitTable(settings.limits), forKey: .limits)
        }
        try container.encode(outcome.events, forKey: .events)
    }
}

/// The answer of `POST /api/v1/examples/{id}/execute`.
struct ExampleResult: Encodable {
    private let outcome: ExampleOutcome
    private let mode: ExampleMode

    init(_ outcome: ExampleOutcome, mode: ExampleMode) {
        self.outcome = outcome
        self.mode = mode
    }

    private enum Key: String, CodingKey {
        case id, success, output, error, retryable, metadata
        case milliseconds = "execution_ms"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(outcome.example.id, forKey: .id)
        try container.encode(outcome.isSuccess, forKey: .success)
        try container.encode(outcome.output(mode), forKey: .output)
        try container.encode(outcome.milliseconds, forKey: .milliseconds)
        let fault = ExampleFault(outcome)
        try container.encode(fault?.message, forKey: .error)
        try container.encode(fault?.retryable ?? false, forKey: .retryable)
        try container.encode(ExampleMetadata(outcome: outcome, mode: mode), forKey: .metadata)
    }
}

extension ExampleOutcome {
    /// The output as text: the result alone for those who want no more, else both streams as they were written.
    func output(_ mode: ExampleMode) -> String {
        (mode == .normie ? result.stdout : result.output).lossyText
    }
}
