/// Builds one message: little-endian integers and length-prefixed strings, never more than a packet holds.
package struct MessageWriter: Sendable {
    private(set) package var bytes: [UInt8] = []

    package init() {
        bytes.reserveCapacity(256)
    }

    /// Appends `value` as little-endian two's complement of its own width.
    /// - Throws: when the message would exceed `WardenProtocolLimits.maximumMessageBytes`.
    package mutating func integer<T: FixedWidthInteger>(_ value: T, _ field: String) throws(ProtocolError) {
        let width = T.bitWidth / 8
        try reserve(width, field)
        var rest = UInt64(truncatingIfNeeded: value)
        for _ in 0..<width {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    /// Appends 1 or 0.
    package mutating func bool(_ value: Bool, _ field: String) throws(ProtocolError) {
        try integer(value ? UInt8(1) : 0, field)
    }

    /// Appends a 16-bit byte count and the UTF-8 of `value`.
    package mutating func string(_ value: String, _ field: String) throws(ProtocolError) {
        let utf8 = value.utf8
        guard let count = UInt16(exactly: utf8.count) else {
            throw ProtocolError(field: field, found: "\(utf8.count) bytes", allowed: "at most \(UInt16.max) bytes")
        }
        try integer(count, field)
        try reserve(utf8.count, field)
        bytes.append(contentsOf: utf8)
    }

    /// Appends a 16-bit count and the bytes.
    package mutating func data(_ value: [UInt8], _ field: String) throws(ProtocolError) {
        guard let count = UInt16(exactly: value.count) else {
            throw ProtocolError(field: field, found: "\(value.count) bytes", allowed: "at most \(UInt16.max) bytes")
        }
        try integer(count, field)
        try reserve(value.count, field)
        bytes.append(contentsOf: value)
    }

    /// Appends a 16-bit count and the strings.
    package mutating func strings(_ values: [String], _ field: String) throws(ProtocolError) {
        guard let count = UInt16(exactly: values.count) else {
            throw ProtocolError(field: field, found: "\(values.count) entries", allowed: "at most \(UInt16.max)")
        }
        try integer(count, field)
        for value in values { try string(value, field) }
    }

    private func reserve(_ count: Int, _ field: String) throws(ProtocolError) {
        // Neither operand can be near Int.max: `bytes` is bounded here and `count` is the size of a value in memory.
        guard bytes.count + count <= WardenProtocolLimits.maximumMessageBytes else {
            throw ProtocolError(
                field: field, found: "a message of \(bytes.count + count) bytes or more",
                allowed: "at most \(WardenProtocolLimits.maximumMessageBytes) bytes")
        }
    }
}
