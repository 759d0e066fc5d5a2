/// The 512 bytes in front of every member of a tar archive (POSIX.1-1988 and GNU).
struct TarHeader {
    static let blockBytes = 512

    /// The member's type flag.
    let type: UInt8
    let path: [UInt8]
    let target: [UInt8]
    let size: Int64
    let mode: UInt32
    let modified: Int64

    /// - Throws: `badArchive` for a wrong checksum or a field that is no number.
    init(_ block: [UInt8]) throws(ImageError) {
        func field(_ range: Range<Int>) -> ArraySlice<UInt8> { block[range] }
        guard block.count == Self.blockBytes else { throw Self.malformed("a header is cut short") }
        let sum = try Self.number(field(148..<156), "checksum")
        var expected: Int64 = 8 * 0x20
        for (index, byte) in block.enumerated() where !(148..<156).contains(index) { expected += Int64(byte) }
        guard sum == expected else { throw Self.malformed("a header has a wrong checksum") }
        type = block[156]
        size = try Self.number(field(124..<136), "size")
        mode = UInt32(truncatingIfNeeded: try Self.number(field(100..<108), "mode") & 0o7777)
        modified = try Self.number(field(136..<148), "time")
        target = Self.text(field(157..<257))
        // Only the POSIX form has the prefix; GNU keeps other things there.
        let isPosix = field(257..<263).elementsEqual("ustar\0".utf8)
        let prefix = isPosix ? Self.text(field(345..<500)) : []
        let name = Self.text(field(0..<100))
        path = prefix.isEmpty ? name : prefix + [0x2f] + name
    }

    static func malformed(_ what: String) -> ImageError {
        ImageError(.badArchive, "the archive is malformed: \(what)")
    }

    /// The bytes before the first NUL.
    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] {
        Array(field.prefix { $0 != 0 })
    }

    /// Octal digits between blanks, or GNU's base 256 for what does not fit; never negative.
    private static func number(_ field: ArraySlice<UInt8>, _ name: String) throws(ImageError) -> Int64 {
        if let first = field.first, first & 0x80 != 0 {
            guard first == 0x80 else { throw malformed("a negative or huge \(name)") }
            return try value(field.dropFirst(), base: 256, name)
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard digits.allSatisfy({ (0x30...0x37).contains($0) }) else {
            throw malformed("a \(name) that is no octal number")
        }
        return try value(ArraySlice(digits.map { $0 - 0x30 }), base: 8, name)
    }

    private static func value(_ digits: ArraySlice<UInt8>, base: Int64, _ name: String) throws(ImageError) -> Int64 {
        var value: Int64 = 0
        for digit in digits {
            guard value < 1 << 52 else { throw malformed("a huge \(name)") }
            value = value * base + Int64(digit)
        }
        return value
    }
}
