internal import HTTPTypes

/// Identifies one request in logs and responses, so that its records can be joined.
enum RequestID {
    private static let maximumBytes = 64

    /// The id that the request carries, if it is safe to log, or a new one.
    static func of(_ headers: HTTPFields) -> String {
        if let given = headers[.requestID], (1...maximumBytes).contains(given.utf8.count),
            given.utf8.allSatisfy(isPlain)
        {
            return given
        }
        return make()
    }

    /// 16 hexadecimal digits.
    static func make() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
