/// Writes the one part of JSON that is worth hand-written code: strings of megabytes.
package enum JSONWriter {
    static let digits = Array("0123456789abcdef".utf8)

    /// Appends a text in quotes.
    package static func append(_ text: String, to output: inout [UInt8]) {
        let span = text.utf8Span.span
        for index in span.indices where needsEscape(span[index]) { return append(Array(text.utf8), to: &output) }
        output.append(UInt8(ascii: "\""))
        output.append(contentsOf: text.utf8)
        output.append(UInt8(ascii: "\""))
    }

    /// Whether a byte of valid UTF-8 cannot stand in a string as it is.
    static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Appends a string in quotes. The bytes must be valid UTF-8; what needs no escape is copied in one piece.
    package static func append(_ text: [UInt8], to output: inout [UInt8]) {
        // Asked for only when it is needed: each request for room makes exactly that much.
        let wanted = output.count + text.count + 16
        if output.capacity < wanted { output.reserveCapacity(max(wanted, 2 * output.capacity)) }
        output.append(UInt8(ascii: "\""))
        var clean = 0
        for index in text.indices {
            let byte = text[index]
            guard needsEscape(byte) else { continue }
            output.append(contentsOf: text[clean..<index])
            clean = index + 1
            output.append(UInt8(ascii: "\\"))
            switch byte {
            case 0x08: output.append(UInt8(ascii: "b"))
            case 0x09: output.append(UInt8(ascii: "t"))
            case 0x0a: output.append(UInt8(ascii: "n"))
            case 0x0c: output.append(UInt8(ascii: "f"))
            case 0x0d: output.append(UInt8(ascii: "r"))
            case 0..<0x20:
                output.append(contentsOf: [
                    UInt8(ascii: "u"), 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)],
                ])
            default: output.append(byte)
            }
        }
        output.append(contentsOf: text[clean...])
        output.append(UInt8(ascii: "\""))
    }
}
