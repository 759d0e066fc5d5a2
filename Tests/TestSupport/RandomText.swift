/// Text that looks random and is the same in every run, made of the pieces that parsers trip over.
package struct RandomText: Sendable {
    private var numbers: SeededGenerator

    /// - Parameter seed: any number; the same seed gives the same texts.
    package init(seed: UInt64) {
        numbers = SeededGenerator(seed: seed)
    }

    /// Any number.
    package mutating func next() -> UInt64 { numbers.next() }

    /// A number from 0 up to, and without, the bound.
    package mutating func below(_ bound: Int) -> Int { numbers.below(bound) }

    /// Up to so many of the pieces, one behind the other.
    package mutating func text(of pieces: [String], upTo count: Int) -> String {
        (0..<below(count + 1)).map { _ in pieces[below(pieces.count)] }.joined()
    }

    /// The text with one thing wrong: a byte changed, taken out, or put in.
    package mutating func mutated(_ text: String) -> String {
        var bytes = Array(text.utf8)
        let byte = UInt8(below(256))
        guard !bytes.isEmpty else { return String(decoding: [byte], as: UTF8.self) }
        let index = below(bytes.count)
        switch below(3) {
        case 0: bytes[index] = byte
        case 1: bytes.remove(at: index)
        default: bytes.insert(byte, at: index)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What is found where addresses, hosts and origins are expected.
    package static let networkPieces = [
        "1", "2", "255", "256", "127", "0", "0x7f", "01", "-1", "+1", ".", "..", ":", "::", "[", "]", "/", "//", "@",
        "%",
        "ffff", "fe80", "::ffff:", "%eth0", " ", "\t", ",", "\0", "\r\n", "localhost", "LOCALHOST", "example.org", "*",
        "http://", "https://", "null", "é", "\u{301}", "\u{212a}", "\u{ff11}", "🦆", "\u{202e}", ":80", ":65536", "#",
        "?",
    ]
}
