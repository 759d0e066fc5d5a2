import FoundationEssentials
import RunModel
import SandboxSpec
import TestSupport
import Testing

/// Every value that writes its own JSON gives the bytes that Foundation's encoder gives.
@Suite("JSON written by hand") struct HandWrittenJSONTests {
    /// Values of every kind, with every field there and not there, from a seed.
    private struct Values {
        var numbers: SeededGenerator

        mutating func one<Value>(_ values: [Value]) -> Value { values[numbers.below(values.count)] }
        mutating func maybe<Value>(_ value: (inout Values) -> Value) -> Value? {
            numbers.below(2) == 0 ? nil : value(&self)
        }
        mutating func list<Value>(_ value: (inout Values) -> Value) -> [Value] {
            (0..<numbers.below(3)).map { _ in value(&self) }
        }

        private static let pieces = [
            "", "a", "é", "e\u{301}", "漢", "😀", "\"", "\\", "/", "\n", "\r", "\t", "\u{8}", "\u{c}", "\0", "\u{1}",
            "\u{1f}", "\u{7f}", "\u{80}", "\u{2028}", "\u{2029}", "\u{feff}", "{", "}", ",", ":", "</script>", "Z", "_",
        ]
        mutating func text() -> String { (0..<numbers.below(6)).map { _ in one(Self.pieces) }.joined() }

        mutating func bytes() -> [UInt8] {
            var bytes = Array(text().utf8)
            let broken: [[UInt8]] = [
                [], [], [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x80],
            ]
            bytes.insert(contentsOf: one(broken), at: numbers.below(bytes.count + 1))
            if numbers.below(8) == 0 { bytes += (0..<numbers.below(5000)).map { UInt8(truncatingIfNeeded: $0) } }
            return bytes
        }

        mutating func double() -> Double {
            switch numbers.below(5) {
            case 0:
                one([
                    0, -0.0, 0.1, 1, 1e15, 1e16, 1e17, 1.5e300, .leastNonzeroMagnitude, 9_007_199_254_740_992, -1, -2.5,
                    1e-7,
                ])
            case 1: Double(numbers.below(1_000_000)) / 1000
            case 2: Double(Int64(truncatingIfNeeded: numbers.next()))
            case 3: Double(numbers.below(1 << 40))
            default: Double(bitPattern: numbers.next() & ~(1 << 62))
            }
        }

        mutating func integer() -> Int64 { one([0, 1, -1, .max, .min, Int64(truncatingIfNeeded: numbers.next())]) }

        /// Through JSON: there is no other way to a number that no limit can be.
        mutating func amount() throws -> LimitAmount {
            try JSONText.decode(LimitAmount.self, from: Array("\(double())".utf8))
        }

        mutating func table() throws -> LimitTable {
            guard numbers.below(2) == 0 else { return LimitTable(Limits.maximum) }
            var amounts: [String: Double] = [:]
            for _ in 0..<numbers.below(5) { amounts[text()] = double() }
            return try JSONText.decode(LimitTable.self, from: FoundationJSON.encode(amounts))
        }

        mutating func limit() -> LimitReport {
            LimitReport(
                LimitHit(name: one(LimitName.allCases), used: integer(), allowed: integer()), in: one(StepName.allCases)
            )
        }

        mutating func usage() -> UsageReport {
            var usage = UsageReport()
            usage.cpuMilliseconds = double()
            usage.cpuUserMilliseconds = double()
            usage.cpuSystemMilliseconds = double()
            usage.wallMilliseconds = double()
            usage.memoryPeakBytes = integer()
            usage.cgroupPeakBytes = integer()
            usage.processesPeak = integer()
            usage.diskBytes = integer()
            usage.inodes = integer()
            return usage
        }

        mutating func error() -> APIError {
            var details: [String: String] = [:]
            for _ in 0..<numbers.below(6) { details[text()] = text() }
            return APIError(
                APIError.Code(rawValue: text()), text(), retryable: numbers.below(2) == 0, details: details)
        }

        mutating func outcome() -> RunOutcome {
            var outcome = RunOutcome(verdict: one(Verdict.allCases), truncated: numbers.below(2) == 0)
            outcome.status = one([nil, .exited(0), .exited(255), .signaled(9), .exited(UInt8(numbers.below(256)))])
            outcome.limit = maybe { $0.limit() }
            outcome.usage = usage()
            outcome.warm = maybe { $0.one(WarmStart.allCases) }
            outcome.steps = list {
                StepReport(
                    step: $0.one(StepName.allCases), warm: $0.one(WarmStart.allCases),
                    verdict: $0.one(Verdict.allCases),
                    status: $0.one([nil, .exited(1), .signaled(11)]), usage: $0.usage())
            }
            outcome.artifacts.files = list {
                ArtifactReport(path: $0.text(), bytes: $0.integer(), contentType: $0.one(ContentType.allCases))
            }
            outcome.artifacts.skipped = list { SkippedArtifact(name: $0.text(), reason: $0.text()) }
            outcome.hints = list { Hint(kind: $0.text(), text: $0.text(), language: $0.maybe { $0.text() }) }
            outcome.syntaxError = numbers.below(2) == 0
            outcome.traceID = maybe { _ in "4bf92f3577b34da6a3ce929d0e0e4736" }
            outcome.rules = maybe {
                RulesReference(policy: $0.text(), generation: $0.integer(), digest: $0.one(["0af9", "beef"]))
            }
            outcome.network = maybe { values in
                NetworkReport(
                    connections: Int(values.integer()), bytesIn: values.integer(), bytesOut: values.integer(),
                    refused: values.list { .init(host: $0.text(), reason: $0.text(), count: Int($0.integer())) })
            }
            return outcome
        }

