import RunModel
import SandboxSpec
import Testing

@Suite struct RunSummaryTests {
    private static let text = "00112233445566778899aabbccddeeff"

    private func summary(_ state: RunState, position: Int?, result: RunResult?) throws -> RunSummary {
        RunSummary(
            runID: try #require(RunID(Self.text)), state: state, language: "python", policy: "python",
            createdAt: "2026-01-02T03:04:05.678Z", position: position, nextSequence: 7, result: result)
    }

    @Test func aRunHasTheShapeOfTheContract() throws {
        let bytes = try JSONText.encode(try summary(.running, position: nil, result: nil))
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"created_at":"2026-01-02T03:04:05.678Z","language":"python","#
                + #""links":{"events":"/api/v1/runs/\#(Self.text)/events","self":"/api/v1/runs/\#(Self.text)"},"#
                + #""next_seq":7,"policy":"python","position":null,"result":null,"run_id":"\#(Self.text)","#
                + #""state":"running"}"#)
    }

    @Test func itSurvivesTheTrip() throws {
        let result = RunResult(
            runID: try #require(RunID(Self.text)),
            outcome: RunOutcome(verdict: .ok, status: .exited(0), warm: .cold),
            stdout: OutputText([0xff]), stderr: OutputText([]), output: OutputText([0xff]))
        for summary in [
            try summary(.queued, position: 3, result: nil), try summary(.finished, position: nil, result: result),
        ] {
            let bytes = try JSONText.encode(summary)
            #expect(try JSONText.decode(RunSummary.self, from: bytes) == summary)
        }
    }
}
