import StrictJSON
import Testing

/// Time grows with the bytes and with nothing else. Ratios, not seconds: the machine may be busy.
@Suite(.serialized) struct SpeedTests {
    /// The fastest of a few attempts, in nanoseconds.
    private func time(_ bytes: [UInt8]) throws -> Double {
        var best = Double.infinity
        var limits = JSONLimits(bytes: 16 << 20)
        limits.membersPerObject = .max
        limits.values = .max
        for _ in 0..<4 {
            let clock = ContinuousClock()
            let start = clock.now
            _ = try JSONValue.parse(bytes, limits: limits)
            best = min(best, (clock.now - start) / .nanoseconds(1))
        }
        return best
    }

    private func growth(_ document: (Int) -> String, from count: Int) throws -> Double {
        let small = try time(Array(document(count).utf8))
        let large = try time(Array(document(count * 8).utf8))
        return large / small
    }

    /// Eight times as much takes eight times as long; where time grew with the square it would be 64 times.
    @Test(arguments: ["members", "marks", "names", "escapes", "list", "pairs", "blanks"])
    func linear(what: String) throws {
        let ratio = try growth(
            { count in
                switch what {
                case "members": "{" + (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",") + "}"
                case "marks": "\"e" + String(repeating: "\u{301}", count: count * 10) + "\""
                case "names":
                    "{"
                        + (0..<count / 8).map { "\"\(String(repeating: "\u{301}", count: 60))\($0)\":0" }.joined(
                            separator: ",")
                        + "}"
                case "escapes": "\"" + String(repeating: "\\n\\u00e9", count: count) + "\""
                case "list": "[" + Array(repeating: "[{}]", count: count).joined(separator: ",") + "]"
                case "pairs": "\"" + String(repeating: "\\ud83d\\ude00", count: count) + "\""
                default: String(repeating: " \n", count: count * 10) + "1"
                }
            }, from: 800)
        #expect(ratio < 32)
    }

    @Test func aLargeStringIsQuick() throws {
        let line = Array("The quick brown fox jumps over the lazy dog; ærøskøbing. ".utf8)
        var bytes = [UInt8(ascii: "\"")]
        while bytes.count < 8 << 20 { bytes += line }
        bytes.append(UInt8(ascii: "\""))
        let milliseconds = try time(bytes) / 1_000_000
        print("8 MiB of text: \(milliseconds) ms")
        // A release build takes a few milliseconds; this holds without optimisation on a busy machine, too.
        #expect(milliseconds < 20_000)
    }
}
