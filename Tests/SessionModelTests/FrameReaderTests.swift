import SessionModel
import TestSupport
import Testing

@Suite struct FrameReaderTests {
    private static func framed(_ records: [[UInt8]]) throws -> [UInt8] {
        try records.flatMap { try FrameReader.frame($0) }
    }

    @Test func recordsComeOutAsTheyWentInHoweverTheyAreCut() throws {
        var numbers = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let records = (0..<1 + numbers.below(8)).map { _ in
                (0..<1 + numbers.below(numbers.below(4) == 0 ? 70_000 : 40)).map { _ in UInt8(numbers.below(256)) }
            }
            let bytes = try Self.framed(records)
            var reader = FrameReader()
            var read: [[UInt8]] = []
            var index = 0
            while index < bytes.count {
                let count = min(1 + numbers.below(numbers.below(2) == 0 ? 3 : 65_536), bytes.count - index)
                reader.push(bytes[index..<index + count])
                index += count
                while let record = try reader.next() { read.append(record) }
            }
            #expect(read == records)
            #expect(!reader.isInside)
        }
    }

    @Test(arguments: [[0, 0, 0, 0], [0, 0x10, 0, 1], [0xff, 0xff, 0xff, 0xff]] as [[UInt8]])
    func aLengthThatNoRecordHasIsRefused(_ head: [UInt8]) {
        var reader = FrameReader()
        reader.push(head)
        #expect(throws: FrameReader.Oversized.self) { try reader.next() }
    }

    @Test func theLargestRecordIsRead() throws {
        let record = [UInt8](repeating: 7, count: FrameReader.maximumRecord)
        var reader = FrameReader()
        reader.push(try FrameReader.frame(record))
        #expect(try reader.next() == record)
        #expect(throws: FrameReader.Oversized.self) { try FrameReader.frame(record + [0]) }
        #expect(throws: FrameReader.Oversized.self) { try FrameReader.frame([]) }
    }

    @Test func halfARecordIsSeen() throws {
        var reader = FrameReader()
        #expect(!reader.isInside)
        reader.push([0, 0, 0, 2, 1])
        #expect(try reader.next() == nil)
        #expect(reader.isInside)
    }
}
