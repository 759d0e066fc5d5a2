internal import FoundationEssentials

/// JSON as Nestbox writes it: keys sorted, one line, slashes not escaped. Equal values give equal bytes.
package enum JSONText {
    /// - Throws: what the value's own `encode(to:)` throws; values of this module throw nothing.
    package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
        if !pretty, let value = value as? any JSONWritable {
            var output = JSONBytes(size: value.jsonSize)
            value.write(to: &output)
            if output.isValid { return output.bytes }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return Array(try encoder.encode(value))
    }

    /// One line, with its newline, of a stream of JSON values (NDJSON).
    package static func line(_ value: some Encodable) throws -> [UInt8] {
        try encode(value) + [UInt8(ascii: "\n")]
    }

    /// - Throws: `DecodingError`, with the path of the key that was wrong.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}

extension Int64 {
    /// Nanoseconds as milliseconds, to the microsecond: what JSON shows of a duration.
    package var milliseconds: Double { (Double(self) / 1000).rounded() / 1000 }
}
