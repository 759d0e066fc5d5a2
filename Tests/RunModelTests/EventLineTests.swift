import FoundationEssentials
import RunModel
import SandboxSpec
import StrictJSON
import TestSupport
import Testing

/// Lines put together by hand are the bytes the encoder would have made.
@Suite struct EventLineTests {
    private static let id = RunID(bytes: (0..<16).map { UInt8($0 * 17) }) ?? RunID()

    private func event(_ kind: RunEvent.Kind, at: Int64 = 12_345_678, sequence: Int64 = 3) -> RunEvent {
        RunEvent(runID: Self.id, sequence: sequence, at: at, kind: kind)
    }

    private static let outputs: [[UInt8]] = [
        [], Array("hello\n".utf8), Array("/\"\\\u{8}\u{c}\r\t\u{0}\u{1f}\u{7f}".utf8),
        Array("é漢😀\u{2028}\u{2029}\u{feff}".utf8),
        [0xff], [0xc3], [0, 0xff, 0xfe], [0xed, 0xa0, 0x80], Array("a\u{301}".utf8), Array(0...0x7f), Array(0...0xff),
        Array(repeating: UInt8(ascii: "x"), count: 100_000),
    ]

    @Test(arguments: outputs.indices)
    func outputIsTheSame(index: Int) throws {
        for stream in OutputStream.allCases {
            let event = event(.output(stream, OutputText(Self.outputs[index])))
            let encoded = try FoundationJSON.encode(event)
            #expect(event.line() == encoded)
            // Only `accepted` tells a ref.
            #expect(event.line(ref: "r") == event.line())
        }
    }

    @Test func timesAndNumbersAreTheSame() throws {
        var times: [Int64] = [
            0, 1, 499, 500, 999, 1000, 1499, 1500, 999_999, 1_000_000, 1_000_000_000, 999_999_999, 86_400_000_000_000,
            123_456_789_012_345, 3_155_760_000_000_000_000,
        ]
        var numbers = SeededGenerator(seed: 3)
        for _ in 0..<2000 { times.append(Int64(numbers.next() >> UInt64(2 + numbers.below(60)))) }
        for at in times {
            let event = event(.output(.stdout, OutputText([0x61])), at: at, sequence: at)
            let encoded = try FoundationJSON.encode(event)
            #expect(event.line() == encoded)
        }
    }

    @Test func randomTextIsTheSame() throws {
        var numbers = SeededGenerator(seed: 4)
        for _ in 0..<500 {
            let scalars = (0..<numbers.below(40)).compactMap { _ in
                Unicode.Scalar(UInt32(numbers.below([0x30, 0x80, 0x800, 0x110000][numbers.below(4)])))
            }
            var bytes = Array(String(String.UnicodeScalarView(scalars)).utf8)
            if numbers.below(3) == 0 { bytes.append(UInt8(truncatingIfNeeded: numbers.next())) }
            let event = event(.output(.stderr, OutputText(bytes)))
            let encoded = try FoundationJSON.encode(event)
            #expect(event.line() == encoded)
        }
    }

    /// The writer of strings and Foundation's agree on every scalar, so it does not matter which one made a line.
    @Test func everyScalarIsWrittenAsFoundationWritesIt() throws {
        var text = String.UnicodeScalarView()
        for code in UInt32(0)...0x10ffff where code < 0x3000 || code % 61 == 0 {
            if let scalar = Unicode.Scalar(code) { text.append(scalar) }
        }
        var bytes: [UInt8] = []
        JSONWriter.append(Array(String(text).utf8), to: &bytes)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        #expect(bytes == Array(try encoder.encode(String(text))))
    }

    @Test func otherEventsAreTheSame() throws {
        let limits = LimitTable(Limits.maximum)
        let kinds: [RunEvent.Kind] = [
            .accepted(position: 4), .queued(position: 1), .started(step: .run, warm: .fork, limits: limits),
            .inputRequest(token: "i1", prompt: OutputText([0x3f, 0xff])), .resource(Usage()),
            .warning(LimitHit(name: .memory, used: 1, allowed: 2)), .error(APIError(.sandboxFailed, "no\n")),
            .finished(RunOutcome(verdict: .cancelled)),
        ]
        for kind in kinds {
            let encoded = try FoundationJSON.encode(event(kind))
            #expect(event(kind).line() == encoded)
        }
    }

    @Test(arguments: ["", "a", "\"\\\n\u{0}", "\"run_id\":", "é😀", String(repeating: "r", count: 64)])
    func acceptedTellsTheRefAsASortedMember(ref: String) throws {
        struct Accepted: Codable, Equatable {
            let at: Double
            let position: Int
            let ref: String
            let run_id: String
            let seq: Int
            let type: String
        }
        let line = event(.accepted(position: 2), at: 0, sequence: 0).line(ref: ref)
        let expected = Accepted(at: 0, position: 2, ref: ref, run_id: "\(Self.id)", seq: 0, type: "accepted")
        #expect(try FoundationJSON.encode(expected) == line)
    }

    @Test func promptsAreTextWhateverTheProgramWrote() throws {
        let line = String(
            decoding: event(.inputRequest(token: "i2", prompt: OutputText([0x3e, 0xff]))).line(), as: UTF8.self)
        #expect(
            line
                == #"{"at":0.012346,"prompt":">\#u{fffd}","run_id":"\#(Self.id)","seq":3,"token":"i2","#
                + #""type":"input_request"}"#
        )
        let decoded = try JSONText.decode(RunEvent.self, from: Array(line.utf8))
        #expect(decoded.kind == .inputRequest(token: "i2", prompt: OutputText(Array(">\u{fffd}".utf8))))
    }
}
