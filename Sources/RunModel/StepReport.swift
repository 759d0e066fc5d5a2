package import SandboxSpec

/// The steps of a run, in their order.
package enum StepName: String, Sendable, Codable, CaseIterable {
    case compile, run
}

/// How ready a step was when the run came for it.
package enum WarmStart: String, Sendable, Codable, CaseIterable {
    /// A fork of a warmed interpreter.
    case fork
    /// An interpreter or compiler that had booted inside its sandbox.
    case boot
    /// A complete sandbox that was waiting.
    case parked
    /// A sandbox made for this run.
    case cold
    /// None: what a compile step left for the same submission before was there.
    case cached
}

/// How one step of a run ended.
package struct StepReport: Sendable, Equatable {
    package var step: StepName
    package var warm: WarmStart
    package var verdict: Verdict
    package var status: ExitStatus?
    package var usage: UsageReport

    package init(step: StepName, warm: WarmStart, verdict: Verdict, status: ExitStatus?, usage: UsageReport) {
        self.step = step
        self.warm = warm
        self.verdict = verdict
        self.status = status
        self.usage = usage
    }
}

extension StepReport: Codable {
    private enum CodingKeys: String, CodingKey {
        case step, warm, verdict, usage, signal
        case exitCode = "exit_code"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        step = try container.decode(StepName.self, forKey: .step)
        warm = try container.decode(WarmStart.self, forKey: .warm)
        verdict = try container.decode(Verdict.self, forKey: .verdict)
        usage = try container.decode(UsageReport.self, forKey: .usage)
        status = try container.decodeStatus(code: .exitCode, signal: .signal)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(step, forKey: .step)
        try container.encode(warm, forKey: .warm)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(usage, forKey: .usage)
        try container.encodeStatus(status, code: .exitCode, signal: .signal)
    }
}
