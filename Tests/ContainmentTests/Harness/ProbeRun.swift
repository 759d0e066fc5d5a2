internal import Foundation
internal import SandboxSpec
internal import WardenProtocol

/// What a run was asked for, beside the probe's arguments.
struct ProbeOptions: Sendable {
    var root: RootSource = .host
    var limits: [LimitName: Int64] = [:]
    var network: NetworkAccess = .none
    var terminal: TerminalSize?
    var hasChannel = false
    /// What the program reads before end of file; nil leaves stdin open and silent until the end.
    var input: [UInt8]? = []
    var files: [(String, [UInt8])] = []
    var artifacts: ArtifactRequest = .none
    var environment = ["PATH=/usr/bin:/bin", "HOME=/box", "LANG=C.UTF-8"]
    /// The program: the uploaded probe unless a test brings its own.
    var program: [String] = ["/box/probe"]
    var uploadsProbe = true
    /// How the sandbox is prepared: as the whole suite is asked to, unless a test says otherwise.
    var warmth = TestWarmth.ofThisRun
    /// Another preparation than that of `warmth`, which has to be cold then.
    var preparation: Preparation?
    /// How long the harness waits for the end before it fails the test.
    var timeout: Double = 30

    static func limits(_ limits: [LimitName: Int64]) -> ProbeOptions {
        var options = ProbeOptions()
        options.limits = limits
        return options
    }
}

/// The spec's word; Testing has an `ExitStatus` too.
typealias ProgramStatus = ExitStatus

/// All that is known about a finished run.
struct ProbeResult: Sendable {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var outcome: SandboxOutcome
    var warnings: [LimitHit] = []
    /// Handed-out files: path, announced size, content.
    var artifacts: [(path: String, bytes: Int64, content: [UInt8])] = []
    var skipped: [(name: String, reason: String)] = []
    /// From the `started` event to the `finished` event, in nanoseconds; 0 when it never started.
    var elapsed: Int64 = 0

    var verdict: Verdict { outcome.verdict }
    var status: ExitStatus? { outcome.status }
    var limit: LimitHit? { outcome.limit }
    var usage: Usage { outcome.usage }
    var failure: StageFailure? { outcome.failure }

    var text: String { String(decoding: output, as: UTF8.self) }
    var lines: [String] { text.split(whereSeparator: \.isNewline).map(String.init) }
    func value(_ name: String) -> String? { lines.value(name) }
    var summary: String {
        "verdict \(outcome.verdict.rawValue), status \(outcome.status.map { "\($0)" } ?? "none"), limit "
            + (outcome.limit.map { "\($0.name.rawValue) used \($0.used) of \($0.allowed)" } ?? "none")
            + (outcome.failure.map { ", \($0)" } ?? "") + ", output \(text.prefix(300))"
    }
}

/// Runs a probe in a sandbox from beginning to end.
enum ProbeRun {
    static func run(_ probe: [String], _ options: ProbeOptions = ProbeOptions()) async throws -> ProbeResult {
        try await run(probe, options, on: try await TestWarden.shared)
    }

    static func run(_ probe: [String], _ options: ProbeOptions = ProbeOptions(), on warden: TestWarden) async throws
        -> ProbeResult
    {
        let live = try await LiveSandbox(probe, options, on: warden)
        try live.start()
        return try await live.finish()
    }
}
