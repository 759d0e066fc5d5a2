/// Takes one message apart. Every read is bounds-checked; no input makes it trap.
package struct MessageReader: Sendable {
    private let bytes: [UInt8]
    private var position = 0

    /// - Throws: when there is nothing, or more than `WardenProtocolLimits.maximumMessageBytes`.
    package init(_ bytes: [UInt8]) throws(ProtocolError) {
        guard (1...WardenProtocolLimits.maximumMessageBytes).contains(bytes.count) else {
            throw ProtocolError(
                field: "message", found: "\(bytes.count) bytes",
                allowed: "1 to \(WardenProtocolLimits.maximumMessageBytes) bytes")
        }
        self.bytes = bytes
    }

    /// The next little-endian integer.
    package mutating func integer<T: FixedWidthInteger>(_ type: T.Type, _ field: String) throws(ProtocolError) -> T {
        let range = try take(T.bitWidth / 8, field)
        var value: UInt64 = 0
        var index = range.upperBound
        while index > range.lowerBound {
            index -= 1
            value = value << 8 | UInt64(bytes[index])
        }
        return T(truncatingIfNeeded: value)
    }

    /// The next byte, which must be 0 or 1.
    package mutating func bool(_ field: String) throws(ProtocolError) -> Bool {
        switch try integer(UInt8.self, field) {
        case 0: return false
        case 1: return true
        case let other: throw ProtocolError(field: field, found: "\(other)", allowed: "0 or 1")
        }
    }

    /// The next length-prefixed string, at most `limit` bytes of valid UTF-8 without NUL.
    package mutating func string(_ field: String, limit: Int) throws(ProtocolError) -> String {
        let count = Int(try integer(UInt16.self, field))
        guard count <= limit else {
            throw ProtocolError(field: field, found: "\(count) bytes", allowed: "at most \(limit) bytes")
        }
        let range = try take(count, field)
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw ProtocolError(field: field, found: "invalid UTF-8", allowed: "valid UTF-8")
        }
        try WireBounds.noNUL(text, field)
        return text
    }

    /// The next counted bytes, whatever they are.
    package mutating func data(_ field: String) throws(ProtocolError) -> [UInt8] {
        let count = Int(try integer(UInt16.self, field))
        return Array(bytes[try take(count, field)])
    }

    /// The next counted list of strings.
    package mutating func strings(
        _ field: String, count limit: Int, bytes stringLimit: Int
    ) throws(ProtocolError) -> [String] {
        let count = Int(try integer(UInt16.self, field))
        try WireBounds.count(count, atMost: limit, field)
        var values: [String] = []
        for _ in 0..<count { values.append(try string(field, limit: stringLimit)) }
        return values
    }

    /// - Throws: when bytes are left over.
    package func end() throws(ProtocolError) {
        guard position == bytes.count else {
            throw ProtocolError(field: "message", found: "\(bytes.count - position) trailing bytes", allowed: "none")
        }
    }

    private mutating func take(_ count: Int, _ field: String) throws(ProtocolError) -> Range<Int> {
        // `count` is an integer's width or a decoded UInt16, `position` at most bytes.count: no overflow.
        guard bytes.count - position >= count else {
            throw ProtocolError(
                field: field, found: "\(bytes.count - position) bytes left in the message", allowed: "\(count) bytes")
        }
        let start = position
        position += count
        return start..<position
    }
}
