import StrictJSON
import Testing

@Suite struct WriterTests {
    private func written(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONWriter.append(Array(text.utf8), to: &bytes)
        // Into memory that is there already, with its size known before.
        let size = JSONWriter.size(of: Array(text.utf8))
        let same = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = JSONWriter.write(Array(text.utf8), to: UnsafeMutableRawBufferPointer(buffer))
        }
        #expect(same == bytes && size == bytes.count)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func escapesWhatMustBe() {
        #expect(written("") == #""""#)
        #expect(written("a/é\u{2028}\u{7f}😀") == "\"a/é\u{2028}\u{7f}😀\"")
        #expect(written("\"\\\u{8}\t\n\u{c}\r") == #""\"\\\b\t\n\f\r""#)
        #expect(written("\u{0}\u{1f}\u{b}") == #""\u0000\u001f\u000b""#)
        #expect(written("a\nb\n") == #""a\nb\n""#)
    }

    @Test func appendsToWhatIsThere() {
        var bytes = Array("[".utf8)
        JSONWriter.append(Array("a".utf8), to: &bytes)
        JSONWriter.append(Array("\"".utf8), to: &bytes)
        #expect(bytes == Array(#"["a""\"""#.utf8))
    }

    @Test func everyScalarComesBack() throws {
        var scalars = String.UnicodeScalarView()
        for code in UInt32(0)...0x10ffff where code < 0x3000 || code % 101 == 0 {
            if let scalar = Unicode.Scalar(code) { scalars.append(scalar) }
        }
        let text = String(scalars)
        var bytes: [UInt8] = []
        JSONWriter.append(Array(text.utf8), to: &bytes)
        #expect(try JSONValue.parse(bytes, limits: JSONLimits(bytes: 1 << 20)) == .string(text))
    }
}
