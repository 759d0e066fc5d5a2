internal import NIOCore

/// Reads lines from a buffer: each ends in CRLF and contains no other CR, LF or NUL (RFC 9112, section 2.2). Each byte is
/// examined once, however small the pieces in which they arrive.
struct HTTPLines: Sendable {
    /// Bytes of the unfinished line that have been examined.
    private var scanned = 0

    /// The next line without its end; nil when more bytes are needed.
    ///
    /// - Parameters:
    ///   - limit: bytes of a line.
    ///   - tooLong: the error that is thrown for a longer one.
    mutating func next(
        _ buffer: inout ByteBuffer, limit: Int, tooLong: @autoclosure () -> HTTPRefusal
    ) throws(HTTPRefusal) -> [UInt8]? {
        let view = buffer.readableBytesView
        var index = scanned
        var end: Int?
        for byte in view.dropFirst(scanned) {
            if byte == UInt8(ascii: "\n") {
                end = index
                break
            }
            guard byte != 0 else { throw HTTPRefusal(400, "a NUL in the head") }
            index += 1
            guard index <= limit + 1 else { throw tooLong() }
        }
        guard let end else {
            scanned = index
            return nil
        }
        scanned = 0
        guard var line = buffer.readBytes(length: end + 1), end > 0, line[end - 1] == UInt8(ascii: "\r") else {
            throw HTTPRefusal(400, "a line that ends in LF without CR")
        }
        line.removeLast(2)
        guard !line.contains(UInt8(ascii: "\r")) else { throw HTTPRefusal(400, "a CR within a line") }
        return line
    }
}

/// The bytes that names and values may contain (RFC 9110, section 5.6.2; RFC 9112, section 3).
enum HTTPBytes {
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Visible, blank, or a byte of another encoding; no control character.
    static func isValue(_ byte: UInt8) -> Bool { byte >= 0x20 ? byte != 0x7f : byte == 0x09 }

    /// The bytes of a URI without fragment, and others that browsers do not encode.
    static func isTarget(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "#"): false
        case 0x21...0x7e: true
        default: false
        }
    }

    /// The bytes of a host name and its port (RFC 3986, section 3.2).
    static func isHost(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"),
            UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }

    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes = bytes.dropLast() }
        return bytes
    }
}
