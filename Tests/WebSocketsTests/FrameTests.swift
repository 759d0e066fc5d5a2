import NIOCore
import TestSupport
import Testing
import WebSockets

/// What an assembler makes of bytes that come in pieces, and the code it refuses them with.
struct Reading: Equatable {
    var events: [MessageAssembler.Event] = []
    var refusal: UInt16?

    init(
        _ bytes: [UInt8], pieces: Int, limits: WebSocketLimits = WebSocketLimits(), allowsCompression: Bool = false
    ) {
        var assembler = MessageAssembler(limits: limits, allowsCompression: allowsCompression)
        var buffer = ByteBuffer()
        var rest = bytes[...]
        while !rest.isEmpty {
            buffer.writeBytes(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            do throws(FrameReader.Violation) {
                while let event = try assembler.next(&buffer) { events.append(event) }
            } catch {
                refusal = error.code.rawValue
                return
            }
        }
    }
}

@Suite("Frames and messages")
struct FrameTests {
    /// One byte at a time, as a slow network would, in odd pieces, and all at once.
    private static let pieces = [1, 2, 3, 7, 1000, 1_000_000]

    private func expect(
        _ bytes: [UInt8], _ events: [MessageAssembler.Event], refusal: UInt16? = nil, _ what: String,
        limits: WebSocketLimits = WebSocketLimits()
    ) {
        for size in Self.pieces {
            let reading = Reading(bytes, pieces: size, limits: limits)
            #expect(reading.events == events, "\(what), in pieces of \(size)")
            #expect(reading.refusal == refusal, "\(what), in pieces of \(size)")
        }
    }

    @Test("messages of every length that changes the header come through as they are")
    func lengths() {
        for length in [0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_537] {
            let text = String(repeating: "*", count: length)
            expect(Frames.text(text), [.message(.text(text))], "text of \(length)")
            let bytes = [UInt8](repeating: 0xfe, count: length)
            expect(Frames.frame(0x82, bytes), [.message(.binary(ByteBuffer(bytes: bytes)))], "binary of \(length)")
        }
    }

    @Test("pings of up to 125 bytes are told with their payload, longer ones refused, pongs taken")
    func pings() {
        for length in [0, 5, 125] {
            let payload = [UInt8](repeating: 0xfe, count: length)
            expect(Frames.frame(0x89, payload), [.ping(ByteBuffer(bytes: payload))], "ping of \(length)")
            expect(Frames.frame(0x8a, payload), [.pong], "pong of \(length)")
        }
        expect(Frames.frame(0x89, [UInt8](repeating: 1, count: 126)), [], refusal: 1002, "ping of 126")
    }

    @Test("reserved bits and reserved opcodes are refused, also behind a good message")
    func reserved() {
        for bits in 1...7 {
            for opcode in [0x1, 0x2, 0x8, 0x9, 0xa] {
                expect(Frames.frame(0x80 | UInt8(bits << 4) | UInt8(opcode)), [], refusal: 1002, "bits \(bits)")
            }
        }
        for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8] {
            expect(
                Frames.text("ok") + Frames.frame(0x80 | opcode, [1]), [.message(.text("ok"))], refusal: 1002,
                "opcode \(opcode)")
        }
    }

    @Test("fragments are put together, control frames between them are told at once")
    func fragments() {
        let parts =
            Frames.frame(0x01, Array("frag".utf8)) + Frames.frame(0x89, [1]) + Frames.frame(0x00)
            + Frames.frame(0x80, Array("ment".utf8))
        expect(parts, [.ping(ByteBuffer(bytes: [1])), .message(.text("fragment"))], "fragments")
        expect(Frames.frame(0x80, [1]), [], refusal: 1002, "continuation of nothing")
        expect(Frames.frame(0x00, [1]), [], refusal: 1002, "unfinished continuation of nothing")
        expect(
            Frames.frame(0x01, [0x61]) + Frames.text("b"), [], refusal: 1002, "new message within a message")
        expect(Frames.frame(0x09, [1]), [], refusal: 1002, "fragmented ping")
        expect(Frames.frame(0x0a, [1]), [], refusal: 1002, "fragmented pong")
    }

    @Test("close frames: codes that may be sent, and those that may not, and reasons that are text")
    func closes() {
        expect(Frames.frame(0x88), [.close(nil, reason: "")], "no code")
        expect(Frames.frame(0x88, [3]), [], refusal: 1002, "half a code")
        for code in 0...5100 {
            let body = [UInt8(code >> 8), UInt8(code & 0xff)]
            let isValid = [1000...1003, 1007...1014, 3000...4999].contains { $0.contains(code) }
            let reading = Reading(Frames.frame(0x88, body + Array("bye".utf8)), pieces: 1000)
            #expect((reading.refusal == nil) == isValid, "\(code)")
            if isValid {
                #expect(
                    reading.events == [.close(WebSocketCloseCode(rawValue: UInt16(code)), reason: "bye")], "\(code)")
            }
        }
        expect(Frames.frame(0x88, [3, 0xe8, 0xff]), [], refusal: 1007, "reason that is no text")
    }

    @Test("frames without mask, and lengths that lie, are refused before anything is allocated for them")
    func headers() {
        expect([0x81, 0x01, 0x61], [], refusal: 1002, "no mask")
        expect([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [], refusal: 1002, "top bit")
        expect([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], [], refusal: 1009, "2^63-1")
        expect([0x82, 0xfe, 0, 125, 0, 0, 0, 0], [], refusal: 1002, "16 bits for 125")
        expect([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0], [], refusal: 1002, "64 bits for 65535")
    }

    @Test("messages are bounded in size and in number of fragments, however they are cut")
    func bounds() {
        var limits = WebSocketLimits()
        limits.maximumMessageBytes = 1000
        limits.maximumFragments = 10
        let part = [UInt8](repeating: 0x61, count: 400)
        expect(Frames.frame(0x81, part + part + part), [], refusal: 1009, "one frame", limits: limits)
        expect(
            Frames.frame(0x01, part) + Frames.frame(0x00, part) + Frames.frame(0x80, part), [], refusal: 1009,
            "three frames", limits: limits)
        let many = Frames.frame(0x01) + (0..<20).flatMap { _ in Frames.frame(0x00) }
        expect(many, [], refusal: 1009, "empty fragments", limits: limits)
    }
}
