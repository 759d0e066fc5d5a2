/// Bytes that are no text, as base64 (RFC 4648, section 4).
extension JSONWriter {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// How many bytes base64 takes in quotes.
    package static func base64Size(of content: [UInt8]) -> Int { (content.count + 2) / 3 * 4 + 2 }

    /// Appends bytes as base64 in quotes, padded.
    package static func appendBase64(_ content: [UInt8], to output: inout [UInt8]) {
        let wanted = output.count + base64Size(of: content)
        if output.capacity < wanted { output.reserveCapacity(max(wanted, 2 * output.capacity)) }
        func digit(_ bits: UInt32) -> UInt8 { alphabet[Int(bits & 63)] }
        output.append(UInt8(ascii: "\""))
        var index = 0
        while index < content.count {
            let left = min(content.count - index, 3)
            var bits: UInt32 = 0
            for offset in 0..<3 { bits = bits << 8 | (offset < left ? UInt32(content[index + offset]) : 0) }
            output.append(digit(bits >> 18))
            output.append(digit(bits >> 12))
            output.append(left > 1 ? digit(bits >> 6) : UInt8(ascii: "="))
            output.append(left > 2 ? digit(bits) : UInt8(ascii: "="))
            index += 3
        }
        output.append(UInt8(ascii: "\""))
    }
}
