internal import FoundationEssentials

/// Which of the program's two outputs. A program on a terminal has only `stdout`.
package enum OutputStream: String, Sendable, Codable, CaseIterable {
    case stdout, stderr
}

/// Bytes a program wrote; in JSON as they are when they are valid UTF-8, as base64 when they are not.
package struct OutputText: Sendable, Equatable {
    package enum Encoding: String, Sendable, Codable {
        case utf8, base64
    }

    /// The bytes as the program wrote them.
    package private(set) var bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Puts what was written next behind it.
    package mutating func append(_ more: OutputText) { bytes += more.bytes }

    /// A text read from JSON; `nil` when it claims to be base64 and is not.
    package init?(data: String, encoding: Encoding) {
        switch encoding {
        case .utf8: bytes = Array(data.utf8)
        case .base64:
            // Foundation takes "====" and "AAAA=" for base64; only what it would write itself is (RFC 4648, section 4).
            guard let decoded = Data(base64Encoded: data), decoded.base64EncodedData().elementsEqual(data.utf8) else {
                return nil
            }
            bytes = Array(decoded)
        }
    }

    /// Whether the bytes are valid UTF-8. Looks at them in place.
    var isText: Bool {
        do {
            _ = try UTF8Span(validating: bytes.span)
            return true
        } catch {
            return false
        }
    }

    /// The bytes as text, whatever they are: what is not valid becomes U+FFFD.
    package var lossyText: String { String(decoding: bytes, as: UTF8.self) }

    /// What goes into JSON. Looked at only there: a front end that passes bytes on never pays for it.
    package var rendered: (data: String, encoding: Encoding) {
        if let text = String(validating: bytes, as: UTF8.self) { return (text, .utf8) }
        return (Data(bytes).base64EncodedString(), .base64)
    }
}
