import RunModel
import SandboxSpec
import Testing

@Suite struct RunResultTests {
    private let id = RunID()

    private func event(_ kind: RunEvent.Kind) -> RunEvent {
        RunEvent(runID: id, sequence: 0, at: 0, kind: kind)
    }

    @Test func aResultIsMadeOfTheEvents() throws {
        var builder = RunResultBuilder(maximumBytes: 1000)
        let limits = LimitTable(Limits.maximum)
        let early = [
            builder.add(event(.accepted(position: 0))),
            builder.add(event(.started(step: .run, warm: .parked, limits: limits))),
            builder.add(event(.output(.stdout, OutputText([0x61])))),
            builder.add(event(.output(.stderr, OutputText([0xff])))),
            builder.add(event(.output(.stdout, OutputText([0x62])))),
        ]
        #expect(early.allSatisfy { $0 == nil })
        let finished = builder.add(event(.finished(RunOutcome(verdict: .ok, status: .exited(0)))))
        let result = try #require(finished)
        #expect(result.stdout == OutputText([0x61, 0x62]))
        #expect(result.stderr == OutputText([0xff]))
        #expect(result.output.bytes == [0x61, 0xff, 0x62])
        #expect(result.warm == .parked)
        #expect(result.outcome.truncated == false)

        let bytes = try JSONText.encode(result)
        #expect(try JSONText.decode(RunResult.self, from: bytes) == result)
        #expect(try JSONText.encode(result) == bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(#""stderr":"/w==","stderr_encoding":"base64","stdout":"ab","stdout_encoding":"utf8""#))
        #expect(text.contains(#""exit_code":0,"limit":null,"#))
    }

    @Test func outputBeyondTheBoundIsCutAndSaidSo() throws {
        var builder = RunResultBuilder(maximumBytes: 3)
        _ = builder.add(event(.output(.stdout, OutputText(Array("abcd".utf8)))))
        _ = builder.add(event(.output(.stderr, OutputText(Array("e".utf8)))))
        let finished = builder.add(event(.finished(RunOutcome(verdict: .ok))))
        let result = try #require(finished)
        #expect(result.output == OutputText(Array("abc".utf8)))
        #expect(result.stderr.bytes.isEmpty)
        #expect(result.outcome.truncated)
    }

    @Test func artifactListsAreBounded() {
        var list = ArtifactList()
        for _ in 0..<(ArtifactList.maximumEntries + 5) {
            list.add(ArtifactReport(path: "x", bytes: 0))
            list.skip("y", because: "z")
        }
        #expect(list.files.count == ArtifactList.maximumEntries)
        #expect(list.skipped.count == ArtifactList.maximumEntries)
    }

    @Test func usageOfStepsAddsUp() {
        var first = Usage()
        first.cpu = 1_000_000
        first.wall = 100_000
        first.memoryPeak = 10
        first.chargedPeak = 20
        first.processesPeak = 9
        var second = Usage()
        second.cpu = 2_500_000
        second.wall = 200_000
        second.memoryPeak = 5
        second.chargedPeak = 30
        second.processesPeak = 2
        let total = UsageReport(first).followed(by: UsageReport(second))
        #expect(total.cpuMilliseconds == 3.5)
        #expect(total.wallMilliseconds == 0.3)
        // Peaks are the program's, not its compiler's.
        #expect(total.memoryPeakBytes == 5)
        #expect(total.cgroupPeakBytes == 30)
        #expect(total.processesPeak == 2)
    }
}
