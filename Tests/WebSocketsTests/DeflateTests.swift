import NIOCore
import TestSupport
import Testing
import WebSockets

@Suite("Compression of messages")
struct DeflateTests {
    @Test(
        "offers: the first that can be met, with all parameters of RFC 7692",
        arguments: [
            ("permessage-deflate", ""), ("permessage-deflate; client_max_window_bits", ""),
            ("permessage-deflate; client_max_window_bits=8", ""),
            ("permessage-deflate; server_max_window_bits=9", "; server_max_window_bits=9"),
            ("permessage-deflate; server_max_window_bits=\"10\"", "; server_max_window_bits=10"),
            ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", ""),
            ("x-webkit-deflate-frame, permessage-deflate", ""),
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", ""),
            (
                "permessage-deflate; unknown, permessage-deflate; server_max_window_bits=15",
                "; server_max_window_bits=15"
            ),
        ])
    func accepted(offer: String, rest: String) {
        #expect(
            PermessageDeflate.accept([offer])?.answer
                == "permessage-deflate; server_no_context_takeover; client_no_context_takeover\(rest)")
    }

    @Test(
        "offers that cannot be met, or are none",
        arguments: [
            "", "x-webkit-deflate-frame", "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=09", "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_max_window_bits=7", "permessage-deflate; unknown",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover", "PERMESSAGE-DEFLATE",
        ])
    func declined(offer: String) {
        #expect(PermessageDeflate.accept([offer]) == nil)
    }

    /// What an assembler that has agreed on compression makes of frames.
    private func read(_ frames: [UInt8], limit: Int = 1 << 20, pieces: Int = .max) -> Reading {
        var limits = WebSocketLimits()
        limits.maximumMessageBytes = limit
        return Reading(frames, pieces: pieces, limits: limits, allowsCompression: true)
    }

    /// The examples of RFC 7692, section 7.2.3: one block, two fragments, without compression, and a last block.
    @Test(
        "the examples of the standard",
        arguments: [
            [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
            [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
            [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
            [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
        ] as [[UInt8]])
    func examples(payload: [UInt8]) {
        for pieces in [1, 3, .max] {
            #expect(read(Frames.frame(0xc1, payload), pieces: pieces).events == [.message(.text("Hello"))])
            let cut = Frames.frame(0x41, Array(payload.prefix(3))) + Frames.frame(0x80, Array(payload.dropFirst(3)))
            #expect(read(cut, pieces: pieces).events == [.message(.text("Hello"))])
        }
    }

    @Test("the first reserved bit: on the first frame of a message alone, and only when agreed on")
    func reservedBit() {
        let hello: [UInt8] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
        #expect(Reading(Frames.frame(0xc1, hello), pieces: .max).refusal == 1002)
        #expect(read(Frames.frame(0x41, hello) + Frames.frame(0xc0)).refusal == 1002)
        #expect(read(Frames.frame(0xc9)).refusal == 1002)
        #expect(read(Frames.frame(0xe1, hello)).refusal == 1002)
        #expect(read(Frames.text("plain")).events == [.message(.text("plain"))])
    }

    @Test("broken, cut off, no text: refused with 1007, as soon as that is known")
    func broken() {
        #expect(read(Frames.frame(0xc1, [0xff, 0xff, 0xff])).refusal == 1007)
        #expect(read(Frames.frame(0xc1, [0xf2, 0x48])).refusal == 1007)
        // 0xff, stored.
        let noText: [UInt8] = [0x00, 0x01, 0x00, 0xfe, 0xff, 0xff]
        #expect(read(Frames.frame(0x41, noText)).refusal == 1007)
        #expect(read(Frames.frame(0xc2, noText + [0x00])).events == [.message(.binary(ByteBuffer(bytes: [0xff])))])
    }

    /// A stream of zeros, a thousand times as long as its compressed form: fixed codes, a match of 258 bytes each.
    private static func bomb(_ blocks: Int) -> [UInt8] {
        // Bits of a fixed block: literal 0, then matches of length 258 at distance 1.
        var bits: [UInt8] = [0, 1, 0]
        bits += [0, 0, 1, 1, 0, 0, 0, 0]
        for _ in 0..<blocks { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
        // The end of the block, and the header of the empty one behind it.
        bits += [0, 0, 0, 0, 0, 0, 0] + [0, 0, 0]
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: bits.count, by: 8) {
            bytes.append(bits[start..<min(start + 8, bits.count)].enumerated().reduce(0) { $0 | $1.1 << $1.0 })
        }
        return bytes
    }

    @Test("bombs are refused at the limit, whatever they would become")
    func bombs() {
        let frame = Frames.frame(0xc2, Self.bomb(20_000))
        #expect(read(frame, limit: 1 << 20).refusal == 1009)
        #expect(read(frame, limit: 1 << 20, pieces: 100).refusal == 1009)
        guard case .message(.binary(let bytes))? = read(frame, limit: 8 << 20).events.first else {
            Issue.record("no message: \(read(frame, limit: 8 << 20).refusal ?? 0)")
            return
        }
        #expect(bytes.readableBytes == 20_000 * 258 + 1)
    }

    @Test("whatever comes, nothing traps, and pieces make no difference")
    func fuzz() {
        var state: UInt64 = 99
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let hello: [UInt8] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
        for _ in 0..<500 {
            var payload = random(2) == 0 ? hello + hello : (0..<random(60)).map { _ in UInt8(random(256)) }
            if !payload.isEmpty, random(2) == 0 { payload[random(payload.count)] = UInt8(random(256)) }
            let frames = Frames.frame(0x42, Array(payload.prefix(4))) + Frames.frame(0x80, Array(payload.dropFirst(4)))
            let whole = read(frames, limit: 4000)
            #expect(read(frames, limit: 4000, pieces: 1) == whole)
            #expect(read(frames, limit: 4000, pieces: 7) == whole)
        }
    }
}
