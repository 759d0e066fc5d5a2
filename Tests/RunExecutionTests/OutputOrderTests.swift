import Glibc
import RunModel
import Testing

@testable import RunExecution

@Suite struct OutputOrderTests {
    private func merged(_ turns: [OutputStream], _ stdout: String, _ stderr: String) -> String {
        let (out, err) = (Array(stdout.utf8), Array(stderr.utf8))
        var turns = turns
        return OutputOrder.pieces(&turns, stdout: out, stderr: err)
            .map { String(decoding: ($0.stream == .stdout ? out : err)[$0.range], as: UTF8.self) }.joined(
                separator: "|")
    }

    @Test func turnsShareLinesOutEvenly() {
        #expect(merged([.stdout, .stderr, .stdout], "1\n3\n", "2\n") == "1\n|2\n|3\n")
        #expect(merged([.stderr, .stdout], "b\nc\n", "a\n") == "a\n|b\nc\n")
        #expect(merged([.stdout, .stderr, .stdout, .stderr], "1\n2\n4\n5\n", "3\n6\n") == "1\n2\n|3\n|4\n5\n|6\n")
        #expect(merged([.stdout, .stdout, .stderr], "a\nb", "c") == "a\nb|c")
    }

    @Test func turnsWhoseBytesAreNotThereYetAreKept() {
        var turns: [OutputStream] = [.stdout, .stderr, .stdout, .stderr]
        #expect(OutputOrder.pieces(&turns, stdout: Array("1\n3\n".utf8), stderr: Array("2\n".utf8)).count == 3)
        #expect(turns == [.stderr])
    }

    @Test func nothingIsLostWhateverTheTurnsSay() {
        for turns: [OutputStream] in [
            [], [.stdout], [.stderr], [.stderr, .stdout, .stderr, .stdout], Array(repeating: .stderr, count: 9),
        ] {
            for (stdout, stderr) in [("", ""), ("a", ""), ("", "b\n\n"), ("a\nb\nc", "d"), ("\n\n", "\n")] {
                let (out, err) = (Array(stdout.utf8), Array(stderr.utf8))
                var left = turns
                let pieces = OutputOrder.pieces(&left, stdout: out, stderr: err)
                #expect(pieces.filter { $0.stream == .stdout }.flatMap { out[$0.range] } == out, "\(turns) \(stdout)")
                #expect(pieces.filter { $0.stream == .stderr }.flatMap { err[$0.range] } == err, "\(turns) \(stderr)")
                #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.stream != $1.stream })
            }
        }
    }

    @Test func theKernelTellsTurnsOfPipes() throws {
        var (out, err) = ([Int32](repeating: 0, count: 2), [Int32](repeating: 0, count: 2))
        try #require(pipe(&out) == 0 && pipe(&err) == 0)
        defer { for number in out + err { close(number) } }
        let watch = try #require(WriteWatch(stdout: out[0], stderr: err[0]))
        for number in [out[1], out[1], err[1], out[1]] { try #require(write(number, "x", 1) == 1) }
        #expect(watch.turns() == [.stdout, .stderr, .stdout])
        #expect(watch.turns().isEmpty)
    }

    @Test func aQueueThatIsUsedAgainTellsNothingOfThePipesBefore() throws {
        func pipes(_ body: (_ out: [Int32], _ err: [Int32]) throws -> Void) throws {
            var (out, err) = ([Int32](repeating: 0, count: 2), [Int32](repeating: 0, count: 2))
            try #require(pipe(&out) == 0 && pipe(&err) == 0)
            defer { for number in out + err { close(number) } }
            try body(out, err)
        }
        for _ in 0..<3 {
            try pipes { out, err in
                let watch = try #require(WriteWatch(stdout: out[0], stderr: err[0]))
                for number in [err[1], out[1]] { try #require(write(number, "x", 1) == 1) }
                #expect(watch.turns() == [.stderr, .stdout])
                // Written, and never asked for.
                for number in [out[1], err[1]] { try #require(write(number, "x", 1) == 1) }
                watch.release()
            }
        }
    }

    @Test func onlyARushOfSmallPiecesWaits() {
        var pace = ReadingPace()
        var now: Int64 = 1_000_000_000
        for _ in 0..<50 {
            pace.read(10, now)
            #expect(pace.isDue(now))
            now += 2 * ReadingPace.haste
        }
        for _ in 0..<(ReadingPace.rush + 1) {
            pace.read(10, now)
            now += 1000
        }
        #expect(pace.due(now) == now - 1000 + ReadingPace.pause)
        #expect(pace.isDue(now + ReadingPace.pause))
        pace.read(1000, now)
        #expect(!pace.isDue(now))
        pace.read(60_000, now)
        #expect(pace.isDue(now))
    }
}
