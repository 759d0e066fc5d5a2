import RunModel
import Testing

@Suite struct UTF8SplitterTests {
    /// All the chunks a splitter lets go when `bytes` arrive cut at the given positions, and its flush.
    private func split(_ bytes: [UInt8], at cuts: [Int]) -> [[UInt8]] {
        var splitter = UTF8Splitter()
        var chunks: [[UInt8]] = []
        var start = 0
        for cut in cuts + [bytes.count] {
            chunks.append(splitter.push(bytes[start..<cut]))
            start = cut
        }
        chunks.append(splitter.flush())
        return chunks
    }

    @Test(arguments: ["é", "€", "😀", "a😀b€cé", "\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}"])
    func textStaysTextWhereverItIsCut(text: String) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            for second in cut...bytes.count {
                let chunks = split(bytes, at: [cut, second])
                #expect(chunks.flatMap { $0 } == bytes)
                #expect(chunks.allSatisfy { OutputText($0).rendered.encoding == .utf8 }, "cut at \(cut) and \(second)")
            }
        }
    }

    /// Output is copied from the read buffer into its event, and not once more by the splitter.
    @Test func aChunkOfWholeCharactersIsNotCopied() {
        let bytes = Array(repeating: UInt8(ascii: "x"), count: 100_000)
        var splitter = UTF8Splitter()
        for chunk in [splitter.push(bytes), splitter.push(bytes[...]), splitter.push(bytes.prefix(200_000))] {
            #expect(
                chunk.withUnsafeBufferPointer { $0.baseAddress } == bytes.withUnsafeBufferPointer { $0.baseAddress })
        }
    }

    @Test func anyBytesComeOutAsTheyWentIn() {
        var generator = SystemRandomNumberGenerator()
        // Bytes around the edges of UTF-8's forms, where a splitter goes wrong.
        let pool: [UInt8] = [
            0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xef,
            0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
        ]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...12, using: &generator)
            let bytes = (0..<count).map { _ in pool.randomElement(using: &generator) ?? 0 }
            let cuts = (0..<3).map { _ in Int.random(in: 0...count, using: &generator) }.sorted()
            var splitter = UTF8Splitter()
            var pushed = 0
            var got: [UInt8] = []
            var start = 0
            for cut in cuts + [count] {
                got += splitter.push(bytes[start..<cut])
                pushed = cut
                start = cut
                #expect(pushed - got.count <= 3, "more than three bytes carried of \(bytes)")
            }
            got += splitter.flush()
            #expect(got == bytes)
            // What is valid as a whole is valid in every piece.
            if String(validating: bytes, as: UTF8.self) != nil {
                #expect(split(bytes, at: cuts).allSatisfy { String(validating: $0, as: UTF8.self) != nil })
            }
        }
    }

    @Test(arguments: [[0xff], [0xc0], [0xe0, 0x80], [0xed, 0xa0], [0xf4, 0x90], [0xf5], [0x80]] as [[UInt8]])
    func bytesThatCannotBecomeTextAreNotHeldBack(bytes: [UInt8]) {
        var splitter = UTF8Splitter()
        #expect(splitter.push(bytes) == bytes)
        #expect(splitter.flush().isEmpty)
    }

    @Test func anUnfinishedCharacterAtTheEndIsFlushedAsBase64() {
        var splitter = UTF8Splitter()
        #expect(splitter.push([0x61, 0xf0, 0x9f, 0x98]) == [0x61])
        let rest = OutputText(splitter.flush())
        #expect(rest.rendered.encoding == .base64)
        #expect(rest.bytes == [0xf0, 0x9f, 0x98])
    }
}
