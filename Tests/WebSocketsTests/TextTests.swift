import NIOCore
import TestSupport
import Testing
import WebSockets

@Suite("Text of messages")
struct TextTests {
    /// Whether a checker takes bytes as a whole text.
    private func isText(_ bytes: [UInt8]) -> Bool {
        var checker = UTF8Checker()
        return checker.push(bytes) && checker.isComplete
    }

    @Test(
        "the checker agrees with the standard library on every sequence of up to two bytes and on millions of longer ones"
    )
    func agrees() {
        for first in UInt8.min ... .max {
            #expect(isText([first]) == (String(validating: [first], as: UTF8.self) != nil))
            for second in UInt8.min ... .max {
                let bytes = [first, second]
                if isText(bytes) != (String(validating: bytes, as: UTF8.self) != nil) {
                    Issue.record("\(bytes)")
                }
            }
        }
        // Around all borders: overlong forms, surrogates, the last code point.
        let interesting: [UInt8] = [
            0x00, 0x61, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
            0xef,
            0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
        ]
        for a in interesting {
            for b in interesting {
                for c in interesting {
                    for d in interesting {
                        let bytes = [a, b, c, d]
                        if isText(bytes) != (String(validating: bytes, as: UTF8.self) != nil) {
                            Issue.record("\(bytes)")
                        }
                    }
                }
            }
        }
    }

    @Test("every scalar is text, in one frame and cut anywhere")
    func scalars() {
        for value in stride(from: UInt32(0), through: 0x10ffff, by: 17) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a" + String(Character(scalar)) + "b"
            let bytes = Array(text.utf8)
            for cut in 0...bytes.count {
                let frames = Frames.frame(0x01, Array(bytes[..<cut])) + Frames.frame(0x80, Array(bytes[cut...]))
                guard case .message(.text(let read))? = Reading(frames, pieces: 1000).events.first,
                    read.utf8.elementsEqual(bytes)
                else {
                    Issue.record("U+\(String(value, radix: 16)) cut at \(cut)")
                    return
                }
            }
        }
    }

    @Test(
        "what can never become text is refused as soon as that is known, in the middle of a frame that goes on",
        arguments: [
            [0xff], [0x80], [0xc0], [0xc1], [0xe0, 0x80], [0xe0, 0x9f], [0xed, 0xa0], [0xed, 0xbf],
            [0xf0, 0x80],
            [0xf0, 0x8f], [0xf4, 0x90], [0xf5],
            [0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf, 0x83, 0xce, 0xbc, 0xce, 0xb5, 0xf4, 0x90],
        ] as [[UInt8]])
    func failsFast(bytes: [UInt8]) {
        // The frame says that it has a hundred bytes; the rest never comes.
        let frame = Frames.frame(0x81, bytes + [UInt8](repeating: 0x61, count: 100 - bytes.count))
        let sent = Array(frame.prefix(6 + bytes.count))
        #expect(Reading(sent, pieces: 1).refusal == 1007)
        #expect(Reading(sent.dropLast(), pieces: 1).refusal == nil)
    }

    @Test("a text that ends within a character is refused with its last frame, and not before")
    func incomplete() {
        let frames = Frames.frame(0x01, [0xe2, 0x82])
        #expect(Reading(frames, pieces: 1).refusal == nil)
        #expect(Reading(frames + Frames.frame(0x80), pieces: 1).refusal == 1007)
        #expect(Reading(frames + Frames.frame(0x80, [0xac]), pieces: 1).events == [.message(.text("€"))])
    }

    @Test("whatever comes, nothing traps, and pieces make no difference")
    func fuzz() {
        var state: UInt64 = 42
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var limits = WebSocketLimits()
        limits.maximumMessageBytes = 300
        for _ in 0..<5000 {
            var bytes: [UInt8] = []
            for _ in 0..<random(6) {
                let payload = (0..<random(140)).map { _ in UInt8(random(10) == 0 ? random(256) : 0x61) }
                bytes += Frames.frame([0x81, 0x82, 0x01, 0x00, 0x80, 0x89, 0x8a, 0x88][Int(random(8))], payload)
            }
            for _ in 0..<random(3) where !bytes.isEmpty {
                bytes[Int(random(UInt64(bytes.count)))] = UInt8(random(256))
            }
            let whole = Reading(bytes, pieces: .max, limits: limits)
            #expect(Reading(bytes, pieces: 1, limits: limits) == whole)
            #expect(Reading(bytes, pieces: 5, limits: limits) == whole)
        }
    }
}
