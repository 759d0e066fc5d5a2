import RunModel
import TestSupport
import Testing

@Suite struct BinaryFrameTests {
    private func id(_ text: String = "00112233445566778899aabbccddeeff") throws -> RunID { try #require(RunID(text)) }

    @Test func theLayoutIsChannelIDSequenceBytes() throws {
        let frame = BinaryFrame(channel: .stderr, runID: try id(), sequence: 0x0102_0304_0506_0708, payload: [9, 10])
        #expect(
            frame.encoded == [
                2, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 1, 2,
                3, 4,
                5, 6, 7, 8, 9, 10,
            ])
        #expect(BinaryFrame(decoding: frame.encoded) == frame)
    }

    @Test func framesSurviveTheTrip() throws {
        var numbers = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            let frame = BinaryFrame(
                channel: try #require(BinaryFrame.Channel(rawValue: UInt8(numbers.below(3)))),
                runID: RunID(using: &numbers), sequence: Int64(numbers.next() >> 1),
                payload: (0..<numbers.below(50)).map { _ in UInt8(truncatingIfNeeded: numbers.next()) })
            #expect(BinaryFrame(decoding: frame.encoded) == frame)
        }
        let empty = BinaryFrame(channel: .stdin, runID: try id(), sequence: 0, payload: [])
        #expect(empty.encoded.count == BinaryFrame.headerBytes)
        #expect(BinaryFrame(decoding: empty.encoded) == empty)
    }

    /// Too short, an unknown channel, a number no sequence can have: no frame, and no trap.
    @Test func whatIsNoFrameIsNil() throws {
        let good = BinaryFrame(channel: .stdin, runID: try id(), sequence: 0, payload: []).encoded
        for count in 0..<good.count { #expect(BinaryFrame(decoding: Array(good.prefix(count))) == nil) }
        for channel in UInt8(3)...255 { #expect(BinaryFrame(decoding: [channel] + good.dropFirst()) == nil) }
        var negative = good
        negative[17] = 0x80
        #expect(BinaryFrame(decoding: negative) == nil)
        negative[17] = 0x7f
        #expect(BinaryFrame(decoding: negative) != nil)
    }

    @Test func idsAreSixteenBytesBothWays() throws {
        let bytes = (0..<16).map { UInt8($0 * 16 + (15 - $0)) }
        let made = try #require(RunID(bytes: bytes))
        #expect(made.description == "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
        #expect(made.bytes == bytes)
        #expect(RunID(bytes: bytes.dropLast()) == nil)
        #expect(RunID(bytes: bytes + [0]) == nil)
        #expect(RunID(bytes: []) == nil)
    }
}
