import StrictJSON
import TestSupport
import Testing

@Suite struct StringTests {
    private func string(_ inside: [UInt8]) -> String? {
        let quote = [UInt8(ascii: "\"")]
        guard case .string(let text)? = try? JSONValue.parse(quote + inside + quote, limits: JSONLimits(bytes: 1 << 20))
        else { return nil }
        return text
    }

    /// RFC 3629, section 4, and nothing of the standard library.
    private func isUTF8(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while let lead = rest.popFirst() {
            let following: [ClosedRange<UInt8>]
            let tail: ClosedRange<UInt8> = 0x80...0xbf
            switch lead {
            case 0x00...0x7f: following = []
            case 0xc2...0xdf: following = [tail]
            case 0xe0: following = [0xa0...0xbf, tail]
            case 0xed: following = [0x80...0x9f, tail]
            case 0xe1...0xef: following = [tail, tail]
            case 0xf0: following = [0x90...0xbf, tail, tail]
            case 0xf1...0xf3: following = [tail, tail, tail]
            case 0xf4: following = [0x80...0x8f, tail, tail]
            default: return false
            }
            for range in following {
                guard let byte = rest.popFirst(), range.contains(byte) else { return false }
            }
        }
        return true
    }

    private func isPlain(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    @Test func everyPairOfBytesIsTakenExactlyWhenItIsUTF8() {
        var wrong: [[UInt8]] = []
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second]
                guard isPlain(bytes) else { continue }
                let text = string(bytes)
                if (text != nil) != isUTF8(bytes) || text.map({ Array($0.utf8) != bytes }) ?? false {
                    wrong.append(bytes)
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test func longerSequencesAreTakenExactlyWhenTheyAreUTF8() {
        let edges: [UInt8] = [
            0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
            0xf0,
            0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfe, 0xff,
        ]
        var numbers = SeededGenerator(seed: 7)
        var wrong: [[UInt8]] = []
        for _ in 0..<60_000 {
            let bytes = (0..<(3 + numbers.below(3))).map { _ in edges[numbers.below(edges.count)] }
            let text = string(bytes)
            if (text != nil) != isUTF8(bytes) || text.map({ Array($0.utf8) != bytes }) ?? false { wrong.append(bytes) }
        }
        #expect(wrong.isEmpty)
    }

    /// Bytes that are not UTF-8 are refused wherever they stand, also where no string is.
    @Test func badBytesOutsideOfStrings() {
        for byte in UInt8(0x80)...0xff {
            for document in [[byte], [0x31, byte], [byte, 0x31], [0x5b, byte, 0x5d], [0x7b, byte, 0x7d]] {
                #expect(throws: JSONError.self) { try JSONValue.parse(document, limits: JSONLimits(bytes: 64)) }
            }
        }
    }

    @Test func everyEscapeIsItsScalarUnlessItIsHalfAPair() {
        var wrong: [UInt32] = []
        for code in UInt32(0)...0xffff {
            let digits = String(code, radix: 16, uppercase: code % 2 == 0)
            let text = string(Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8))
            if text?.unicodeScalars.first != Unicode.Scalar(code) || (text?.unicodeScalars.count ?? 1) != 1 {
                wrong.append(code)
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test func pairsAreOneScalar() {
        var numbers = SeededGenerator(seed: 11)
        var codes: [UInt32] = [
            0x10000, 0x10001, 0x103ff, 0x10400, 0xffff, 0x1f600, 0xfffff, 0x100000, 0x10fffe, 0x10ffff,
        ]
        codes += (0..<2000).map { _ in 0x10000 + UInt32(numbers.below(0x100000)) }
        for code in codes where code >= 0x10000 {
            let high = String(0xd800 + (code - 0x10000) >> 10, radix: 16)
            let low = String(0xdc00 + (code - 0x10000) & 0x3ff, radix: 16)
            #expect(string(Array("\\u\(high)\\u\(low)".utf8))?.unicodeScalars.first == Unicode.Scalar(code))
        }
    }

    @Test func escapesAmongPlainText() {
        #expect(string(Array(#"a\nb\u00e9c\/d\"e"#.utf8)) == "a\nbéc/d\"e")
        #expect(string(Array(#"\\\\"#.utf8)) == "\\\\")
        #expect(string(Array(#"\\u0041"#.utf8)) == "\\u0041")
        #expect(string(Array("\\t".utf8)) == "\t")
    }
}
