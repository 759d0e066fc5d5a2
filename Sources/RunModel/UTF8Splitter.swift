/// Cuts a stream of bytes into chunks that do not end inside a character.
///
/// A read from a pipe may end in the middle of a character. Up to three bytes of an unfinished one wait for the next
/// chunk, so that text stays text on the wire. Bytes that can never become a character are not held back. One splitter
/// belongs to one stream; nothing is lost, added or reordered.
package struct UTF8Splitter: Sendable {
    private var carried: [UInt8] = []

    package init() {}

    /// What can go out now: everything carried so far and `bytes`, without an unfinished character at the end. An array that
    /// goes out as it came is not copied.
    package mutating func push(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var chunk = carried.isEmpty ? Array(bytes) : carried + bytes
        let unfinished = Self.unfinishedTail(of: chunk)
        guard unfinished > 0 else {
            carried = []
            return chunk
        }
        carried = Array(chunk.suffix(unfinished))
        chunk.removeLast(unfinished)
        return chunk
    }

    /// What is left when the stream has ended: at most three bytes.
    package mutating func flush() -> [UInt8] {
        defer { carried = [] }
        return carried
    }

    /// How many bytes at the end begin a character that more bytes could complete.
    private static func unfinishedTail(of bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }  // a continuation byte: its lead is further back
            guard let needed = length(ofLead: byte), needed > back else { return 0 }
            // The second byte decides overlong forms, surrogates and values beyond U+10FFFF.
            if back >= 2, !secondByte(bytes[bytes.count - back + 1], follows: byte) { return 0 }
            return back
        }
        return 0
    }

    private static func length(ofLead byte: UInt8) -> Int? {
        switch byte {
        case 0xc2...0xdf: 2
        case 0xe0...0xef: 3
        case 0xf0...0xf4: 4
        default: nil
        }
    }

    private static func secondByte(_ second: UInt8, follows lead: UInt8) -> Bool {
        switch lead {
        case 0xe0: second >= 0xa0
        case 0xed: second <= 0x9f
        case 0xf0: second >= 0x90
        case 0xf4: second <= 0x8f
        default: true
        }
    }
}