        mutating func kinds() throws -> [RunEvent.Kind] {
            [
                .accepted(position: Int(integer())), .queued(position: Int(integer()), wait: maybe { $0.double() }),
                .started(step: one(StepName.allCases), warm: one(WarmStart.allCases), limits: try table()),
                .output(one(OutputStream.allCases), OutputText(bytes())),
                .resource(
                    cpuMilliseconds: double(), wallMilliseconds: double(), memoryBytes: integer(),
                    processes: integer()),
                .warning(limit: text(), used: try amount(), of: try amount()),
                .inputRequest(token: text(), prompt: OutputText(bytes())), .error(error()), .finished(outcome()),
            ]
        }

        mutating func result() -> RunResult {
            RunResult(
                runID: RunID(using: &numbers), outcome: outcome(), stdout: OutputText(bytes()),
                stderr: OutputText(bytes()), output: OutputText(bytes()), error: maybe { $0.error() })
        }

        mutating func summary() -> RunSummary {
            RunSummary(
                runID: RunID(using: &numbers), state: one(RunState.allCases), language: text(), policy: text(),
                createdAt: text(), position: maybe { Int($0.integer()) }, estimatedWait: maybe { $0.double() },
                nextSequence: integer(),
                result: maybe { $0.result() })
        }

        mutating func messages() -> [ServerMessage] {
            let id = RunID(using: &numbers)
            return [
                .attached(
                    runID: id, state: one(RunState.allCases), nextSequence: integer(), mode: one([.control, .observe]),
                    ref: maybe { $0.text() }),
                .detached(runID: id, ref: maybe { $0.text() }), .pong(ref: maybe { $0.text() }), .heartbeat,
                .lagged(runID: id, from: integer(), to: integer()),
                .failed(error(), ref: maybe { $0.text() }, runID: maybe { RunID(using: &$0.numbers) }),
            ]
        }
    }

    private func compare(_ value: some Encodable) throws {
        let (written, expected) = (try JSONText.encode(value), try FoundationJSON.encode(value))
        #expect(
            written == expected,
            "\(String(decoding: written, as: UTF8.self)) is not \(String(decoding: expected, as: UTF8.self))")
    }

    @Test("every kind of event, result, error and message", arguments: 1...4)
    func everything(seed: Int) throws {
        var values = Values(numbers: SeededGenerator(seed: UInt64(seed)))
        for _ in 0..<250 {
            for kind in try values.kinds() {
                let event = RunEvent(
                    runID: RunID(using: &values.numbers), sequence: values.integer(), at: values.integer(), kind: kind)
                try compare(event)
                #expect(event.line() == (try FoundationJSON.encode(event)))
            }
            try compare(values.result())
            try compare(values.summary())
            try compare(APIErrorBody(values.error()))
            for message in values.messages() {
                try compare(message)
                #expect(message.line == (try FoundationJSON.encode(message)))
            }
        }
    }

    @Test("every field of what is written is known to this test")
    func fields() throws {
        var values = Values(numbers: SeededGenerator(seed: 9))
        func labels(_ value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label).sorted() }
        #expect(
            labels(values.outcome()) == [
                "artifacts", "hints", "limit", "network", "rules", "status", "steps", "syntaxError", "traceID",
                "truncated", "usage", "verdict", "warm",
            ])
        #expect(labels(values.result()) == ["error", "outcome", "output", "runID", "stderr", "stdout"])
        #expect(labels(values.usage()).count == 9)
        #expect(labels(values.error()) == ["code", "details", "message", "retryable"])
    }

    @Test("a number that JSON does not have is an error, as it is for the encoder")
    func infinite() throws {
        var outcome = RunOutcome(verdict: .ok)
        outcome.usage.cpuMilliseconds = .infinity
        let event = RunEvent(runID: RunID(), sequence: 0, at: 0, kind: .finished(outcome))
        #expect(throws: EncodingError.self) { try FoundationJSON.encode(event) }
        #expect(throws: EncodingError.self) { try JSONText.encode(event) }
    }

    @Test("large output that is text, and that is none")
    func large() throws {
        var numbers = SeededGenerator(seed: 5)
        let noise = (0..<100_003).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
        let text = Array(String(repeating: "line\n\"é\"\u{1}", count: 20_000).utf8)
        for (one, other) in [
            (noise, text), (text, noise), (text, text), (Array(noise.dropLast()), Array(noise.dropLast(2))),
        ] {
            try compare(
                RunResult(
                    runID: RunID(using: &numbers), outcome: RunOutcome(verdict: .ok), stdout: OutputText(one),
                    stderr: OutputText(other), output: OutputText(one + other)))
        }
    }
}
