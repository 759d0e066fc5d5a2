internal import SandboxSpec

extension RunOutcome: Codable {
    private enum Key: String, CodingKey {
        case verdict, signal, limit, usage, steps, truncated, artifacts, hints, warm, generation, policy, network
        case policyDigest = "policy_digest"
        case traceID = "trace_id"
        case exitCode = "exit_code"
        case syntaxError = "syntax_error"
        case skipped = "artifacts_skipped"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(verdict, forKey: .verdict)
        try container.encodeStatus(status, code: .exitCode, signal: .signal)
        try container.encode(limit, forKey: .limit)
        try container.encode(usage, forKey: .usage)
        try container.encode(steps, forKey: .steps)
        try container.encode(truncated, forKey: .truncated)
        try container.encode(artifacts.files, forKey: .artifacts)
        try container.encode(artifacts.skipped, forKey: .skipped)
        try container.encode(warm, forKey: .warm)
        if syntaxError { try container.encode(true, forKey: .syntaxError) }
        try container.encodeIfPresent(network, forKey: .network)
        if !hints.isEmpty { try container.encode(hints, forKey: .hints) }
        try container.encodeIfPresent(rules?.generation, forKey: .generation)
        try container.encodeIfPresent(rules?.policy, forKey: .policy)
        try container.encodeIfPresent(rules?.digest, forKey: .policyDigest)
        try container.encodeIfPresent(traceID, forKey: .traceID)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            verdict: try container.decode(Verdict.self, forKey: .verdict),
            status: try container.decodeStatus(code: .exitCode, signal: .signal),
            limit: try container.decodeIfPresent(LimitReport.self, forKey: .limit),
            usage: try container.decode(UsageReport.self, forKey: .usage),
            steps: try container.decode([StepReport].self, forKey: .steps),
            truncated: try container.decode(Bool.self, forKey: .truncated),
            warm: try container.decodeIfPresent(WarmStart.self, forKey: .warm))
        artifacts.files = try container.decode([ArtifactReport].self, forKey: .artifacts)
        artifacts.skipped = try container.decodeIfPresent([SkippedArtifact].self, forKey: .skipped) ?? []
        syntaxError = try container.decodeIfPresent(Bool.self, forKey: .syntaxError) ?? false
        network = try container.decodeIfPresent(NetworkReport.self, forKey: .network)
        hints = try container.decodeIfPresent([Hint].self, forKey: .hints) ?? []
        traceID = try container.decodeIfPresent(String.self, forKey: .traceID)
        if let generation = try container.decodeIfPresent(Int64.self, forKey: .generation) {
            rules = RulesReference(
                policy: try container.decode(String.self, forKey: .policy), generation: generation,
                digest: try container.decode(String.self, forKey: .policyDigest))
        }
    }
}
